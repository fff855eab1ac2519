/**
 * A label of the alert in a text: `{{ $labels.role }}`, or `{{ index $labels "http.route" }}` for a name that needs
 * quotes. Grafana and Prometheus replace it alike.
 */
const LABEL = /\{\{-?\s*(?:\$labels\.([a-zA-Z_]\w*)|index\s+\$labels\s+"([^"\\]+)")\s*-?\}\}/g;

/** The labels that a text names. */
export function labelsNamed(text: string): readonly string[] {
  return [...text.matchAll(LABEL)].map(([, plain, quoted = '']) => plain ?? quoted);
}

/** Whether a text holds anything else that Grafana or Prometheus would evaluate. */
export function hasOtherTemplate(text: string): boolean {
  return /\{\{|\$/.test(text.replaceAll(LABEL, ''));
}

/** Fills in the labels of one alert. */
export function fillLabels(text: string, labels: Readonly<Record<string, string>>): string {
  return text.replaceAll(LABEL, (_, plain?: string, quoted = '') => labels[plain ?? quoted] ?? '');
}
