import { parse } from 'yaml';
import type { PromRule } from './promtool.js';

/** One alert of a built file, as a Prometheus evaluates it. */
export interface BuiltRule {
  /** Of which resource it is: what is built for Grafana is mapped, what is built for a ruler is taken as it stands. */
  readonly kind: 'GrafanaAlertRuleGroup' | 'PrometheusRule';
  readonly title: string;
  /** The alert, after the recording rules that it reads. */
  readonly rules: readonly PromRule[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The query whose value is compared too, as the panel beside the rule shows it. */
  readonly query: string | undefined;
}

/** The built rules, and the parts that cannot be mapped onto a rule test. */
export interface BuiltRules {
  readonly rules: readonly BuiltRule[];
  readonly unmapped: readonly string[];
}

/** The alerts of a built file; none, if it holds no rules. */
export function readRules(text: string): BuiltRules {
  const resource = parse(text) as { kind: string; spec: unknown };
  if (resource.kind === 'GrafanaAlertRuleGroup') return readAlertGroup(resource.spec as AlertGroupSpec);
  if (resource.kind === 'PrometheusRule') return readPrometheusRule(resource.spec as PrometheusRuleSpec);
  return { rules: [], unmapped: [] };
}

interface PrometheusRuleSpec {
  readonly groups: readonly { readonly interval: string; readonly rules: readonly PromRule[] }[];
}

function readPrometheusRule({ groups }: PrometheusRuleSpec): BuiltRules {
  const unmapped: string[] = [];
  const rules = groups.flatMap((group) => {
    const hasAlerts = group.rules.some(({ alert }) => alert !== undefined);
    if (hasAlerts && group.interval !== INTERVAL) unmapped.push(`interval ${group.interval}: ${INTERVALS}`);
    return group.rules.flatMap((rule): readonly BuiltRule[] => {
      const { alert, labels = {}, annotations = {} } = rule;
      if (alert === undefined) return [];
      return [
        {
          kind: 'PrometheusRule',
          title: alert,
          rules: [...recordedFor(rule, group.rules), rule],
          labels,
          annotations,
          query: undefined,
        },
      ];
    });
  });
  return { rules, unmapped };
}

/** The recording rules that a rule reads, and that those read, in the order of the group. */
function recordedFor(rule: PromRule, group: readonly PromRule[]): readonly PromRule[] {
  const needed = new Set<PromRule>();
  const add = ({ expr }: PromRule) => {
    for (const each of group)
      if (each.record !== undefined && !needed.has(each) && mentions(expr, each)) {
        needed.add(each);
        add(each);
      }
  };
  add(rule);
  return group.filter((each) => needed.has(each));
}

function mentions(expr: string, { record, labels = {} }: PromRule): boolean {
  const selector = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return expr.includes(`${record}{${selector.join(', ')}}`);
}

interface QueryCr {
  readonly refId: string;
  readonly model: {
    readonly expr?: string;
    readonly instant?: boolean;
    readonly type?: string;
    readonly expression?: string;
    readonly conditions?: readonly {
      readonly evaluator: { readonly type: string; readonly params: readonly number[] };
    }[];
  };
}

interface RuleCr {
  readonly uid: string;
  readonly title: string;
  readonly condition: string;
  readonly for: string;
  readonly keepFiringFor?: string;
  readonly noDataState: string;
  readonly execErrState: string;
  readonly isPaused: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: readonly QueryCr[];
}

interface AlertGroupSpec {
  readonly interval: string;
  readonly rules: readonly RuleCr[];
}

const INTERVAL = '1m';
const INTERVALS = 'rules are tested at one evaluation a minute';

/**
 * The rules of a `GrafanaAlertRuleGroup`.
 *
 * The mapping: the condition is a threshold `gt x` over one instant query, which is `expr > x`; no data is normal,
 * which is an expression that returns nothing; `for`, `keepFiringFor` and the interval are the same in both. lockstep
 * reports anything else, and guesses nothing.
 */
function readAlertGroup({ interval, rules: built }: AlertGroupSpec): BuiltRules {
  const unmapped: string[] = [];
  if (interval !== INTERVAL) unmapped.push(`interval ${interval}: ${INTERVALS}`);
  const rules = built.flatMap((rule): readonly BuiltRule[] => {
    const query = rule.data.find(({ model }) => model.expr !== undefined);
    const threshold = rule.data.find(({ refId }) => refId === rule.condition);
    const condition = threshold?.model.conditions?.[0]?.evaluator;
    const say = (what: string) => unmapped.push(`${rule.title}: ${what}`);
    if (query?.model.expr === undefined || query.model.instant !== true) say('it has no instant query');
    else if (
      threshold?.model.type !== 'threshold' ||
      threshold.model.expression !== query.refId ||
      condition?.type !== 'gt'
    )
      say('its condition is not a threshold "gt" over that query');
    else if (rule.noDataState !== 'OK') say(`noDataState ${rule.noDataState}`);
    else if (rule.isPaused) say('it is paused');
    else {
      const expr = `(${query.model.expr}) > ${condition.params[0]}`;
      return [
        {
          kind: 'GrafanaAlertRuleGroup',
          title: rule.title,
          rules: [
            {
              alert: rule.title,
              expr,
              for: rule.for,
              ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor }),
              labels: rule.labels,
            },
          ],
          labels: rule.labels,
          annotations: {},
          query: query.model.expr,
        },
      ];
    }
    return [];
  });
  return { rules, unmapped };
}
