import { made } from '../trace.js';

/**
 * A label of the catalogue: its name and, where they are known beforehand, its values.
 *
 * @typeParam Name   the label's name
 * @typeParam Value  its values; `string` when they are open
 * @typeParam By     the label that decides this one, or `never`
 */
export interface Label<Name extends string = string, Value extends string = string, By extends string = string> {
  readonly name: Name;
  readonly help: string;
  /** Every value this label can have, the fallback included; `undefined` if open. */
  readonly values: readonly Value[] | undefined;
  /** The value that stands for one outside `values`. Without one, recording such a value is refused and reported. */
  readonly fallback: Value | undefined;
  /**
   * The values of it that mean harm, such as `fail`. An SLI, and a colour of a panel, that say otherwise are refused.
   */
  readonly bad?: readonly Value[];
  /** For an open label: the most values that are expected, for the series budget. */
  readonly atMost: number;
  /** The label whose value decides this one's, and how. Such a label adds no series beside its decider. */
  readonly decidedBy: { readonly label: By; readonly valueOf: Readonly<Record<string, Value>> } | undefined;
}

/** A label with enumerated values. A value that is not among them does not compile. */
export function label<const Name extends string, const Value extends string>(
  name: Name,
  definition: {
    readonly help: string;
    readonly values: readonly Value[];
    readonly fallback?: NoInfer<Value>;
    readonly bad?: readonly NoInfer<Value>[];
  },
): Label<Name, Value, never> {
  const { help, values, fallback, bad } = definition;
  return made({
    name,
    help,
    values,
    fallback,
    ...(bad === undefined ? {} : { bad }),
    atMost: values?.length,
    decidedBy: undefined,
  });
}

/**
 * A label whose value follows from another's (a functional dependency): `phase` from `role`.
 * It is never given when recording, and it adds no series where its decider is present.
 *
 * @param valueOf this label's value for each value of the decider; a decider's value left out does not compile.
 */
export function decidedLabel<
  const Name extends string,
  const Value extends string,
  Decider extends Label<string, string, never>,
>(
  name: Name,
  definition: {
    readonly help: string;
    readonly values: readonly Value[];
    readonly decidedBy: Decider;
    readonly valueOf: Readonly<Record<ValueOf<Decider>, NoInfer<Value>>>;
  },
): Label<Name, Value, Decider['name']> {
  const { help, values, decidedBy } = definition;
  return made({
    name,
    help,
    values,
    fallback: undefined,
    atMost: values?.length,
    decidedBy: { label: decidedBy?.name, valueOf: definition.valueOf },
  });
}

/**
 * A label whose values are not known beforehand.
 *
 * @param definition.atMost the most values that are expected; it is what the series budget counts with.
 */
export function openLabel<const Name extends string>(
  name: Name,
  definition: { readonly help: string; readonly atMost: number },
): Label<Name, string, never> {
  return made({
    name,
    help: definition.help,
    values: undefined,
    fallback: undefined,
    atMost: definition.atMost,
    decidedBy: undefined,
  });
}

/** The values of a label, as a type. */
export type ValueOf<L> = L extends { readonly values: readonly (infer Value extends string)[] | undefined }
  ? Value
  : never;
