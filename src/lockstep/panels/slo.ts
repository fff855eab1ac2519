import { printNumber, printRounded } from '../promql/print.js';
import type { Slo } from '../slo/slo.js';
import { badWhen, budgetRemaining, burnRate, errorBudget, sliValue } from '../slo/slo.js';
import { COLUMNS } from './layout.js';
import type { Colour, GaugePanel, Query, StatPanel, Thresholds, TimeseriesPanel } from './panel.js';
import { query } from './panel.js';

/** The panels of an SLO: where it stands, what is left, and how fast it burns. */
export interface SloPanels {
  readonly objective: StatPanel;
  readonly budget: GaugePanel;
  /** One stat per paging window of the policy, shortest first. */
  readonly burns: readonly StatPanel[];
  readonly burnOverTime: TimeseriesPanel;
}

/**
 * Panels for an SLO. They read the very selectors that its alert rules read, without any dashboard variable: what the
 * row shows is what is paged on, whatever the reader has chosen in the dropdowns.
 *
 * @param heading begins each title: `Self-eval`
 * @param options.burnWidth columns of the chart of the burn rates, of 24. Default: all
 * @param options.tileWidth columns of each stat and gauge. Default 6
 * @param options.cost what it costs to read the whole window at each refresh, where that is worth saying; the two
 *   panels that do so say it
 */
export function sloPanels(
  slo: Slo,
  heading: string,
  {
    cost,
    burnWidth = COLUMNS,
    tileWidth = 6,
  }: { readonly cost?: string; readonly burnWidth?: number; readonly tileWidth?: number } = {},
): SloPanels {
  const costs = cost === undefined ? '' : ` It reads the whole window at each refresh: ${cost}.`;
  const objective = printNumber(slo.objective * 100);
  const noEvents = `No ${slo.events}`;
  const noun = slo.events;
  const exemption = { 'lint/long-range': `the objective is over ${slo.window}, and nothing shorter shows it` };
  return {
    objective: {
      type: 'stat',
      title: `${heading} SLI, ${slo.window}`,
      description: `Share of ${noun} over ${slo.window} that are good, that is, all but those ${badWhen(slo)}. The objective is ${objective}%: below it the promise is broken. "${noEvents}" means that there was nothing to measure, which is not the same as healthy.${costs}`,
      unit: 'percentunit',
      width: tileWidth,
      height: 4,
      decimals: 2,
      noValue: noEvents,
      thresholds: { base: 'red', steps: [{ at: slo.objective, colour: 'green' }] },
      exempt: exemption,
      queries: [query(sliValue(slo, slo.window), `objective ${objective}%`)],
    },
    budget: {
      type: 'gauge',
      title: `${heading} budget left, ${slo.window}`,
      description: `The rest of the ${printNumber(errorBudget(slo) * 100)}% of ${noun} that may be bad in ${slo.window}. 100% is an untouched budget, 0% none; below 0% it is overspent, and the dial stays at its end. At 0%: stop what is risky, fix what fails.${costs}`,
      unit: 'percentunit',
      width: tileWidth,
      height: 4,
      min: 0,
      max: 1,
      decimals: 1,
      noValue: noEvents,
      thresholds: {
        base: 'red',
        steps: [
          { at: 0, colour: 'orange' },
          { at: 0.25, colour: 'yellow' },
          { at: 0.5, colour: 'green' },
        ],
      },
      exempt: exemption,
      queries: [query(budgetRemaining(slo), 'remaining')],
    },
    burns: pages(slo).map((rule, index) => ({
      type: 'stat',
      title: `${heading} ${index === 0 ? 'fast' : 'slow'} burn, ${rule.long}`,
      description: `How fast the error budget burns over ${rule.long}: 1 spends exactly all of it in ${slo.window}. Above ${printRounded(rule.factor)} over ${rule.long} and over ${rule.short} somebody is paged, if there was enough traffic to tell.`,
      unit: 'short',
      width: tileWidth,
      height: 4,
      decimals: 2,
      noValue: noEvents,
      thresholds: {
        base: 'green',
        steps: [
          { at: 1, colour: 'yellow' },
          { at: rule.factor, colour: 'red' },
        ],
      },
      queries: [query(burnRate(slo, rule.long), `burn over ${rule.long}`)],
    })),
    burnOverTime: {
      type: 'timeseries',
      title: `${heading} burn rate against its alert thresholds`,
      description: `Burn rate over the long window of each alert rule; the lines are the factors at which they fire (${slo.policy.map((rule) => `${rule.long}: ${printRounded(rule.factor)}`).join(', ')}). The shortest window shows since when, the longest whether it matters.`,
      unit: 'short',
      width: burnWidth,
      min: 0,
      minStep: '5m',
      softMax: Math.max(...slo.policy.map(({ factor }) => factor)),
      drawThresholds: true,
      thresholds: factorLines(slo),
      queries: burnQueries(slo),
    },
  };
}

function pages(slo: Slo) {
  return slo.policy.filter((rule) => rule.severity === 'page');
}

function burnQueries(slo: Slo): readonly [Query, ...Query[]] {
  const [first, ...rest] = slo.policy.map((rule) =>
    query(burnRate(slo, rule.long), `${rule.long}, ${rule.severity} above ${printRounded(rule.factor)}`),
  );
  if (first === undefined) throw new Error(`slo ${slo.name} has no burn-rate policy`);
  return [first, ...rest];
}

/** Tickets yellow and orange, pages red. */
function factorLines(slo: Slo): Thresholds {
  const factors = [...slo.policy].sort((a, b) => a.factor - b.factor);
  const colour = (severity: string, index: number): Colour =>
    severity === 'page' ? 'red' : index === 0 ? 'yellow' : 'orange';
  return {
    base: 'green',
    steps: factors.map((rule, index) => ({ at: rule.factor, colour: colour(rule.severity, index) })),
  };
}
