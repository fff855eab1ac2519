import { snapshotOf } from '../compat/snapshot.js';
import type { Config } from '../config/config.js';
import { runbookFile } from '../emit/alert-group.js';
import type { PlannedText } from '../emit/files.js';
import { markdownHeader } from '../emit/header.js';
import { printResource } from '../emit/yaml.js';
import { metricsPage } from './metrics.js';
import { runbookIndex, runbookPage } from './runbook.js';

/** The promise of the metrics, for `lockstep diff` to compare with. */
export const SNAPSHOT_FILE = 'catalogue.yaml';

/** Every page that `lockstep docs` writes, sorted by path below the folder of the documentation. */
export function planDocs({ source, systems, target }: Config): readonly PlannedText[] {
  const groups = systems.flatMap((system) => system.alerts.map((group) => ({ system, group })));
  const pages = [
    { path: 'metrics.md', body: metricsPage(systems) },
    { path: 'runbooks/README.md', body: runbookIndex(groups) },
    ...groups.flatMap(({ system, group }) =>
      group.rules.map((rule) => ({ path: `runbooks/${runbookFile(rule)}`, body: runbookPage(rule, system, target) })),
    ),
  ];
  const snapshot = { path: SNAPSHOT_FILE, text: printResource({ ...snapshotOf(systems) }, source, 'docs') };
  return [snapshot, ...pages.map(({ path, body }) => ({ path, text: `${markdownHeader(source)}\n${body}` }))].sort(
    (a, b) => (a.path < b.path ? -1 : 1),
  );
}
