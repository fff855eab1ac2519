import type { Problem } from './problem.js';
import { definitionPath, printValue, suggest } from './problem.js';

/** What a field of a definition must be: the types say so too, but what loads a definition does not check types. */
export type FieldShape = 'text' | 'number' | 'list' | 'object' | readonly string[];

/**
 * The fields of a definition that are not what they must be. Rules that look deeper may be asked only if there are none: they would fall over what
 * is not there.
 */
export function lintShape(
  value: unknown,
  where: string,
  code: string,
  fields: Readonly<Record<string, FieldShape>>,
): Problem[] {
  if (typeof value !== 'object' || value === null)
    return [{ code, where, found: printValue(value), fix: `give an object with ${Object.keys(fields).join(', ')}` }];
  return Object.entries(fields).flatMap(([field, shape]): Problem[] => {
    const found: unknown = (value as Readonly<Record<string, unknown>>)[field];
    if (hasShape(found, shape)) return [];
    const at = definitionPath(where, field);
    if (typeof shape !== 'string')
      return [
        {
          code,
          where: at,
          found: printValue(found),
          allowed: shape.map(printValue).join(', '),
          fix: suggest(String(found), shape, 'use one of them'),
        },
      ];
    return [{ code, where: at, found: printValue(found), fix: `give ${NOUN[shape]}` }];
  });
}

const NOUN = { text: 'a text', number: 'a number', list: 'a list', object: 'an object' } as const;

function hasShape(value: unknown, shape: FieldShape): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null;
    default:
      return typeof value === 'string' && shape.includes(value);
  }
}
