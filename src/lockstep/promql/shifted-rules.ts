import type { Problem } from 'lockstep-exporter/internal';
import { printValue, suggest } from 'lockstep-exporter/internal';
import { groupsOf, REFERENCE } from './relabelling.js';
import type { CallNode, OverStepsNode, RelabelledNode } from './tree.js';
import { labelsOf, TARGET, walk } from './tree.js';
import { durationSeconds } from './window.js';
import { hasWrongLabels } from './wrong-labels.js';

// Checks expressions that are shifted in time, computed at steps, or given labels.

function windowProblem(text: string, where: string, noun: string): Problem[] {
  if (durationSeconds(text) !== undefined) return [];
  return [
    {
      code: 'promql/window',
      where,
      found: `${noun} ${printValue(text)}`,
      allowed: 'a whole number and one unit, s, m, h, d or w: 5m, 1h, 30d',
      fix: 'write it in a single unit',
    },
  ];
}

/** Each selector is shifted by itself: one whose window is not known cannot be, and neither can a text. */
export function validateAgo({ of, back }: CallNode & { type: 'ago' }, where: string): Problem[] {
  const problems = windowProblem(back, where, 'an offset of');
  const refuse = (found: string, fix: string) => problems.push({ code: 'promql/ago', where, found, fix });
  for (const node of walk(of)) {
    if (node.type === 'text') refuse('ago() of PromQL as text', 'write the offset into the text');
    if (node.type === 'since') refuse('ago() of secondsSince()', 'take ago() of the value within');
    if (node.type === 'overTime' && node.fn === 'returned')
      refuse('ago() of returned()', 'leave ago() out: its windows are fixed');
    const isCounted = node.type === 'events' && node.of.metric.foreign === undefined;
    if (isCounted && durationSeconds(node.window) === undefined && node.window.startsWith('$'))
      refuse(`ago() of a count over ${node.window}`, 'give a literal window such as 5m: only Grafana knows this one');
  }
  return problems;
}

export function validateSteps({ window, step }: OverStepsNode, where: string): Problem[] {
  const problems = [...windowProblem(window, where, 'a window of'), ...windowProblem(step, where, 'a step of')];
  const [long = 0, short = 0] = [durationSeconds(window), durationSeconds(step)];
  if (problems.length === 0 && short >= long)
    problems.push({
      code: 'promql/steps',
      where,
      found: `steps of ${step} in a window of ${window}: one of them at most`,
      fix: 'give a window that holds several steps',
    });
  return problems;
}

export function validateRelabelled(node: RelabelledNode, where: string): Problem[] {
  const { of, into, from, pattern, replacement } = node;
  const problems: Problem[] = [];
  const labels = (labelsOf(of) ?? []).filter((label) => label !== TARGET);
  const refuse = (found: string, fix: string, allowed?: string) =>
    problems.push({ code: 'promql/relabelled', where, found, fix, ...(allowed === undefined ? {} : { allowed }) });
  if (!labels.includes(from) && !hasWrongLabels(of))
    refuse(
      `a label made of ${printValue(from)}, which the expression does not return`,
      suggest(from, labels, 'name a label that it is grouped by'),
      labels.join(', ') || 'none',
    );
  if (!/^[a-zA-Z_]\w*$/.test(into) || into.startsWith('__'))
    refuse(`a label ${printValue(into)}`, 'name it with letters, digits and _, and not with __ before it');
  // Elements that differed in it would become one, and Prometheus refuses the query.
  else if (labels.includes(into))
    refuse(`a label ${printValue(into)}, which the expression has already`, 'give the new label a name of its own');
  const groups = groupsOf(pattern);
  if (groups === undefined)
    refuse(
      `the pattern ${printValue(pattern)}`,
      'give a regular expression of RE2: one whose brackets match, without a look ahead',
    );
  else problems.push(...validateReplacement(replacement, groups, where));
  return problems;
}

function validateReplacement(replacement: string, groups: number, where: string): Problem[] {
  const refuse = (found: string, fix: string): Problem[] => [{ code: 'promql/relabelled', where, found, fix }];
  if (replacement === '') return refuse('an empty replacement', "give the new value: '$1' is the first group");
  return [...replacement.matchAll(REFERENCE)].flatMap(([whole, plain, braced]) => {
    const name = plain ?? braced ?? '';
    if (whole === '$$' || (/^\d+$/.test(name) && Number(name) <= groups)) return [];
    const [, digits = '', rest = ''] = /^(\d+)(\w+)$/.exec(name) ?? [];
    return refuse(
      `${printValue(whole)} in the replacement, a group that the pattern does not have`,
      digits !== ''
        ? `write \${${digits}}${rest}`
        : groups === 0
          ? 'put the part to keep into brackets, as in (.*)-.*, or give a replacement without a group'
          : `give a group of the pattern, which has ${groups}`,
    );
  });
}
