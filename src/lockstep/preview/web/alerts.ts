import type { GrafanaTheme2 } from '@grafana/data';
import { createDataFrame, FieldType, renderMarkdown } from '@grafana/data';
import type { GroupView, QueryAnswer, RawSeries, RulePart, RuleView } from '../protocol.js';
import type { View } from '../requests.js';
import { alertStep, EVALUATION_SECONDS, partStep, rangeRequest } from '../requests.js';
import { drawChart, linesOf } from './chart.js';
import { h, svg } from './dom.js';
import { withGaps } from './frames.js';
import type { Source } from './source.js';
import { playStates } from './states.js';

export interface AlertsContext {
  readonly source: Source;
  readonly view: View;
  readonly theme: GrafanaTheme2;
}

/** A group's rules, each with what it would have told over the shown range. */
export function groupElement(
  group: GroupView,
  context: AlertsContext,
): { readonly element: HTMLElement; load(): Promise<void>; stop(): void } {
  const rules = group.rules.map((rule) => ruleElement(rule, context));
  return {
    element: h('div', { class: 'rules' }, ...rules.map(({ element }) => element)),
    load: async () => {
      await Promise.all(rules.map((rule) => rule.load()));
    },
    stop: () => {
      for (const rule of rules) rule.stop();
    },
  };
}

const SIGN = { inactive: '✓', pending: '!', firing: '✕', unknown: '?' } as const;

function ruleElement(rule: RuleView, context: AlertsContext) {
  const { view, source } = context;
  const state = h('span', { class: 'state' }, '…');
  const strip = h('div', { class: 'strip' });
  const said = h('p', { class: 'spans' });
  const charts = h('div', { class: 'parts' });
  const runbook = h('div', { class: 'markdown' });
  runbook.innerHTML = renderMarkdown(rule.runbook);
  const element = h(
    'article',
    { class: 'rule', 'data-rule': rule.title },
    h(
      'header',
      {},
      h('h3', {}, rule.title),
      state,
      h('span', { class: 'badge' }, rule.severity),
      rule.board !== undefined && h('a', { href: `#/d/${rule.board}` }, `panel ${rule.panel}`),
    ),
    h('p', {}, rule.summary),
    strip,
    said,
    charts,
    h(
      'details',
      {},
      h('summary', {}, 'Expression'),
      h('p', {}, `It fires while this is above 0, after ${printSeconds(rule.pendingSeconds)} of that.`),
      h('pre', { tabindex: 0 }, rule.expr),
    ),
    h('details', {}, h('summary', {}, 'Runbook'), runbook),
  );
  const stops: (() => void)[] = [];
  return {
    element,
    stop: () => {
      for (const stop of stops) stop();
    },
    load: async () => {
      const step = alertStep(view);
      const answer = await source.query(rangeRequest(rule.expr, view, step));
      if (answer.status === 'error') {
        state.replaceChildren(`${SIGN.unknown} no answer`);
        said.replaceChildren(answer.error ?? '');
        return;
      }
      const spans = playStates(
        answer.data?.result ?? [],
        rule.pendingSeconds,
        Math.floor(view.from / step) * step,
        Math.floor(view.to / step) * step,
        step,
      );
      const now = spans.at(-1)?.state ?? 'inactive';
      state.replaceChildren(`${SIGN[now]} ${now}`);
      state.className = `state state-${now}`;
      strip.replaceChildren(timeline(spans, view, rule.title));
      const firing = spans.filter((span) => span.state === 'firing');
      said.replaceChildren(
        firing.length === 0
          ? 'It would not have fired in the shown range.'
          : `It would have fired ${firing.length === 1 ? 'once' : `${firing.length} times`}: ${firing
              .slice(0, 5)
              .map(({ from, to }) => `${time(from)} to ${to >= view.to - step ? 'now' : time(to)}`)
              .join('; ')}${firing.length > 5 ? '; …' : ''}.`,
        step > EVALUATION_SECONDS ? ` Evaluated every ${printSeconds(step)}; Grafana does every minute.` : '',
      );
      const drawn = await Promise.all(rule.parts.map((part, index) => drawPart(part, index, context)));
      for (const each of drawn) {
        charts.append(each.element);
        stops.push(each.draw());
      }
    },
  };
}

const time = (seconds: number) =>
  new Date(1000 * seconds).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function printSeconds(seconds: number): string {
  return seconds % 3600 === 0 && seconds > 0
    ? `${seconds / 3600} h`
    : seconds % 60 === 0
      ? `${seconds / 60} min`
      : `${seconds} s`;
}

/** The states over the range as a strip; what it shows is said below it too. */
function timeline(spans: ReturnType<typeof playStates>, view: View, title: string): Element {
  const width = 1000;
  const x = (seconds: number) => (width * (seconds - view.from)) / (view.to - view.from);
  const height = { inactive: 4, pending: 10, firing: 16, unknown: 4 } as const;
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} 16`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': `${title}: ${spans
        .map(({ state, from }) => `${state} from ${time(from)}`)
        .slice(0, 20)
        .join(', ')}`,
    },
    ...spans.map(({ state, from, to }) =>
      svg(
        'rect',
        {
          x: x(from),
          y: 16 - height[state],
          width: Math.max(2, x(to) - x(from)),
          height: height[state],
          class: `span-${state}`,
        },
        svg('title', {}, `${state}: ${time(from)} to ${time(to)}`),
      ),
    ),
  );
}

async function drawPart(part: RulePart, index: number, { source, view, theme }: AlertsContext) {
  const answer = await source.query(rangeRequest(part.expr, view, partStep(view)));
  const chart = h('div', { class: 'chart' });
  const label = `Part ${index + 1}: fires only ${part.op} ${part.threshold}`;
  const element = h(
    'figure',
    { class: 'part' },
    h('figcaption', {}, `${'ABCDEFGH'[index] ?? index + 1}: ${part.op} ${part.threshold}`, h('code', {}, part.expr)),
    chart,
  );
  return {
    element,
    draw: () => {
      const frames = (answer.data?.result ?? []).map((series: RawSeries) => partFrame(series, partStep(view)));
      if (frames.length === 0) {
        chart.replaceChildren(h('p', { class: 'quiet no-data' }, troubleOf(answer)));
        return () => {};
      }
      return drawChart(chart, linesOf(frames, theme), {
        theme,
        from: view.from,
        to: view.to,
        reachesThresholds: true,
        thresholds: [{ value: part.threshold, colour: theme.colors.error.text }],
        format: (value) => String(Number(value.toPrecision(4))),
        label,
      });
    },
  };
}

function troubleOf({ status, error }: QueryAnswer): string {
  return status === 'error' ? (error ?? 'no answer') : 'No data';
}

function partFrame({ metric, values = [] }: RawSeries, step: number) {
  const labels = Object.entries(metric);
  const { times, numbers } = withGaps(values, step);
  return createDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: times },
      {
        name: 'Value',
        type: FieldType.number,
        values: numbers,
        config: {
          displayName: labels.length === 0 ? 'value' : labels.map(([, value]) => value).join(' '),
          color: { mode: 'fixed', fixedColor: 'blue' },
        },
      },
    ],
  });
}
