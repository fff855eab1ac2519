import { isRecord, LINT_RULES } from 'lockstep-exporter/internal';
import { largestOf } from '../emit/target.js';
import { readYaml } from '../read-yaml.js';
import type { LintFinding } from './finding.js';
import type { Subject } from './subject.js';

/** From here on a resource is soon too large. */
const NEARLY = 0.9;
/**
 * Fields that the rules of the CRDs refuse to change once they are applied, and to add, and to take away
 * (`x-kubernetes-validations` of grafana-operator 5.23). The folder of a board is not among them.
 */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  GrafanaDashboard: ['uid', 'instanceSelector'],
  GrafanaAlertRuleGroup: ['folderRef', 'folderUID', 'editable', 'instanceSelector'],
};
/** It may be switched on, and not off. */
const ONCE_ON = 'allowCrossNamespaceImport';

/** Findings about resources as such: their size, and what of them must not change. */
export function lintFiles({ config, files, checkedIn, taken }: Subject): readonly LintFinding[] {
  const { bytes, why } = largestOf(config.target);
  const clashes = taken.map(
    ({ path, name, other }): LintFinding => ({
      rule: 'lint/name-taken',
      severity: LINT_RULES['lint/name-taken'],
      file: path,
      path: [],
      owner: '',
      found: `${name}, which ${other} has too`,
      fix: 'delete or rename the other one: kustomize refuses the second of a name, and two of a uid overwrite each other in Grafana',
    }),
  );
  const own = files.flatMap((file): readonly LintFinding[] => {
    const findings: LintFinding[] = [];
    if (file.appliedBytes > NEARLY * bytes)
      findings.push({
        rule: 'lint/large',
        severity: LINT_RULES['lint/large'],
        file: file.path,
        path: [],
        owner: '',
        found: `${file.appliedBytes} bytes of at most ${bytes}: ${why}`,
        fix: 'split it before it outgrows that: the next panel may be the one that cannot be applied',
      });
    const text = checkedIn.get(file.path);
    const before = text === undefined ? undefined : specOf(text);
    const { kind, spec } = file.resource as { kind?: string; spec?: Readonly<Record<string, unknown>> };
    if (before === undefined || spec === undefined) return findings;
    const fields = IMMUTABLE[kind ?? ''] ?? [];
    for (const field of fields.length > 0 && before[ONCE_ON] === true ? [...fields, ONCE_ON] : fields) {
      const [was, is] = [before[field], spec[field]];
      if (JSON.stringify(was) === JSON.stringify(is)) continue;
      findings.push({
        rule: 'lint/immutable',
        severity: LINT_RULES['lint/immutable'],
        file: file.path,
        path: is === undefined ? [] : ['spec', field],
        owner: '',
        found: `${field} ${JSON.stringify(is) ?? 'is gone'}, which is ${JSON.stringify(was) ?? 'nothing'} where it is checked in`,
        fix: 'leave it: the cluster refuses the change. To take the resource over, delete it there first, and apply this one once it is gone',
      });
    }
    return findings;
  });
  return [...clashes, ...own];
}

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
