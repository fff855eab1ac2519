import { parse } from 'yaml';

/** One rule of a built alert group, as a Prometheus would evaluate it. */
export interface BuiltRule {
  readonly uid: string;
  readonly title: string;
  /** The query, as the panel beside the rule would show it. */
  readonly query: string;
  /** What is true while the rule holds. */
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A group as it was built, and what of it cannot be mapped onto a rule test. */
export interface BuiltGroup {
  readonly rules: readonly BuiltRule[];
  readonly unmapped: readonly string[];
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
  readonly noDataState: string;
  readonly execErrState: string;
  readonly isPaused: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly data: readonly QueryCr[];
}

/**
 * The rules of a built `GrafanaAlertRuleGroup`, out of its YAML.
 *
 * What is mapped: the condition is a threshold `gt x` over one instant query, which is `expr > x`; no data is normal, which is an expression that returns
 * nothing; `for` and the interval are the same in both. Anything else is told and not guessed.
 */
export function readAlertGroup(text: string): BuiltGroup {
  const { spec } = parse(text) as { spec: { interval: string; rules: readonly RuleCr[] } };
  const unmapped: string[] = [];
  if (spec.interval !== '1m') unmapped.push(`interval ${spec.interval}: rules are tested at one evaluation a minute`);
  const rules = spec.rules.flatMap((rule): readonly BuiltRule[] => {
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
      say('its condition is no threshold "gt" over that query');
    else if (rule.noDataState !== 'OK') say(`noDataState ${rule.noDataState}`);
    else if (rule.isPaused) say('it is paused');
    else
      return [
        {
          uid: rule.uid,
          title: rule.title,
          query: query.model.expr,
          expr: `(${query.model.expr}) > ${condition.params[0]}`,
          for: rule.for,
          labels: rule.labels,
        },
      ];
    return [];
  });
  return { rules, unmapped };
}
