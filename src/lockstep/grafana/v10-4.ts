import type { GrafanaTarget } from './version.js';

/** Grafana 10.4: the schema is that of `public/app/features/dashboard/state/DashboardMigrator.ts` there. */
export const v10_4: GrafanaTarget = {
  schemaVersion: 39,
  // They came with 11.x and 12.x; later versions read a board without them as if they had their default. `placement` is
  // one of links only: a legend has had it all along.
  isLeftOut: (field, holder) =>
    field === 'allowCustomValue' ||
    field === 'percentChangeColorMode' ||
    (field === 'placement' && 'asDropdown' in holder),
  // Notification settings are there behind a switch of the experiments alone, the others came with 12.0.
  ruleFields: [],
  uidLength: 40,
  ruleTitleLength: 190,
};
