import { metricsRead } from '../metrics-read.js';
import type { Rule } from '../rule.js';

export const unusedMetric: Rule = {
  severity: 'warning',
  about: 'A metric of the catalogue that no panel shows and no alert reads: recorded, shipped and stored for nobody.',
  example: '`restarts` in the catalogue only',
  fix: 'show it, alert on it, or drop it',
  system: (system) => {
    const isRead = metricsRead(system);
    return Object.values(system.catalogue.metrics)
      .filter((metric) => !isRead(metric))
      .map(({ name }) => ({
        owner: `metric ${name}`,
        found: 'no panel shows it and no alert reads it',
        fix: 'show it, alert on it, or drop it: it is recorded, shipped and stored for nobody',
      }));
  },
};
