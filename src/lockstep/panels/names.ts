import type { Dashboard } from './dashboard.js';

// Names that leave here, each in one place: the receiving repository's conventions, and Grafana's.

/** `fab-overview`. */
export function dashboardUid(dashboard: Dashboard): string {
  return toResourceName(`${dashboard.catalogue.name}-${dashboard.facet}`);
}

/** Its own title, or `fab — overview`, with an em dash. */
export function dashboardTitle(dashboard: Dashboard): string {
  return dashboard.title ?? `${dashboard.catalogue.name} — ${dashboard.facet}`;
}

/** The resource's name: the system's own for its overview, `<system>-<facet>` for any further dashboard. */
export function dashboardResource(dashboard: Dashboard): string {
  const name = dashboard.facet === 'overview' ? dashboard.catalogue.name : dashboardUid(dashboard);
  return toResourceName(name);
}

/** A name of Kubernetes has no underscore (RFC 1123), where one of Prometheus has no hyphen. */
export function toResourceName(name: string): string {
  return name.replaceAll('_', '-');
}

/** The variable that holds the Prometheus datasource. */
export const DATASOURCE_VARIABLE = 'datasource';

/** Grafana's letter of the nth query of a panel: A, B, ... Z, A1. */
export function letterOf(index: number): string {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round === 0 ? '' : round}`;
}

/** The labels that a legend names. */
export function legendLabels(legend: string): readonly string[] {
  return [...legend.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map((match) => match[1] ?? '');
}
