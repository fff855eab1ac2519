import type { Matcher, Node, SelectorNode } from './tree.js';
import { walk } from './tree.js';

/**
 * Whether a selector chooses what the catalogue calls bad, by the labels that have such values (`bad`): all of it, none
 * of it, or some of both; `undefined` where no such label is matched.
 */
export function harmOf({ metric, matchers }: SelectorNode): 'bad' | 'good' | 'mixed' | undefined {
  let harm: 'bad' | 'good' | 'mixed' | undefined;
  for (const matcher of matchers) {
    const label = metric.labels.find(({ name }) => name === matcher.label);
    const chosen = chosenBy(matcher, label?.values);
    const bad = label?.bad;
    // A list that is not one has been told where the catalogue is defined.
    if (!Array.isArray(bad) || chosen === undefined || chosen.length === 0) continue;
    const isBad = chosen.map((value) => bad.includes(value));
    const own = isBad.every(Boolean) ? 'bad' : isBad.some(Boolean) ? 'mixed' : 'good';
    harm = harm === undefined || harm === own ? own : 'mixed';
  }
  return harm;
}

/** The same of all counts of events in an expression; `undefined` where they do not agree. */
export function harmIn(node: Node): 'bad' | 'good' | 'mixed' | undefined {
  const found = new Set<ReturnType<typeof harmOf>>();
  for (const each of walk(node)) if (each.type === 'events') found.add(harmOf(each.of));
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

function chosenBy({ match, negated }: Matcher, values: readonly string[] | undefined): readonly string[] | undefined {
  if (match.type === 'variable') return undefined;
  const named = match.type === 'value' ? [match.value] : match.values;
  // A value that there is none of is told by its own rule.
  return values?.filter((value) => named.includes(value) !== negated);
}
