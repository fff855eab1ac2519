import { refuse } from 'lockstep-exporter/internal';
import type { Panel } from '../panels/panel.js';
import { compare, mul, orZero } from '../promql/combine.js';
import type { Selectable, Series } from '../promql/expression.js';
import { increase, select } from '../promql/expression.js';
import { absentOverTime } from '../promql/over-time.js';
import { printSelector } from '../promql/print.js';
import { readsObservations } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds, printDuration } from '../promql/window.js';
import type { Slo } from '../slo/slo.js';
import { allEvents, measuredSeries } from '../slo/slo.js';
import type { AlertRule, OwnParts, Runbook } from './alert.js';
import { alertRule } from './alert.js';
import type { Scenario } from './scenario.js';
import { traffic } from './scenario.js';

interface AbsenceDefinition extends OwnParts {
  readonly uid: string;
  readonly title: string;
  readonly component: string;
  /** The panel on which the gap is seen. */
  readonly panel: Panel;
  readonly runbook: Runbook;
  /** How long nothing may be heard before somebody is told. */
  readonly window: Duration;
  readonly for: Duration;
}

/**
 * Tells when no series of a metric has been heard of in a window: without it every other rule is quiet, which reads as
 * healthy.
 */
export function absenceRule(
  series: Selectable,
  definition: AbsenceDefinition & { readonly system: string },
): AlertRule {
  const { system, window, ...rest } = definition;
  const all: Series = 'node' in series ? series : select(series, {});
  const name = printSelector(all.node);
  return alertRule({
    ...rest,
    expression: absentOverTime(all, window),
    severity: 'ticket',
    summary: `No metrics from ${system} for ${window}`,
    description: `No sample of ${name} for ${window}: ${system} does not run, or what it reports does not arrive. Until then every rule that reads it is blind, and silent.`,
    emptyBecause: 'absent_over_time returns nothing while there are metrics',
    proof: absenceScenarios(all, definition),
  });
}

/** In seconds: how long after its time a state is seen at the latest, whatever the step and the grain of a proof. */
const SLACK = 600;

function absenceScenarios(of: Series, definition: AbsenceDefinition): readonly Scenario[] {
  const window = seconds(definition.window);
  const kept = seconds(definition.keepFiringFor ?? '0s');
  const at = (share: number, plus = 0) => time(window * share + plus);
  // It fires before anything comes back, however long it is pending.
  const fired = 1.5 * window + seconds(definition.for) + SLACK;
  const back = Math.max(2 * window, fired);
  return [
    {
      name: 'it reports, though little happens',
      lasts: at(2),
      traffic: [heard(of, { every: at(0.25) })],
      fires: 'never',
    },
    {
      name: 'it falls silent for nearly the whole window, and comes back',
      lasts: at(2.5),
      traffic: [heard(of, { until: at(0.5) }), heard(of, { from: at(1.45) })],
      vanishes: at(0.5),
      fires: 'never',
    },
    {
      name: 'its metrics vanish',
      lasts: time(Math.max(back + 0.5 * window, back + kept + SLACK)),
      traffic: [heard(of, { until: at(0.5) }), heard(of, { from: time(back) })],
      vanishes: at(0.5),
      fires: { notBefore: at(1.5, -120), by: time(fired), overBy: time(back + kept + SLACK) },
    },
  ];
}

/**
 * Tells when the events of an SLO are missing though the system works: its traffic gate is then closed for ever, and
 * its rules are quiet for a reason that is none. That the system does not work at all is for {@link absenceRule} to
 * tell.
 *
 * @throws ProblemsError of an uptime, whose samples come whether there is work or not
 * @param definition.work   what is counted when the system works
 * @param definition.events what those are, plural: `sessions`
 * @param definition.fewest how many of them in the window without a single event of the SLO are no accident
 */
export function missingRule(
  slo: Slo,
  definition: AbsenceDefinition & {
    readonly work: Series<'counter'>;
    readonly events: string;
    readonly fewest: number;
  },
): AlertRule {
  const { work, events, fewest, window, ...rest } = definition;
  if (slo.sli.type === 'uptime')
    refuse([
      {
        code: 'alerts/missing-uptime',
        where: `alert ${definition.title}`,
        found: `missingRule() of ${slo.name}, an uptime: its samples come whether there is work or not`,
        fix: 'take absenceRule(measuredSeries(slo), …)',
      },
    ]);
  return alertRule({
    ...rest,
    expression: mul(
      compare(orZero(allEvents(slo, window)), '==', 0),
      // Half an event below, so that exactly as many pass and one fewer does not.
      compare(increase(work, window), '>', fewest - 0.5),
    ),
    severity: 'ticket',
    summary: `${slo.events} are not measured: none in ${window}, with ${fewest} ${events} or more`,
    description: `At least ${fewest} ${events} in ${window}, and none of the ${slo.events} that go with them: they are not given, or not recorded. Until they are, the objective of ${slo.events} is not measured, and its rules are silent.`,
    proof: missingScenarios(slo, definition),
  });
}

function missingScenarios(
  slo: Slo,
  definition: AbsenceDefinition & { readonly work: Series<'counter'>; readonly fewest: number },
): readonly Scenario[] {
  const { work, fewest } = definition;
  const window = seconds(definition.window);
  const pending = seconds(definition.for);
  const kept = seconds(definition.keepFiringFor ?? '0s');
  const at = (share: number, plus = 0) => time(window * share + plus);
  const measured = measuredSeries(slo);
  const some = { every: at(1 / 24) };
  const burst = (from: number, count: number) =>
    count > 0 ? [heard(work, { from: time(from), until: time(from + 60), count })] : [];
  const fired = 2 * window + pending + SLACK;
  const back = Math.max(3 * window, fired);
  // Both halves are in the window for as long as the rule is pending; where that leaves no time between them, there is
  // no such scenario.
  const apart = Math.min(0.75 * window, 0.95 * window - pending - 120);
  const second = 0.25 * window + apart;
  const halves: readonly Scenario[] =
    apart < 0.25 * window || fewest < 2
      ? []
      : [
          {
            name: 'exactly the minimum, unmeasured, half of them long ago',
            lasts: time(Math.max(2.25 * window, 1.25 * window + kept + SLACK)),
            traffic: [...burst(0.25 * window, Math.floor(fewest / 2)), ...burst(second, Math.ceil(fewest / 2))],
            fires: {
              notBefore: time(second - 60),
              by: time(Math.min(second + pending, 1.25 * window) + SLACK),
              overBy: at(1.25, kept + SLACK),
            },
          },
        ];
  return [
    {
      name: 'work goes on and is measured',
      lasts: at(2),
      traffic: [heard(work, some), heard(measured, some)],
      fires: 'never',
    },
    {
      name: 'what is measured stops, and work goes on',
      lasts: time(Math.max(back + 0.5 * window, back + 0.05 * window + kept + SLACK)),
      traffic: [
        heard(work, { ...some, count: fewest }),
        heard(measured, { ...some, until: at(1) }),
        heard(measured, { ...some, from: time(back) }),
      ],
      fires: { notBefore: at(1.95), by: time(fired), overBy: time(back + 0.05 * window + kept + SLACK) },
    },
    {
      name: 'one below the minimum, unmeasured',
      lasts: at(1.5),
      traffic: burst(0.25 * window, fewest - 1),
      fires: 'never',
    },
    ...halves,
    {
      name: 'a busy day that was measured, and then too little to tell',
      lasts: at(3),
      traffic: [
        heard(work, { ...some, until: at(0.5), count: fewest }),
        heard(measured, { ...some, until: at(0.5) }),
        ...burst(2 * window, fewest - 1),
      ],
      fires: 'never',
    },
    {
      name: 'nothing runs',
      lasts: at(1.5),
      traffic: [heard(work, { until: at(0.1) }), heard(measured, { until: at(0.1) })],
      vanishes: at(0.1),
      fires: 'never',
    },
  ];
}

/** Traffic of a counter; or of a histogram, whatever it observes. */
function heard(of: Series, how: Parameters<typeof traffic>[1] = {}): ReturnType<typeof traffic> {
  const value = of.node.metric.bounds[0] ?? (readsObservations(of.node) ? 1 : undefined);
  return traffic(of, value === undefined ? how : { value, ...how });
}

/** A time of a scenario. It is a second at least: no duration is 0 or less. */
function time(value: number): Duration {
  return printDuration(Math.max(1, Math.round(value)));
}

/** A time that is none is refused where it stands; its scenarios are then of an hour, so that it is told once. */
function seconds(duration: Duration): number {
  return durationSeconds(duration) ?? 3600;
}
