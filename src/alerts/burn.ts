import type { SloPanels } from '../panels/slo.js';
import { printNumber } from '../promql/print.js';
import type { Slo } from '../slo/slo.js';
import { badWhen, budgetSpent, burnCondition, errorBudget, minimumEvents, printClaim } from '../slo/slo.js';
import type { AlertRule } from './alert.js';

/**
 * The burn-rate rules of an SLO, one per window of its policy. Expression, threshold, claim and description come from the same numbers.
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
  },
): readonly AlertRule[] {
  return slo.policy.map((rule) => {
    const ratio = printNumber(rule.factor * errorBudget(slo) * 100);
    return {
      uid: `${definition.system}-${slo.name}-burn-${rule.long}`,
      title: `${definition.title}${rule.long}`,
      node: burnCondition(slo, rule).node,
      for: rule.for,
      severity: rule.severity,
      component: definition.component,
      summary: `Error budget of ${slo.events} burns: ${printClaim(slo, rule)}`,
      description: `More than ${ratio}% of ${slo.events} were ones ${badWhen(slo)}, over ${rule.long} and over ${rule.short}: ${printNumber(rule.factor)} times what the objective of ${printNumber(slo.objective * 100)}% over ${slo.window} allows. Silent below ${minimumEvents(slo, rule)} ${slo.events} in ${rule.long}.`,
      panel: definition.panels.burnOverTime,
      emptyBecause: undefined,
      claim: { spent: budgetSpent(slo, rule), factor: rule.factor, long: rule.long },
    };
  });
}
