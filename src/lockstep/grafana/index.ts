import { v10_4 } from './v10-4.js';
import { v12_4 } from './v12-4.js';
import type { GrafanaTarget } from './version.js';

export type { GrafanaTarget } from './version.js';
export { EVALUATION_SECONDS, EXPRESSION_SOURCE, RULE_FIELDS_SINCE } from './version.js';

/** The versions that are known. One more is one more file beside these, and a line here. */
export const GRAFANA_VERSIONS = { '10.4': v10_4, '12.4': v12_4 } as const satisfies Readonly<
  Record<string, GrafanaTarget>
>;
export type GrafanaVersion = keyof typeof GRAFANA_VERSIONS;

/** The least of a limit over all versions: what a definition may have wherever it goes. */
export const UID_LENGTH = Math.min(...Object.values(GRAFANA_VERSIONS).map(({ uidLength }) => uidLength));
export const RULE_TITLE_LENGTH = Math.min(
  ...Object.values(GRAFANA_VERSIONS).map(({ ruleTitleLength }) => ruleTitleLength),
);
