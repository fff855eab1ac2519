import type { Catalogue } from '../catalogue/catalogue.js';
import type { Metric } from '../catalogue/metric.js';
import { START_LABEL } from '../catalogue/metric.js';
import type { Page } from '../recording/ledger.js';
import type { Recorders } from '../recording/recorders.js';
import { createRecorders } from '../recording/recorders.js';
import type { OnError } from '../report.js';

export interface ExposeOptions<Handle extends string> {
  /** The metrics that the file knows of. The others are left out: a zero that nobody counted would be a lie. */
  readonly only: readonly Handle[];
  /** Whether the exporter's own metrics are among them. Default true; false for all but one of several files. */
  readonly own?: boolean;
  /** The id of the start that the series of these labels belong to. */
  readonly startIdOf: (labels: Readonly<Record<string, string>>) => string;
  readonly onError: OnError;
}

/**
 * Totals that a file holds, in Prometheus's text format: `fill` records them from zero into recorders of their own.
 * Values that the catalogue does not have are dropped and reported, as everywhere.
 */
export async function exposeTotals<Metrics extends Record<string, Metric>>(
  catalogue: Catalogue<Metrics>,
  { only, own = true, startIdOf, onError }: ExposeOptions<keyof Metrics & string>,
  fill: (record: Recorders<Metrics>) => void,
): Promise<string> {
  const startId = startIdOf({});
  const { record, read } = createRecorders(catalogue, { only, own, startId, onError });
  fill(record);
  const page: Page = {
    startId,
    whole: () => true,
    labels: ({ labels }) => ({ ...labels, [START_LABEL]: startIdOf(labels) }),
    show: (series) => series,
    delivered: () => {},
  };
  return (await read(page, (all) => all.metrics())).shown;
}
