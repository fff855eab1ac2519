import { printValue, suggest } from 'lockstep-exporter/internal';
import type { Rule } from '../rule.js';

export const undeclaredResource: Rule = {
  severity: 'warning',
  about:
    'A resource names a folder, a data source or a Grafana, the files next to it declare some of that kind (`GrafanaFolder`, `GrafanaDatasource`, `Grafana`), and none of them is the one. Without its folder no rule of a group is sent at all; without a Grafana that has the labels nothing is. Where no file declares any of a kind, it may be declared elsewhere, and is not judged.',
  example: "`alertFolder: 'slo-alert'` next to a `GrafanaFolder` that is called `slo-alerts`",
  fix: 'correct the name in the target, or add the resource',
  file: (file, { declared, config }) => {
    if (file.kind !== 'board' && file.kind !== 'group') return [];
    const { folders, datasources, grafanas } = declared;
    const { folderRef, instanceSelector } = file.resource.spec;
    const { datasource, folder, alertFolder } = config.target;
    // A board or group that stood already may have a folder of its own.
    const [field, ours] = file.kind === 'group' ? ['alertFolder', alertFolder] : ['folder', folder];
    const named = folderRef === ours ? `target › ${field}, the folder` : 'the folder';
    const missing = (at: readonly string[], what: string, name: string, known: readonly string[]) => ({
      at,
      found: `${what} ${printValue(name)}, which no file here declares`,
      fix: suggest(name, known, `correct it in the target, or add the resource; declared is ${known.join(', ')}`),
    });
    const hasLabels = (labels: Readonly<Record<string, unknown>>) =>
      Object.entries(instanceSelector.matchLabels).every(([name, value]) => labels[name] === value);
    return [
      ...(folderRef === undefined || folders.length === 0 || folders.includes(folderRef)
        ? []
        : [missing(['spec', 'folderRef'], named, folderRef, folders)]),
      ...(file.kind !== 'group' || datasources.length === 0 || datasources.includes(datasource)
        ? []
        : [missing([], 'target › datasource,', datasource, datasources)]),
      ...(grafanas.length === 0 || grafanas.some(hasLabels)
        ? []
        : [
            {
              at: ['spec', 'instanceSelector'],
              found: `target › instanceSelector, ${printValue(instanceSelector.matchLabels)}, which no Grafana here has`,
              fix: `correct it, or add the labels; those here have ${grafanas.map(printValue).join(' and ')}`,
            },
          ]),
    ];
  },
};
