import { made } from 'lockstep-exporter/internal';
import type { SloPanels } from '../panels/slo.js';
import { printNumber, printRounded } from '../promql/print.js';
import { durationSeconds } from '../promql/window.js';
import type { BurnWindow } from '../slo/burn.js';
import type { Slo } from '../slo/slo.js';
import { badWhen, budgetSpent, burnCondition, errorBudget, minimumEvents, printClaim, printSpent } from '../slo/slo.js';
import type { AlertRule, Look, OwnParts } from './alert.js';

/** The part of a burn rule's runbook that does not follow from the numbers. */
export interface BurnRunbook {
  /** The harm of bad events: who is hurt, and how. */
  readonly impact: string;
  /** The places to look at after the burn rate itself. */
  readonly firstLook: readonly Look[];
}

/**
 * The burn-rate rules of an SLO, one per window of its policy. Expression, threshold, claim, description and runbook
 * come from the same numbers.
 *
 * @param definition.title begins each rule's title, Pascal case: `FabSelfEvalBurn` gives `FabSelfEvalBurn1h`
 */
export function burnRules(
  slo: Slo,
  definition: {
    readonly system: string;
    readonly title: string;
    readonly component: string;
    readonly panels: SloPanels;
    readonly runbook: BurnRunbook;
  } & OwnParts,
): readonly AlertRule[] {
  const { panels, runbook, system, title, component, ...own } = definition;
  const hasPages = slo.policy.some(({ severity }) => severity === 'page');
  return slo.policy.map((window): AlertRule => {
    const ratio = printRounded(window.factor * errorBudget(slo) * 100);
    return made({
      uid: `${system}-${slo.name}-burn-${window.long}`,
      title: `${title}${window.long}`,
      node: burnCondition(slo, window).node,
      for: window.for,
      severity: window.severity,
      component,
      summary: `${system} is burning its error budget of ${slo.events} ${pace(window)}: ${printClaim(slo, window)}`,
      description: `More than ${ratio}% of ${slo.events} were ones ${badWhen(slo)}, over ${window.long} and over ${window.short}: ${printRounded(window.factor)} times what the objective of ${printNumber(slo.objective * 100)}% over ${slo.window} allows. Silent below ${minimumEvents(slo, window)} ${slo.events} in ${window.long}.`,
      panel: panels.burnOverTime,
      runbook: {
        impact: `${runbook.impact} ${urgency(slo, window)}`,
        firstLook: [
          { panel: panels.burnOverTime, say: 'since when, how steep, and is it over? It resolves by itself.' },
          { panel: panels.budget, say: 'what is left for the rest of the window.' },
          ...runbook.firstLook,
        ],
        silence:
          window.severity === 'page'
            ? `Only while somebody works on it, and for ${window.long} at most: by then another ${printSpent(budgetSpent(slo, window))} of the budget is gone. Never because it is noisy: then the objective or its events are wrong, and are changed in the definitions.`
            : `For as long as the cause is known and the fix is under way; a day at a time.${hasPages ? ' The paging rules of the same objective stay as they are.' : ''}`,
      },
      proof: [],
      emptyBecause: undefined,
      ...own,
      burn: { slo, window },
    });
  });
}

/** How a reader calls the speed, since the factor tells most people nothing. */
function pace({ factor }: BurnWindow): string {
  if (factor >= 10) return 'very fast';
  return factor >= 5 ? 'fast' : factor > 1 ? 'steadily' : 'slowly';
}

function urgency(slo: Slo, window: BurnWindow): string {
  const days = printNumber(
    Math.round(((durationSeconds(slo.window) ?? Number.NaN) / 86_400 / window.factor) * 10) / 10,
  );
  return window.factor > 1
    ? `Going on like this, the whole budget of ${slo.window} is gone in ${days} days at the latest.`
    : `Going on like this, the objective of ${printNumber(slo.objective * 100)}% over ${slo.window} is missed; no other rule says so.`;
}
