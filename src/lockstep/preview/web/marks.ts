import type { GrafanaTheme2, ThresholdsConfig } from '@grafana/data';
import { formattedValueToString, getActiveThreshold, getValueFormat } from '@grafana/data';
import type { FieldDefaults } from '../protocol.js';

/** How bad a colour is meant, by a sign that needs no colour. */
const SIGNS: Readonly<Record<string, string>> = { green: '✓', yellow: '!', orange: '!!', red: '✕' };
const WORDS: Readonly<Record<string, string>> = { green: 'good', yellow: 'watch', orange: 'bad', red: 'critical' };

/** The state that a value's threshold says, in a sign and in words: `✓ good, from 95.00%`. */
export function markOf(
  value: number,
  { thresholds, unit, decimals }: FieldDefaults & { readonly decimals?: number },
): string | undefined {
  const steps = thresholds?.steps ?? [];
  if (steps.length < 2 || !Number.isFinite(value)) return undefined;
  const config = {
    mode: 'absolute',
    steps: steps.map((step) => ({ ...step, value: step.value ?? Number.NEGATIVE_INFINITY })),
  };
  const active = getActiveThreshold(value, (config as unknown as ThresholdsConfig).steps);
  const sign = SIGNS[active.color];
  if (sign === undefined) return undefined;
  const format = (bound: number) => formattedValueToString(getValueFormat(unit)(bound, decimals));
  const first = steps[1]?.value ?? 0;
  const from = Number.isFinite(active.value) ? `from ${format(active.value)}` : `below ${format(first)}`;
  return `${sign} ${WORDS[active.color]}, ${from}`;
}

/** Dashes by which lines are told apart that are of one colour to some. */
export function dashOf(index: number): number[] {
  return [[], [8, 4], [2, 3], [12, 4, 2, 4], [5, 2]][index % 5] ?? [];
}

export function colourOf(name: string, theme: GrafanaTheme2): string {
  return theme.visualization.getColorByName(name);
}
