import type { LabelMap, Metric } from 'lockstep-exporter/catalogue';
import { made } from 'lockstep-exporter/internal';
import type { LabelVariable } from '../promql/expression.js';
import type { Duration } from '../promql/window.js';

/** A dropdown of the values that a label has in the data, in those series that other dropdowns leave. */
export interface Variable<Name extends string = string> extends LabelVariable<Name> {
  readonly title: string;
  readonly metric: Metric;
  /** Narrow this one's values: choosing a group leaves that group's phases. */
  readonly within: readonly Variable[];
  /** The values that can be chosen. Default: those in the data. */
  readonly values?: readonly string[];
}

/** The kinds of variables that are of no label. */
export const FREE_KINDS = ['custom', 'constant', 'interval', 'text', 'datasource'] as const;

/** A choice that is of no label: for links, texts and queries of other datasources. */
export interface FreeVariable {
  /** Its name, without `$`. */
  readonly variable: string;
  readonly title: string;
  readonly kind: (typeof FREE_KINDS)[number];
  /** The values that can be chosen, the first at first; the one of a constant or a text; the type of datasources. */
  readonly values: readonly string[];
}

/** Whether the values of a variable are those of a label. */
export function isOfLabel(variable: Variable | FreeVariable): variable is Variable {
  return !('kind' in variable);
}

/**
 * A dashboard variable, named as the label it holds values of. Several values, or all of them, can be chosen.
 *
 * @param definition.from the metric whose series are asked for the values
 * @param definition.values the values that can be chosen, where they shall not be those in the data
 */
export function labelVariable<Labels extends LabelMap, const Name extends keyof Labels & string>(
  label: Name,
  definition: {
    readonly title: string;
    readonly from: { readonly '~labels'?: Labels } & Metric;
    readonly within?: readonly Variable<keyof NoInfer<Labels> & string>[];
    readonly values?: readonly [NoInfer<Labels>[Name], ...NoInfer<Labels>[Name][]];
  },
): Variable<Name> {
  const { title, from, within = [], values } = definition;
  return made({ variable: label, label, title, metric: from, within, ...(values === undefined ? {} : { values }) });
}

function free(kind: FreeVariable['kind'], variable: string, title: string, values: readonly string[]): FreeVariable {
  return made({ variable, title, kind, values });
}

/** One of a few values, for links, texts and queries of other datasources. The first is chosen at first. */
export function customVariable(
  name: string,
  definition: { readonly title: string; readonly values: readonly [string, ...string[]] },
): FreeVariable {
  return free('custom', name, definition.title, definition.values);
}

/** A value that stands in several places and that no reader changes: the address of another tool. */
export function constantVariable(name: string, value: string): FreeVariable {
  return free('constant', name, name, [value]);
}

/** One of a few durations, for links and queries of other datasources. The first is chosen at first. */
export function intervalVariable(
  name: string,
  definition: { readonly title: string; readonly values: readonly [Duration, ...Duration[]] },
): FreeVariable {
  return free('interval', name, definition.title, definition.values);
}

/** A text that the reader types, for links and queries of other datasources. */
export function textVariable(
  name: string,
  definition: { readonly title: string; readonly value?: string },
): FreeVariable {
  return free('text', name, definition.title, [definition.value ?? '']);
}

/** One of the datasources of a type, for queries of that type: `$logs`. */
export function datasourceVariable(
  name: string,
  definition: { readonly title: string; readonly type: string },
): FreeVariable {
  return free('datasource', name, definition.title, [definition.type]);
}
