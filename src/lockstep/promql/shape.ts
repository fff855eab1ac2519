import type { FieldShape, Problem } from 'lockstep-exporter/internal';
import { definitionPath, isTexts, KINDS, validateShape } from 'lockstep-exporter/internal';
import {
  AGGREGATIONS,
  ARITHMETIC,
  COMPARISONS,
  MATH_FUNCTIONS,
  RANGE_FUNCTIONS,
  SETS,
  STEP_FUNCTIONS,
} from './tree.js';

const CODE = 'promql/shape';
const TYPES = [
  'selector',
  'number',
  'events',
  'overTime',
  'quantile',
  'fraction',
  'clampMin',
  'math',
  'now',
  'since',
  'ago',
  'overSteps',
  'relabelled',
  'joined',
  'orZero',
  'aggregate',
  'binary',
  'text',
] as const;

/** The fields of each node; and which of them are nodes in turn, selectors among them. */
const NODES: Readonly<
  Record<
    (typeof TYPES)[number],
    { readonly fields: Readonly<Record<string, FieldShape>>; readonly nodes: readonly string[] }
  >
> = {
  selector: { fields: { metric: 'object', part: ['', '_bucket', '_count', '_sum'], matchers: 'list' }, nodes: [] },
  number: { fields: { value: 'number' }, nodes: [] },
  events: { fields: { per: ['window', 'second'], of: 'object', window: 'text', by: 'list' }, nodes: ['of'] },
  overTime: {
    fields: { fn: RANGE_FUNCTIONS, of: 'object', window: 'text' },
    nodes: ['of'],
  },
  quantile: { fields: { quantile: 'number', of: 'object' }, nodes: ['of'] },
  fraction: { fields: { atMost: 'number', of: 'object' }, nodes: ['of'] },
  clampMin: { fields: { min: 'number', of: 'object' }, nodes: ['of'] },
  math: { fields: { fn: MATH_FUNCTIONS, of: 'object' }, nodes: ['of'] },
  now: { fields: {}, nodes: [] },
  ago: { fields: { of: 'object', back: 'text' }, nodes: ['of'] },
  overSteps: { fields: { fn: STEP_FUNCTIONS, of: 'object', window: 'text', step: 'text' }, nodes: ['of'] },
  relabelled: {
    fields: { of: 'object', into: 'text', from: 'text', pattern: 'text', replacement: 'text' },
    nodes: ['of'],
  },
  since: { fields: { of: 'object' }, nodes: ['of'] },
  joined: { fields: { of: 'object', info: 'object', on: 'list', take: 'list' }, nodes: ['of', 'info'] },
  orZero: { fields: { of: 'object' }, nodes: ['of', 'like'] },
  aggregate: { fields: { fn: AGGREGATIONS, of: 'object' }, nodes: ['of'] },
  binary: {
    fields: { op: [...ARITHMETIC, ...COMPARISONS, ...SETS], left: 'object', right: 'object' },
    nodes: ['left', 'right'],
  },
  text: {
    fields: { text: 'text', by: 'list', reads: 'list', bounds: 'object', needs: 'list', slips: 'list' },
    nodes: [],
  },
};

/**
 * The parts of an expression that are not a tree of the builders: other rules may run only if there are none.
 */
export function validateTree(value: unknown, where: string): Problem[] {
  const own = validateShape(value, where, CODE, { type: TYPES });
  if (own.length > 0) return own;
  const node = value as { readonly type: (typeof TYPES)[number] } & Readonly<Record<string, unknown>>;
  const { fields, nodes } = NODES[node.type];
  const found = validateShape(node, where, CODE, fields);
  if (found.length > 0)
    return found.map((each) =>
      each.where.endsWith('› of') && node['of'] === undefined
        ? { ...each, found: 'no expression', fix: 'give one of a metric: instant(metric), rate(metric, …)' }
        : each,
    );
  for (const field of ['by', 'without', 'on', 'take'])
    if (node[field] !== undefined && !isTexts(node[field])) return [noTexts(definitionPath(where, field))];
  if (node['parameter'] !== undefined && typeof node['parameter'] !== 'number')
    return validateShape(node, where, CODE, { parameter: 'number' });
  if (node.type === 'selector') return validateSelectorShape(node, where);
  return nodes.flatMap((field) => {
    const inner = node[field];
    if (inner === undefined) return [];
    const reads = node.type === 'events' || node.type === 'overTime' || field === 'info';
    const isSelector = (inner as { readonly type?: unknown } | null)?.type === 'selector';
    const at = definitionPath(where, field);
    if (reads && !isSelector) return validateShape(inner, at, CODE, { type: ['selector'] });
    return validateTree(inner, at);
  });
}

function validateSelectorShape(node: Readonly<Record<string, unknown>>, where: string): Problem[] {
  const { metric, matchers, bound, quantile } = node;
  const problems = validateShape(metric, definitionPath(where, 'metric'), CODE, {
    name: 'text',
    kind: KINDS,
    labels: 'list',
    bounds: 'list',
  });
  if (bound !== undefined) problems.push(...validateShape(node, where, CODE, { bound: 'number' }));
  if (quantile !== undefined) problems.push(...validateShape(node, where, CODE, { quantile: 'number' }));
  for (const [index, matcher] of (matchers as readonly unknown[]).entries()) {
    const at = definitionPath(where, `matcher ${index + 1}`);
    const shape = validateShape(matcher, at, CODE, { label: 'text', match: 'object' });
    problems.push(...shape);
    if (shape.length > 0) continue;
    const { match } = matcher as { readonly match: Readonly<Record<string, unknown>> };
    const kind = validateShape(match, at, CODE, { type: ['value', 'oneOf', 'variable'] });
    problems.push(...kind);
    if (kind.length > 0) continue;
    if (match['type'] === 'oneOf') {
      if (!isTexts(match['values'])) problems.push(noTexts(definitionPath(at, 'values')));
    } else
      problems.push(
        ...validateShape(
          match,
          at,
          CODE,
          match['type'] === 'value' ? { value: 'text' } : { variable: 'text', label: 'text' },
        ),
      );
  }
  return problems;
}

function noTexts(where: string): Problem {
  return {
    code: CODE,
    where,
    found: 'no list of texts',
    fix: 'make expressions with the functions of lockstep/promql',
  };
}
