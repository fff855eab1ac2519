import type { Dashboard } from './dashboard.js';

/** Names that leave here, each in one place: the receiving repository's conventions. */

/** `fab-overview`. */
export function dashboardUid(dashboard: Dashboard): string {
  return `${dashboard.catalogue.name}-${dashboard.facet}`;
}

/** `fab — overview`, with an em dash. */
export function dashboardTitle(dashboard: Dashboard): string {
  return `${dashboard.catalogue.name} — ${dashboard.facet}`;
}

/** The resource's name: the system's own for its overview, `<system>-<facet>` for any further dashboard. */
export function dashboardResource(dashboard: Dashboard): string {
  return dashboard.facet === 'overview' ? dashboard.catalogue.name : dashboardUid(dashboard);
}

/** The variable that holds the Prometheus datasource. */
export const DATASOURCE_VARIABLE = 'datasource';
