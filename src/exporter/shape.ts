import type { Problem } from './problem.js';
import { definitionPath, nearest, printValue, suggest } from './problem.js';
import { about } from './trace.js';

/** The kind of a field. The types say so too, but a definition is loaded without a check of its types. */
export type FieldShape = 'text' | 'number' | 'list' | 'object' | readonly string[];

/**
 * Every field of a kind of definition, optional ones too: written with `satisfies`, a list that forgets one does not
 * compile.
 */
export type Fields<T> = Readonly<Record<keyof T, true>>;
/** {@link Fields}, of whatever kind. */
export type KnownFields = Readonly<Record<string, true>>;

/**
 * The fields that a kind of definition does not have. Nothing reads them: a slip in the name of an optional field
 * would be passed over in silence. Fields that begin with `~` are of the types alone.
 */
export function validateFields(value: unknown, where: string, code: string, known: KnownFields): Problem[] {
  if (!isRecord(value)) return [];
  const strange = Object.entries(value).flatMap(([field, found]): Problem[] => {
    if (found === undefined || field.startsWith('~') || Object.hasOwn(known, field)) return [];
    const meant = nearest(field, Object.keys(known));
    return [
      {
        code,
        where: definitionPath(where, field),
        found: `a field ${printValue(field)}, which nothing reads`,
        allowed: Object.keys(known).join(', '),
        fix: suggest(field, Object.keys(known), 'drop it, or use one of the fields that exist'),
        ...(meant === undefined ? {} : { meant: definitionPath(where, meant) }),
      },
    ];
  });
  return about(value, strange);
}

/**
 * The fields of a definition that are not what they must be. Rules that look deeper may be asked only if there are
 * none: they would fall over what is not there.
 *
 * @param known all fields there are, if others shall be refused
 */
export function validateShape(
  value: unknown,
  where: string,
  code: string,
  fields: Readonly<Record<string, FieldShape>>,
  known?: KnownFields,
): Problem[] {
  if (typeof value !== 'object' || value === null)
    return [{ code, where, found: printValue(value), fix: `give an object with ${Object.keys(fields).join(', ')}` }];
  const wrong = Object.entries(fields).flatMap(([field, shape]): Problem[] => {
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
  return about(value, known === undefined ? wrong : [...wrong, ...validateFields(value, where, code, known)]);
}

/** {@link validateShape} of each of a list's elements, which are known by their title, or else by their place. */
export function validateShapes(
  values: readonly unknown[],
  where: string,
  noun: string,
  code: string,
  fields: Readonly<Record<string, FieldShape>>,
  known?: KnownFields,
): Problem[] {
  return values.flatMap((value, index) =>
    validateShape(value, titlePath(value, where, noun, index), code, fields, known),
  );
}

/** The path of a list's element: by its title, or else by its place. */
export function titlePath(value: unknown, where: string, noun: string, index: number): string {
  const title = isRecord(value) ? value['title'] : undefined;
  return definitionPath(where, typeof title === 'string' ? title : `${noun} ${index + 1}`);
}

/** Whether a value is an object and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a list of texts, and of nothing else. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
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
