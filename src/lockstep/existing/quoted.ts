import { isQuotedLabel, isQuotedMetric } from 'lockstep-exporter/internal';
import type { ExistingGroup } from './rules.js';

/** The names that rules give to series and labels and that Prometheus 2 does not take. */
export function quotedNamesIn(groups: readonly ExistingGroup[]): readonly string[] {
  return groups.flatMap(({ rules }) =>
    rules.flatMap(({ record, labels = {} }) => [
      ...(record !== undefined && isQuotedMetric(record) ? [record] : []),
      ...Object.keys(labels).filter(isQuotedLabel),
    ]),
  );
}
