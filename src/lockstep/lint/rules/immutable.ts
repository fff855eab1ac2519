import { isRecord } from 'lockstep-exporter/internal';
import type { PlannedFile } from '../../emit/plan.js';
import { readYaml } from '../../read-yaml.js';
import type { Rule } from '../rule.js';

/**
 * Fields that the rules of the CRDs refuse to change once they are applied, and to add, and to take away
 * (`x-kubernetes-validations` of grafana-operator 5.23). The folder of a board is not among them.
 */
const IMMUTABLE: Readonly<Record<PlannedFile['resource']['kind'], readonly string[]>> = {
  GrafanaDashboard: ['uid', 'instanceSelector'],
  GrafanaAlertRuleGroup: ['folderRef', 'folderUID', 'editable', 'instanceSelector'],
  PrometheusRule: [],
  CronJob: [],
};
/** It may be switched on, and not off. */
const ONCE_ON = 'allowCrossNamespaceImport';

export const immutable: Rule = {
  severity: 'error',
  about:
    "A field that the CRDs refuse to change, to add or to take away (an alert group's `folderRef`, `folderUID` and `editable`, a dashboard's `uid`, the `instanceSelector` of both; `allowCrossNamespaceImport` where it is on) is not as it is checked in.",
  example: 'another `alertFolder` in the target; a board that was applied without `spec.uid`',
  fix: 'leave it, or delete the resource in the cluster first: docs/adopting.md has the order of steps',
  file: ({ path, resource }, { checkedIn }) => {
    const text = checkedIn.get(path);
    const before = text === undefined ? undefined : specOf(text);
    if (before === undefined) return [];
    const spec: Readonly<Record<string, unknown>> = { ...resource.spec };
    const fields = IMMUTABLE[resource.kind];
    return (fields.length > 0 && before[ONCE_ON] === true ? [...fields, ONCE_ON] : fields).flatMap((field) => {
      const [was, is] = [JSON.stringify(before[field]), JSON.stringify(spec[field])];
      if (was === is) return [];
      return [
        {
          at: is === undefined ? [] : ['spec', field],
          found: `${field} ${is ?? 'is gone'}, which is ${was ?? 'nothing'} where it is checked in`,
          fix: 'leave it: the cluster refuses the change. To take the resource over, delete it there first, and apply this one once it is gone',
        },
      ];
    });
  },
};

function specOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const resource = readYaml(text).value;
    if (typeof resource !== 'object' || resource === null || !('spec' in resource)) return undefined;
    return isRecord(resource.spec) ? resource.spec : undefined;
  } catch {
    // A file that cannot be read is drift, and `check` reports it.
    return undefined;
  }
}
