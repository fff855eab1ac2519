import type { Metric } from 'lockstep-exporter/catalogue';
import { allMetrics } from 'lockstep-exporter/internal';
import type { AlertRule } from '../alerts/alert.js';
import type { Config } from '../config/config.js';
import { severityLabel } from '../config/config.js';
import { panelsOf } from '../panels/dashboard.js';
import { printNumber } from '../promql/print.js';
import type { Slo } from '../slo/slo.js';

/** Names that a page may mention, by their kind. */
export const NAME_KINDS = ['alert', 'metric', 'panel'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** All that a page may say of the definitions. */
export interface Facts {
  /** Texts by their key: `objective shop sales` is `95%`. */
  readonly values: ReadonlyMap<string, string>;
  readonly names: Readonly<Record<NameKind, ReadonlySet<string>>>;
}

const isOfTarget = ({ foreign }: Metric, label: string) => foreign?.targetLabels.includes(label) === true;

/** The facts of a configuration: of its metrics, objectives, alerts and boards. */
export function factsOf({ systems, target }: Config): Facts {
  const values = new Map<string, string>();
  const names = { alert: new Set<string>(), metric: new Set<string>(), panel: new Set<string>() };
  for (const { catalogue, alerts, dashboards } of systems) {
    const system = catalogue.name;
    const rules = alerts.flatMap((group) => group.rules);
    const panels = dashboards.flatMap(panelsOf);
    values.set(`count metrics ${system}`, String(Object.keys(catalogue.metrics).length));
    values.set(`count alerts ${system}`, String(rules.length));
    values.set(`count panels ${system}`, String(panels.length));
    for (const { title } of panels) names.panel.add(title);
    for (const metric of allMetrics(catalogue)) {
      names.metric.add(metric.name);
      // Labels that scraping adds are nobody's to record.
      const labels = metric.labels.map(({ name }) => name).filter((name) => !isOfTarget(metric, name));
      values.set(`series ${metric.name}`, labels.length === 0 ? metric.name : `${metric.name}{${labels.join(', ')}}`);
      values.set(`unit ${metric.name}`, metric.unit);
      values.set(`help ${metric.name}`, metric.help);
      if (metric.bounds.length > 0) values.set(`bounds ${metric.name}`, metric.bounds.map(printNumber).join(', '));
      for (const { name, values: known } of metric.labels)
        if (known !== undefined) values.set(`values ${metric.name} ${name}`, known.join(', '));
    }
    for (const rule of rules) addRule(rule);
    for (const slo of new Set(rules.flatMap(({ burn }) => (burn === undefined ? [] : [burn.slo])))) addSlo(slo, system);
  }
  return { values, names };

  function addRule(rule: AlertRule): void {
    names.alert.add(rule.title);
    values.set(`for ${rule.title}`, rule.for);
    values.set(`severity ${rule.title}`, severityLabel(target, rule.severity));
    values.set(`summary ${rule.title}`, rule.summary);
  }

  function addSlo({ name, objective, window }: Slo, system: string): void {
    // A budget of 5% is not one of 5.000000000000004%.
    const percent = (share: number) => `${printNumber(Number((share * 100).toPrecision(12)))}%`;
    values.set(`objective ${system} ${name}`, percent(objective));
    values.set(`budget ${system} ${name}`, percent(1 - objective));
    values.set(`window ${system} ${name}`, window);
  }
}
