import type { Problem } from 'lockstep-exporter/internal';
import { definitionPath } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import { printSelector } from '../promql/print.js';
import { selections } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { budgetSpent, printSpent } from '../slo/slo.js';

/**
 * Whether each burn rule's claim (`2% in 1h`) is what a reader of board and rule together would compute: factor x long
 * window / the longest window that a panel applies to the same selector, text for text. A board that shows another
 * window than the SLO's, or spells the selector in another way, makes the claim unverifiable or wrong.
 */
export function validateClaims(system: System): Problem[] {
  const longest = longestWindows(system);
  return system.alerts.flatMap((group) =>
    group.rules.flatMap((rule): Problem[] => {
      if (rule.burn === undefined) return [];
      const { slo, window: burn } = rule.burn;
      const claimed = budgetSpent(slo, burn);
      const where = definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title, 'summary');
      const found = `${printSpent(claimed)} of the budget in ${burn.long}`;
      const long = durationSeconds(burn.long) ?? Number.NaN;
      return [...selections(rule.node)]
        .filter(({ window }) => window === burn.long)
        .flatMap(({ selector }): Problem[] => {
          const text = printSelector(selector);
          const window = longest.get(text);
          if (window === undefined)
            return [
              {
                code: 'alerts/claim-unshown',
                where,
                found: `${found}, of ${text}`,
                allowed: 'a claim about what a panel of the system shows over the window of the SLO',
                fix: `put sloPanels() of this SLO on a dashboard of ${system.catalogue.name}`,
              },
            ];
          const spent = (burn.factor * long) / window;
          // As it is read: what both print alike claims the same. At the edge of a digit, noise would print two.
          if (Math.abs(spent - claimed) <= 1e-9 || printSpent(spent) === printSpent(claimed)) return [];
          return [
            {
              code: 'alerts/claim',
              where,
              found: `${found}; a panel reads ${text} over ${window} s, which gives ${printSpent(spent)}`,
              fix: 'show this selector over the window of the SLO or a shorter one, or add a matcher there',
            },
          ];
        })
        .filter((problem, index, all) => all.findIndex((other) => other.found === problem.found) === index);
    }),
  );
}

/** The longest literal window, in seconds, that the system's panels apply to each selector. */
function longestWindows(system: System): ReadonlyMap<string, number> {
  const longest = new Map<string, number>();
  for (const dashboard of system.dashboards)
    for (const row of dashboard.rows)
      for (const panel of row.panels)
        for (const query of panel.queries)
          for (const { selector, window } of selections(query.node)) {
            const seconds = window === undefined ? undefined : durationSeconds(window);
            if (seconds === undefined) continue;
            const text = printSelector(selector);
            longest.set(text, Math.max(longest.get(text) ?? 0, seconds));
          }
  return longest;
}
