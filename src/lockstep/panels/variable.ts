import type { LabelMap, Metric } from 'lockstep-exporter/catalogue';
import { made } from 'lockstep-exporter/internal';
import type { LabelVariable } from '../promql/expression.js';

/** A dropdown of the values that a label has in the data, in those series that other dropdowns leave. */
export interface Variable<Name extends string = string> extends LabelVariable<Name> {
  readonly title: string;
  readonly metric: Metric;
  /** Narrow this one's values: choosing a group leaves that group's phases. */
  readonly within: readonly Variable[];
}

/**
 * A dashboard variable, named as the label it holds values of. Several values, or all of them, can be chosen.
 *
 * @param definition.from the metric whose series are asked for the values
 */
export function labelVariable<Labels extends LabelMap, const Name extends keyof Labels & string>(
  label: Name,
  definition: {
    readonly title: string;
    readonly from: { readonly '~labels'?: Labels } & Metric;
    readonly within?: readonly Variable<keyof NoInfer<Labels> & string>[];
  },
): Variable<Name> {
  const { title, from, within = [] } = definition;
  return made({ variable: label, label, title, metric: from, within });
}
