import { isRecord } from 'lockstep-exporter/internal';
import type { GrafanaFields } from '../existing/board.js';

/** The uid that a reference to a datasource names; old files name the datasource itself. */
export function uidOf(datasource: unknown): unknown {
  return isRecord(datasource) ? datasource['uid'] : datasource;
}

/** The name of the first variable that holds a Prometheus datasource. */
export function sourceVariable(variables: readonly GrafanaFields[]): string | undefined {
  const found = variables.find(({ type, query }) => type === 'datasource' && (query ?? 'prometheus') === 'prometheus');
  return typeof found?.['name'] === 'string' ? found['name'] : undefined;
}

/** Whether a reference is to a variable, in one of the three spellings that Grafana reads. */
export function isVariable(datasource: unknown, name: string | undefined): boolean {
  return name !== undefined && [`$${name}`, `\${${name}}`, `[[${name}]]`].includes(String(uidOf(datasource)));
}

/** Whether a file asks for the datasource when it is loaded into Grafana. */
export function isAskedFor(datasource: unknown): boolean {
  return /^\$\{DS_\w+\}$/.test(String(uidOf(datasource)));
}

/** Whether each query names its own. */
export function isMixed(datasource: unknown): boolean {
  return uidOf(datasource) === '-- Mixed --';
}
