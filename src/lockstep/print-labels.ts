import { isQuotedLabel } from 'lockstep-exporter/internal';

/** The labels of a series as messages write them: `{code="200", route="/"}`. */
export function printLabels(labels: Readonly<Record<string, string>>): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${isQuotedLabel(name) ? JSON.stringify(name) : name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}
