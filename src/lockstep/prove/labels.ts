import type { Metric } from 'lockstep-exporter/catalogue';
import { decidedValue, givenLabels, hasLabel } from 'lockstep-exporter/internal';
import type { SelectorNode } from '../promql/tree.js';
import { satisfies } from './evaluate.js';

type Labels = Readonly<Record<string, string>>;

/** The most combinations of label values that are looked through; a catalogue's own budget is far below. */
const MOST = 20_000;
/** Stands for a value of an open label. */
const OPEN_VALUE = 'some';

/** Whether a selector chooses the series of these labels. */
export function selects(selector: SelectorNode, metric: Metric, labels: Labels): boolean {
  return selector.metric === metric && selector.matchers.every((matcher) => satisfies(matcher, labels));
}

/**
 * Labels of series that a selector chooses: one set for each value that it names, so that none is named in vain. Where
 * it leaves a choice, they are such as few of the other selectors choose too.
 *
 * @param never selectors that must not choose them
 */
export function labelSets(
  selector: SelectorNode,
  others: readonly SelectorNode[] = [],
  never: readonly SelectorNode[] = [],
): readonly Labels[] {
  const { metric } = selector;
  const candidates = combinations(metric, selector).filter(
    (labels) => selects(selector, metric, labels) && !never.some((each) => selects(each, metric, labels)),
  );
  const named = selector.matchers.find(({ match, negated }) => match.type === 'oneOf' && !negated);
  const values = named?.match.type === 'oneOf' ? named.match.values : [undefined];
  return values.flatMap((value) => {
    const fitting = candidates.filter((labels) => value === undefined || labels[named?.label ?? ''] === value);
    const best = leastChosen(fitting, metric, others);
    return best === undefined ? [] : [best];
  });
}

/** Labels of a series of a metric that none of the selectors chooses, if there is one. */
export function unchosenLabels(metric: Metric, selectors: readonly SelectorNode[]): Labels | undefined {
  const selector: SelectorNode = { type: 'selector', metric, part: '', matchers: [] };
  return combinations(metric, undefined).find(
    (labels) => selects(selector, metric, labels) && !selectors.some((each) => selects(each, metric, labels)),
  );
}

function leastChosen(sets: readonly Labels[], metric: Metric, others: readonly SelectorNode[]): Labels | undefined {
  let best: Labels | undefined;
  let fewest = Infinity;
  for (const labels of sets) {
    const chosen = others.filter((each) => selects(each, metric, labels)).length;
    if (chosen >= fewest) continue;
    best = labels;
    fewest = chosen;
  }
  return best;
}

/** Every combination of values that the catalogue allows. */
function combinations(metric: Metric, selector: SelectorNode | undefined): readonly Labels[] {
  let sets: Labels[] = [{}];
  for (const label of givenLabels(metric)) {
    const named = selector?.matchers
      .filter((matcher) => matcher.label === label.name && !matcher.negated)
      .flatMap(({ match }) => (match.type === 'value' ? [match.value] : match.type === 'oneOf' ? match.values : []));
    const values = label.values ?? (named !== undefined && named.length > 0 ? named : [OPEN_VALUE]);
    if (sets.length * values.length > MOST)
      throw new Error(`${metric.name} has too many combinations of labels to prove`);
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label.name]: value })));
  }
  return sets.map((set) => {
    const all: Record<string, string> = { ...set };
    for (const label of metric.labels)
      if (label.decidedBy !== undefined && hasLabel(metric, label.decidedBy.label))
        all[label.name] = decidedValue(label, all);
    return all;
  });
}
