import type { DisplayValue } from '@grafana/data';
import { formattedValueToString } from '@grafana/data';
import type { Line } from './chart.js';
import { h } from './dom.js';

export interface LaneOptions {
  /** In seconds. */
  readonly from: number;
  readonly to: number;
  readonly label: string;
  /** The colour of a text that can be read on another colour. */
  readonly contrast: (colour: string) => string;
}

/** A stretch of a lane that shows one value. In milliseconds since 1970. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly colour: string | undefined;
}

const TICKS = 5;
/** A shorter stretch, as a share of the lane, has no room for its value. */
const ROOM = 0.07;

/** Values of a line that read the same, side by side, are one stretch; nothing is drawn where there is no value. */
export function stretchesOf(times: readonly number[], shown: readonly (Omit<Stretch, 'from' | 'to'> | undefined)[]) {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const step = steps.length === 0 ? 60_000 : Math.min(...steps);
  const stretches: Stretch[] = [];
  times.forEach((time, index) => {
    const value = shown[index];
    if (value === undefined) return;
    const last = stretches.at(-1);
    const to = times[index + 1] ?? time + step;
    if (last !== undefined && last.to === time && last.text === value.text && last.colour === value.colour)
      stretches[stretches.length - 1] = { ...last, to };
    else stretches.push({ from: time, to, ...value });
  });
  return stretches;
}

/** Lanes as Grafana's state timeline has them: a name, and a strip in the colours of the thresholds. */
export function drawLanes(lines: readonly Line[], { from, to, label, contrast }: LaneOptions): HTMLElement {
  const place = (time: number) => Math.min(1, Math.max(0, (time / 1000 - from) / (to - from)));
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  const moments = Array.from({ length: TICKS }, (_, index) => from + ((index + 0.5) * (to - from)) / TICKS);
  return h(
    'div',
    { class: 'lanes', role: 'img', 'aria-label': label },
    ...lines.map((line) => {
      const strip = h('div', { class: 'lane-strip' });
      const shown = line.values.map((value) => {
        if (value === null || line.field.display === undefined) return undefined;
        const display: DisplayValue = line.field.display(value);
        return { text: formattedValueToString(display), colour: display.color };
      });
      for (const stretch of stretchesOf(line.times, shown)) {
        const width = place(stretch.to) - place(stretch.from);
        if (width <= 0) continue;
        const part = h('span', { title: stretch.text }, width > ROOM ? stretch.text : '');
        part.style.left = percent(place(stretch.from));
        part.style.width = percent(width);
        if (stretch.colour !== undefined) {
          part.style.background = stretch.colour;
          part.style.color = contrast(stretch.colour);
        }
        strip.append(part);
      }
      return h('div', { class: 'lane' }, h('span', { class: 'lane-name' }, line.name), strip);
    }),
    h(
      'div',
      { class: 'lane lane-times', 'aria-hidden': 'true' },
      h('span', { class: 'lane-name' }),
      h(
        'div',
        { class: 'lane-strip' },
        ...moments.map((moment) => {
          const tick = h('span', {}, new Date(1000 * moment).toLocaleTimeString([], { timeStyle: 'short' }));
          tick.style.left = percent((moment - from) / (to - from));
          return tick;
        }),
      ),
    ),
  );
}
