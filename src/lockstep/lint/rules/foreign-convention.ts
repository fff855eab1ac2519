import { conventionsOf } from 'lockstep-exporter/internal';
import type { Rule } from '../rule.js';

export const foreignConvention: Rule = {
  severity: 'warning',
  about:
    'The name or unit of a metric that others record breaks a convention of Prometheus. lockstep reads it as it is. This is advice to its owner.',
  example: '`http_request_duration_ms`, in milliseconds',
  fix: 'rename it where it is recorded, or exempt the metric with the reason',
  system: ({ catalogue }) => {
    if (catalogue.recordedBy !== 'others') return [];
    return Object.values(catalogue.metrics).flatMap((metric) => {
      // The parts of a summary, and the metrics of Prometheus itself, are called as Prometheus has them.
      if (/_(sum|count)$|^(up$|probe_|scrape_|ALERTS)/.test(metric.name)) return [];
      const broken = conventionsOf(metric);
      if (broken.length === 0) return [];
      const all = (texts: readonly string[]) => [...new Set(texts)].join('; ');
      return [
        {
          owner: `metric ${metric.name}`,
          found: all(broken.map(({ found }) => found)),
          fix: `${all(broken.map(({ fix }) => fix))}, where it is recorded; or exempt the metric, since it is not yours to rename`,
        },
      ];
    });
  },
};
