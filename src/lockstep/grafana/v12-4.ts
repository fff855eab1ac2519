import type { GrafanaTarget } from './version.js';
import { RULE_FIELDS_SINCE } from './version.js';

/** Grafana 12.4: the schema is the one that the foundation SDK 0.0.21, generated from 12.x, writes by itself. */
export const v12_4: GrafanaTarget = {
  schemaVersion: 42,
  // The SDK's default for it hides a dashboard's links in a menu.
  isLeftOut: (field, holder) => field === 'placement' && 'asDropdown' in holder,
  ruleFields: RULE_FIELDS_SINCE,
  uidLength: 40,
  ruleTitleLength: 190,
};
