import { secretsOf, showAddress, showError } from 'lockstep-exporter/internal';
import { sweepPushgateway } from 'lockstep-exporter/sweep';
import { durationSeconds } from '../promql/window.js';
import { EXIT, printLine } from './print.js';

export interface SweepCommandOptions {
  readonly pushgateway: string;
  readonly olderThan: string;
  readonly job?: string;
  readonly dryRun?: boolean;
}

/** `lockstep sweep`: deletes the groups that ended processes have left in a Pushgateway. */
export async function sweep(options: SweepCommandOptions): Promise<number> {
  const { pushgateway: url, job, dryRun = false } = options;
  const olderThanSeconds = durationSeconds(options.olderThan) ?? Number.NaN;
  try {
    const swept = await sweepPushgateway({ url, job, dryRun, olderThanSeconds });
    for (const { labels, age } of swept)
      printLine(
        // The labels are another program's.
        `${dryRun ? 'stale  ' : 'deleted'}  ${showError(
          Object.entries(labels)
            .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
            .join(' '),
        )}  last pushed to ${Math.round(age)} s ago`,
      );
    printLine(`${swept.length} ${swept.length === 1 ? 'group' : 'groups'} ${dryRun ? 'to delete' : 'deleted'}`);
    return EXIT.fine;
  } catch (error) {
    const reason = showError(error, secretsOf(url));
    process.stderr.write(
      `error[sweep/pushgateway] ${showAddress(url)}\n  found    ${reason}\n` +
        '  fix      give the address of a Pushgateway that can be reached: http://host:9091\n',
    );
    return EXIT.badInput;
  }
}
