import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { sweepPushgateway } from '../../src/exporter/pushgateway/sweep.js';
import { createFabExporter } from '../../src/fab/exporter.js';
import { pause } from './processes.js';
import { startPushgateway } from './servers.js';

const program = inject('engines')['pushgateway'];

describe.runIf(program !== undefined)('a real Pushgateway', () => {
  const fab = (url: string, serviceName: string) =>
    createFabExporter({ transports: ['pushgateway'], pushgatewayUrl: url, serviceName, environment: {} });

  it('keeps a group for each start, until those that have ended are swept, and nobody else’s', {
    timeout: 30_000,
  }, async () => {
    const gateway = await startPushgateway(program ?? '');
    try {
      // What needs escaping in a path is carried through it.
      const names = ['fab', 'fab', 'a/b ü?#'];
      for (const name of names) {
        const exporter = fab(gateway.url, name);
        await exporter.start();
        exporter.recordSession({ role: 'product' });
        await exporter.shutdown();
      }
      await fetch(`${gateway.url}/metrics/job/somebody`, { method: 'POST', body: 'x 1\n' });
      const jobs = async () =>
        [...(await (await fetch(`${gateway.url}/metrics`)).text()).matchAll(/^push_time_seconds\{.*job="([^"]*)"/gm)]
          .map(([, job]) => job)
          .sort();
      expect(await jobs()).toEqual(['a/b ü?#', 'fab', 'fab', 'somebody']);
      await pause(1100);
      const living = fab(gateway.url, 'fab');
      await living.start();
      living.recordSession({ role: 'product' });
      await living.flush();
      expect(await sweepPushgateway({ url: gateway.url, olderThanSeconds: 1, dryRun: true })).toHaveLength(3);
      expect(await sweepPushgateway({ url: gateway.url, olderThanSeconds: 1, job: 'a/b ü?#' })).toHaveLength(1);
      const cli = join(import.meta.dirname, '..', '..', 'src', 'lockstep', 'dist', 'cli.js');
      const words = [cli, 'sweep', '--pushgateway', `${gateway.url}/`, '--older-than', '1s'];
      expect(execFileSync(process.execPath, words, { encoding: 'utf8' })).toMatch(/2 groups deleted\n$/);
      expect(await jobs()).toEqual(['fab', 'somebody']);
      await living.shutdown();
    } finally {
      await gateway.stop();
    }
  });
});
