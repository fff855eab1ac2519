import { definitionPath, isCollecting, printValue, refuse, suggest } from '../problem.js';
import type { Metric } from './metric.js';

/** Properties that the language and its tools ask of any object. */
const PROTOCOL = new Set(['then', 'toJSON', 'constructor', '$$typeof', 'asymmetricMatch', 'nodeType']);

/**
 * While a command loads definitions, a handle that does not exist becomes a problem with its name and its author's
 * line. Without this, it is `undefined`, and some later line falls over it. A program that imports the catalogue gets
 * the metrics as they are.
 */
export function watchHandles<Metrics extends Readonly<Record<string, Metric>>>(
  metrics: Metrics,
  catalogue: string,
): Metrics {
  if (!isCollecting()) return metrics;
  return new Proxy(metrics, {
    get(target, key, receiver) {
      if (typeof key === 'string' && !(key in target) && !PROTOCOL.has(key) && isCollecting())
        refuse([
          {
            code: 'catalogue/no-such-metric',
            where: definitionPath(`catalogue ${catalogue}`, key),
            found: `${printValue(key)}, which is not among its metrics`,
            allowed: Object.keys(target).join(', '),
            fix: suggest(key, Object.keys(target), 'name a metric that the catalogue has, or add this one'),
          },
        ]);
      return Reflect.get(target, key, receiver);
    },
  });
}
