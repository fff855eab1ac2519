import type { Catalogue, Label, Metric } from 'lockstep-exporter/catalogue';
import {
  counter,
  decidedLabel,
  defineCatalogue,
  gauge,
  histogram,
  info,
  label,
  nativeHistogram,
  openLabel,
  stateSet,
  summary,
} from 'lockstep-exporter/catalogue';
import type { FoundCatalogue, FoundLabel } from './metrics.js';

/** A catalogue of what was found, as the TypeScript that is written for it would make it. */
export function toCatalogue(
  { metrics, labels }: FoundCatalogue,
  name: string,
  scope: Readonly<Record<string, string>>,
  targetLabels: readonly string[],
): Catalogue {
  const made = new Map<string, Label>();
  const make = (found: FoundLabel): Label => {
    const { name: own, values, decidedBy } = found;
    const known = made.get(own);
    if (known !== undefined) return known;
    const decider = decidedBy === undefined ? undefined : labels.find((each) => each.name === decidedBy.label);
    const built =
      values === undefined
        ? openLabel(own, { help: own, atMost: 50 })
        : decidedBy === undefined || decider === undefined
          ? label(own, { help: own, values })
          : decidedLabel(own, {
              help: own,
              values,
              decidedBy: make(decider) as Label<string, string, never>,
              valueOf: decidedBy.valueOf,
            });
    made.set(own, built as Label);
    return built as Label;
  };
  for (const each of labels) make(each);
  const own = metrics.map((found): [string, Metric] => {
    const { handle, kind, name: metric, help, unit, labels: names, bounds, quantiles = [], state } = found;
    const definition = {
      name: metric,
      help,
      unit: unit as Metric['unit'],
      labels: names.flatMap((each) => made.get(each) ?? []),
    };
    return [
      handle,
      build(kind, definition, { bounds, quantiles, state: state === undefined ? undefined : made.get(state) }),
    ];
  });
  return defineCatalogue({
    name,
    recordedBy: 'others',
    metrics: Object.fromEntries(own),
    targetLabels: [...new Set([...targetLabels, ...Object.keys(scope)])].map((each) =>
      openLabel(each, { help: each, atMost: 20 }),
    ),
    ...(Object.keys(scope).length === 0 ? {} : { scope }),
  }) as Catalogue;
}

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly unit: Metric['unit'];
  readonly labels: readonly Label[];
}

interface OfKind {
  readonly bounds: readonly number[];
  readonly quantiles: readonly number[];
  readonly state: Label | undefined;
}

function build(kind: Metric['kind'], definition: Definition, { bounds, quantiles, state }: OfKind): Metric {
  const builders: Readonly<Record<Metric['kind'], () => unknown>> = {
    counter: () => counter(definition),
    gauge: () => gauge(definition),
    histogram: () => histogram({ ...definition, bounds }),
    nativeHistogram: () => nativeHistogram(definition),
    summary: () => summary({ ...definition, quantiles }),
    info: () => info(definition),
    stateSet: () => stateSet({ ...definition, state: state as Label }),
  };
  return builders[kind]() as Metric;
}
