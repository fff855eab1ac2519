import { isRecord, printValue } from 'lockstep-exporter/internal';
import type { GrafanaFields } from '../existing/board.js';
import type { ExistingGroup, ExistingRule, ExistingRulesDefinition } from '../existing/rules.js';
import type { Finding } from '../report/finding.js';
import { texts } from './fields.js';
import type { RulesSource } from './sources.js';

/** Rules as a definition without its catalogue. */
export type RulesData = Omit<ExistingRulesDefinition, 'catalogue'>;

export interface ReadRules {
  readonly rules: RulesData;
  readonly findings: readonly Finding[];
}

const RULE_KEYS = ['alert', 'record', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/**
 * The definition of groups of Prometheus rules.
 *
 * @param name the resource's name
 */
export function readRules({ where, groups, labels }: RulesSource, name: string): ReadRules {
  const findings: Finding[] = [];
  const note = (id: string, place: string, found: string, fix: string, severity: Finding['severity'] = 'warning') =>
    findings.push({ id: `import/${id}`, severity, where: place, found, fix });
  const read = groups.flatMap((group, index): readonly ExistingGroup[] => {
    const at = `${where} › group ${isRecord(group) ? String(group['name'] ?? index + 1) : index + 1}`;
    if (!isRecord(group) || typeof group['name'] !== 'string' || !Array.isArray(group['rules'])) {
      note('group', at, `${printValue(group)}, which is not a group`, 'give it a name and a list of rules', 'error');
      return [];
    }
    const { name: own, interval, rules, ...rest } = group;
    return [
      {
        name: own as string,
        ...(typeof interval === 'string' ? { interval } : {}),
        rules: (rules as readonly unknown[]).flatMap((rule, which) =>
          readRule(rule, `${at} › rule ${which + 1}`, note),
        ),
        ...(Object.keys(rest).length === 0 ? {} : { model: rest }),
      },
    ];
  });
  return { rules: { name, ...(Object.keys(labels).length === 0 ? {} : { labels }), groups: read }, findings };
}

type Note = (id: string, place: string, found: string, fix: string, severity?: Finding['severity']) => void;

function readRule(rule: unknown, where: string, note: Note): readonly ExistingRule[] {
  const isNamed = isRecord(rule) && (typeof rule['alert'] === 'string') !== (typeof rule['record'] === 'string');
  // YAML reads an expression such as `1` as a number.
  const expr = isRecord(rule) ? rule['expr'] : undefined;
  if (!isNamed || (typeof expr !== 'string' && typeof expr !== 'number')) {
    note('rule', where, 'neither an alert nor a recording rule with an expression', 'correct the file', 'error');
    return [];
  }
  const { alert, record } = rule;
  for (const field of Object.keys(rule).filter((key) => !RULE_KEYS.includes(key)))
    note('field', where, `a field ${field}, which Prometheus does not have`, 'it is left out', 'error');
  return [
    {
      ...(typeof alert === 'string' ? { alert } : {}),
      ...(typeof record === 'string' ? { record } : {}),
      promql: String(expr),
      ...pick('for', rule['for']),
      ...pick('keepFiringFor', rule['keep_firing_for']),
      ...texts('labels', rule['labels']),
      ...texts('annotations', rule['annotations']),
    },
  ];
}

function pick<K extends string>(key: K, value: unknown): { readonly [Key in K]?: string } {
  return typeof value === 'string' || typeof value === 'number'
    ? ({ [key]: String(value) } as { readonly [Key in K]?: string })
    : {};
}

/** A rule as the file has it, for comparison. */
export function normalRule(rule: GrafanaFields): GrafanaFields {
  const { expr, labels, annotations, ...rest } = rule;
  return {
    ...rest,
    expr: String(expr).trim(),
    labels: isRecord(labels) ? labels : {},
    annotations: isRecord(annotations) ? annotations : {},
  };
}
