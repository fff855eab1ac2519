import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Day } from 'lockstep-exporter/catalogue';
import { dayOf } from 'lockstep-exporter/internal';
import { alertsIn, compareAlerts } from '../compat/alerts.js';
import type { BuiltBefore } from '../compat/built.js';
import { builtIn } from '../compat/built.js';
import type { Change } from '../compat/compare.js';
import { compareSnapshots } from '../compat/compare.js';
import { exemptChanges } from '../compat/exemptions.js';
import { comparePlaces, placesIn } from '../compat/places.js';
import { readSnapshot } from '../compat/read.js';
import { snapshotOf } from '../compat/snapshot.js';
import { severityLabel } from '../config/config.js';
import { SNAPSHOT_FILE } from '../docs/plan.js';
import type { Finding, FindingSeverity } from '../report/finding.js';
import { printFinding } from '../report/text.js';
import { SEVERITIES } from '../slo/burn.js';
import { commitOf, fileAt, filesWith } from './git.js';
import { configFolder, docsFolder, loadPlan, outputFolder } from './load.js';
import type { Format } from './print.js';
import { printLine, printOutcome, reportProblems } from './print.js';

export interface DiffOptions {
  readonly config?: string;
  readonly format: Format;
  readonly failOn: 'error' | 'warning';
  readonly today?: Day;
}

/**
 * `lockstep diff`: what has become of the metrics since a commit, and whether it was promised otherwise. Writes
 * nothing.
 */
export async function diff(ref: string, options: DiffOptions): Promise<number> {
  const { format } = options;
  const loaded = await loadPlan(options.config);
  if (loaded.config === undefined) return reportProblems('diff', loaded.problems, format);
  const { config, files } = loaded;
  const refuse = (where: string, found: string, fix: string) =>
    reportProblems('diff', [{ code: 'diff/usage', where, found, fix }], format);
  const folder = docsFolder(config, options.config);
  if (folder === undefined)
    return refuse(
      'lockstep.config › docs',
      'nothing',
      `name the folder for the documentation: what is compared is its ${SNAPSHOT_FILE}`,
    );
  const root = configFolder(options.config);
  const named = await commitOf(root, ref);
  if (!('commit' in named)) return refuse(ref, named.found, named.fix);
  const { commit } = named;
  const path = `${relative(root, folder).replaceAll('\\', '/')}/${SNAPSHOT_FILE}`;
  const text = await fileAt(root, commit, path);
  if (text === undefined)
    return refuse(
      `${ref} › ${path}`,
      'no such file',
      'compare with a commit that has it: `lockstep docs` writes it, and `lockstep check` keeps it true',
    );
  const before = readSnapshot(text, `${ref} › ${path}`);
  if (!('format' in before)) return reportProblems('diff', before, format);
  const out = outputFolder(undefined, options.config, config);
  const built = await builtAt(out, commit, config.source);
  const now = files.flatMap((each) => builtIn(each.text, config.source));
  const changes = exemptChanges(
    [
      ...compareSnapshots(before, snapshotOf(config.systems), options.today ?? dayOf(new Date())),
      ...compareAlerts(
        alertsIn(built),
        alertsIn(now),
        SEVERITIES.map((each) => severityLabel(config.target, each)),
      ),
      ...comparePlaces(built.flatMap(placesIn), now.flatMap(placesIn)),
    ],
    config.systems,
    config.target.exempt,
  );
  const findings = changes.map(toFinding);
  const isFailing = ({ severity }: Finding) =>
    severity === 'error' || (severity === 'warning' && options.failOn === 'warning');
  return printOutcome(
    { command: 'diff', ok: !findings.some(isFailing), findings, details: { ref } },
    format,
    () => {
      for (const each of findings) printLine(`${printFinding(each)}\n`);
      const count = (level: FindingSeverity) => findings.filter(({ severity }) => severity === level).length;
      const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
      printLine(
        changes.length === 0
          ? `the metrics, alerts and places are as at ${ref}`
          : `against ${ref}: ${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${plural(count('note'), 'note')}`,
      );
    },
    isFailing,
  );
}

/** The resources that were built at a commit; none where the files go to another repository. */
async function builtAt(out: string, commit: string, source: string): Promise<readonly BuiltBefore[]> {
  if (!existsSync(out)) return [];
  const found = await Promise.all(
    ['apiVersion: grafana.integreatly.org/', 'apiVersion: monitoring.coreos.com/'].map((text) =>
      filesWith(out, commit, text),
    ),
  );
  const paths = found.flat();
  const texts = await Promise.all(paths.map((path) => fileAt(out, commit, path)));
  return texts.flatMap((text) => (text === undefined ? [] : builtIn(text, source)));
}

function toFinding({ rule, level, metric, found, breaks, history, fix }: Change): Finding {
  return { id: rule, severity: level, where: metric, found, breaks, history, fix };
}
