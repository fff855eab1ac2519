import type { Metric } from 'lockstep-exporter/catalogue';
import type { Problem } from 'lockstep-exporter/internal';
import { printValue } from 'lockstep-exporter/internal';
import { isPartOf } from './bounds.js';
import type { BinaryNode, CallNode, Node } from './tree.js';
import { walk } from './tree.js';

type Events = CallNode & { readonly type: 'events' };

/** A quotient as `ratio()` and `share()` make it: over a whole of which only what is above 0 counts. */
function quotientOf({ op, left, right }: BinaryNode): { readonly part: Node; readonly whole: Node } | undefined {
  if (op !== '/') return undefined;
  const isKept = right.type === 'binary' && !right.bool && (right.op === '>' || right.op === '>=');
  if (!isKept) return undefined;
  return { part: left.type === 'orZero' && left.like !== undefined ? left.of : left, whole: right.left };
}

/**
 * The problem of a `ratio()` or `share()` whose sides do not belong together: neither counts the left side a part of
 * the right one, nor does it count what happens within the right one's events (`within` in the catalogue). A stated
 * reason, or PromQL as text, is taken as it is.
 */
export function validateQuotient(node: BinaryNode, where: string): Problem[] {
  const sides = quotientOf(node);
  if (sides === undefined || node.because !== undefined) return [];
  const { part, whole } = sides;
  if (isPartOf(part, whole)) return [];
  const counted = eventsIn(part);
  const over = eventsIn(whole);
  const total = over?.[0];
  // Gauges, quantiles and text: nothing is known of what they count.
  if (counted === undefined || over === undefined || total === undefined || counted.length === 0) return [];
  const problem = (found: string, fix: string): Problem[] => [{ code: 'promql/not-a-part', where, found, fix }];
  if (isPartOf(whole, part))
    return problem(
      `${nameOf(counted[0])} over a part of itself: the quotient is upside down`,
      'swap the two sides, or take div() for a quotient that is not a share',
    );
  const windows = new Set([...counted, ...over].map(({ window }) => window));
  if (windows.size > 1)
    return problem(
      `a part over ${counted[0]?.window} of a whole over ${total.window}`,
      'read both sides over the same window',
    );
  const stranger = counted.find((each) => !over.every((one) => belongs(each, one)));
  if (stranger === undefined) return [];
  const isSwapped = over.every((one) => counted.every((each) => isWithin(one.of.metric, each.of.metric)));
  return problem(
    isSwapped
      ? `${nameOf(stranger)} over ${nameOf(total)}, which happen within them: the quotient is upside down`
      : stranger.of.metric.name === total.of.metric.name
        ? `series of ${nameOf(stranger)} that are not among those below the line`
        : `${nameOf(stranger)} over ${nameOf(total)}: nothing says that the one belongs to the other`,
    isSwapped
      ? 'swap the two sides'
      : 'select the part from the series of the whole, say `within` at the metric in the catalogue, or give the reason as the last argument',
  );
}

/** Nodes of which it is not known what they count. */
const UNKNOWN: readonly Node['type'][] = [
  'text',
  'overTime',
  'quantile',
  'fraction',
  'math',
  'now',
  'since',
  'joined',
  'ago',
  'overSteps',
  'relabelled',
];

/** Every count of events in a node that holds nothing else that is read; nothing of one that does. */
function eventsIn(node: Node): readonly Events[] | undefined {
  const found: Events[] = [];
  for (const each of walk(node)) {
    if (UNKNOWN.includes(each.type)) return undefined;
    if (each.type === 'events') found.push(each);
  }
  return found;
}

/** Whether one count belongs to the other: of what happens within its events, or the sum of what they measured. */
function belongs(part: Events, whole: Events): boolean {
  if (isWithin(part.of.metric, whole.of.metric)) return true;
  return (
    part.of.metric === whole.of.metric &&
    part.of.part === '_sum' &&
    whole.of.part === '_count' &&
    printValue(part.of.matchers) === printValue(whole.of.matchers)
  );
}

/** A metric knows the name of the one that it happens within, and a histogram counts the events that it measures. */
export function isWithin(part: Metric, whole: Metric): boolean {
  return part.within === whole.name;
}

function nameOf(events: Events | undefined): string {
  return events === undefined ? '' : `${events.of.metric.name}${events.of.part}`;
}
