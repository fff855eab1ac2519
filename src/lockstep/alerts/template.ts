/** A label of the alert in a text: `{{ $labels.role }}`. Grafana and Prometheus replace it alike. */
const LABEL = /\{\{-?\s*\$labels\.([a-zA-Z_]\w*)\s*-?\}\}/g;

/** The labels that a text names. */
export function labelsNamed(text: string): readonly string[] {
  return [...text.matchAll(LABEL)].map(([, name = '']) => name);
}

/** Whether a text holds anything else that Grafana or Prometheus would evaluate. */
export function hasOtherTemplate(text: string): boolean {
  return /\{\{|\$/.test(text.replaceAll(LABEL, ''));
}

/** Fills in the labels of one alert. */
export function fillLabels(text: string, labels: Readonly<Record<string, string>>): string {
  return text.replaceAll(LABEL, (_, name: string) => labels[name] ?? '');
}
