import type { SystemNames } from '../import/names.js';

/** The alert that both kinds of systems have: it tells when nothing arrives. */
export function printAbsence(
  names: SystemNames,
  { series, panel, component }: { readonly series: string; readonly panel: string; readonly component: string },
): string {
  return `    absenceRule(${series}, {
      system: '${names.words}',
      uid: '${names.kebab}-metrics-absent',
      title: '${names.pascal}MetricsAbsent',
      component: '${component}',
      panel: ${panel},
      window: '1h',
      for: '15m',
      runbook: {
        impact: 'While this holds every other alert is blind, and silent.',
        firstLook: [{ say: 'Does the program run? Is it scraped?' }],
        silence: 'While the service is switched off on purpose.',
      },
    }),
`;
}
