import { EVALUATION_SECONDS } from '../grafana/version.js';

export { EVALUATION_SECONDS };

import type { AnnotationModel, ShownPanel, TargetModel, VariableModel } from './protocol.js';

/** The reader's choices. */
export interface View {
  /** In seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** The chosen values of each variable; none: all. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

/** A request to the API of Prometheus; its path and parameters are its name, wherever it is answered from. */
export interface ApiRequest {
  readonly path: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** As many points as a panel of the whole width has: Grafana takes as many as it is wide in pixels. */
const POINTS = 1300;
const COLUMNS = 24;

/**
 * The steps that Grafana takes for a time range and a number of points: from how many milliseconds upwards, and the
 * step.
 */
const ROUNDED: readonly (readonly [number, number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];

/** A step in milliseconds, rounded as Grafana's `rangeUtil.roundInterval` does. */
export function roundInterval(milliseconds: number): number {
  return ROUNDED.find(([below]) => milliseconds < below)?.[1] ?? 31_536_000_000;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
};

/** Seconds of `5m`; nothing of what is none. */
export function secondsOf(text: string | undefined): number | undefined {
  const [, count, unit = ''] = /^(\d+)([smhdwMy])$/.exec(text ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}

/** A moment as a board says it (`now`, `now-6h`) or a reader (seconds since 1970), in seconds since 1970. */
export function momentOf(text: string, now: number): number | undefined {
  if (text === 'now') return now;
  const back = /^now-(\d+[smhdwMy])$/.exec(text)?.[1];
  if (back !== undefined) return now - (secondsOf(back) ?? 0);
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * The step between two points of a panel, in seconds: what its width can show, the scrape interval and the panel's own
 * least step.
 */
export function stepOf(panel: ShownPanel, { from, to }: View, scrapeSeconds: number): number {
  const points = panel.maxDataPoints ?? Math.max(1, Math.round((POINTS * panel.gridPos.w) / COLUMNS));
  const least = secondsOf(panel.interval) ?? scrapeSeconds;
  return Math.max(roundInterval((1000 * (to - from)) / points) / 1000, least);
}

/** How a panel's query is asked in a view. */
export function queryRequest(
  panel: ShownPanel,
  target: TargetModel,
  view: View,
  scrapeSeconds: number,
  variables: readonly VariableModel[],
): ApiRequest {
  const step = stepOf(panel, view, scrapeSeconds);
  const query = interpolate(target.expr, view, step, scrapeSeconds, variables);
  if (target.instant === true) return { path: 'query', parameters: { query, time: String(view.to) } };
  return rangeRequest(query, view, step);
}

/** How an annotation is asked in a view. */
export function annotationRequest(
  { expr, step }: AnnotationModel,
  view: View,
  scrapeSeconds: number,
  variables: readonly VariableModel[],
): ApiRequest {
  const seconds = secondsOf(step) ?? scrapeSeconds;
  return rangeRequest(interpolate(expr, view, seconds, scrapeSeconds, variables), view, seconds);
}

/** A query over the view, its ends moved to whole steps as Grafana does. */
export function rangeRequest(query: string, { from, to }: View, step: number): ApiRequest {
  const start = Math.floor(from / step) * step;
  const end = Math.floor(to / step) * step;
  return { path: 'query_range', parameters: { query, start: String(start), end: String(end), step: String(step) } };
}

/** Whether several values of a variable can be chosen, or all. */
export function isChoice({ type, allValue }: VariableModel): boolean {
  return type === 'query' || (type === 'custom' && allValue !== undefined);
}

/** The values of a variable that says them itself. */
export function ownValues({ options = [], current }: VariableModel): readonly string[] {
  const all = String(current?.value ?? '');
  return options.map(({ value }) => String(value)).filter((value) => value !== all);
}

/** How the values of a variable are asked; nothing of one that is no list of values. */
export function valuesRequest(
  variable: VariableModel,
  view: View,
  scrapeSeconds: number,
  variables: readonly VariableModel[],
): (ApiRequest & { readonly label: string }) | undefined {
  const [, selector, label] = /^label_values\((.*),\s*(\w+)\)$/.exec(variable.query ?? '') ?? [];
  if (selector === undefined || label === undefined) return undefined;
  const match = interpolate(selector, view, scrapeSeconds, scrapeSeconds, variables);
  return {
    label,
    path: `label/${label}/values`,
    parameters: { 'match[]': match, start: String(Math.floor(view.from)), end: String(Math.ceil(view.to)) },
  };
}

/** The text that Grafana would send: its windows, and what is chosen of the variables. */
export function interpolate(
  text: string,
  view: View,
  step: number,
  scrapeSeconds: number,
  variables: readonly VariableModel[],
): string {
  const rate = Math.max(step + scrapeSeconds, 4 * scrapeSeconds);
  const range = Math.max(1, Math.round(view.to - view.from));
  return variables.filter(isChoice).reduce(
    (done, { name, allValue = '.*' }) => {
      const chosen = view.variables[name] ?? [];
      const value =
        chosen.length === 0
          ? allValue
          : chosen.length === 1
            ? escapeValue(chosen[0] ?? '')
            : `(${chosen.map(escapeValue).join('|')})`;
      return done.replace(new RegExp(`\\$\\{${name}\\}|\\$${name}\\b`, 'g'), () => value);
    },
    text
      .replaceAll('$__rate_interval_ms', String(1000 * rate))
      .replaceAll('$__rate_interval', `${rate}s`)
      .replaceAll('$__interval_ms', String(1000 * step))
      .replaceAll('$__range_s', String(range))
      .replaceAll('$__range', `${range}s`)
      .replaceAll('$__interval', `${step}s`),
  );
}

/** As Grafana's Prometheus datasource escapes what it puts into a regular expression within a string. */
function escapeValue(value: string): string {
  return value.replace(/\\/g, '\\\\\\\\').replace(/[$^*{}[\]'+?.()|]/g, '\\\\$&');
}

/** The name of a request where answers are kept. */
export function requestKey({ path, parameters }: ApiRequest): string {
  return `${path}?${new URLSearchParams(parameters)}`;
}

/** Prometheus gives 11,000 points of a series and no more. */
const MOST_POINTS = 10_000;

/**
 * The step in which a rule is evaluated over a view: a minute as Grafana does, or longer where that would be too many.
 */
export function alertStep({ from, to }: View): number {
  const least = (to - from) / MOST_POINTS;
  return least <= EVALUATION_SECONDS ? EVALUATION_SECONDS : Math.ceil(least / EVALUATION_SECONDS) * EVALUATION_SECONDS;
}

/** Charts need no more points than they are wide. */
export function partStep({ from, to }: View): number {
  return Math.max(EVALUATION_SECONDS, roundInterval((1000 * (to - from)) / 650) / 1000);
}
