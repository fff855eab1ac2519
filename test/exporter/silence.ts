import { onTestFinished, vi } from 'vitest';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER, startBadCollector } from './collector.js';
import type { WirePoint } from './otlp-wire.js';
import { pointsOf } from './otlp-wire.js';

// A program that is silent for a while, on every way out, over real sockets; only the clock is the test's. All that
// arrives is kept, as a store would.

export const WAYS = ['scrape', 'otlp', 'pushgateway, scraped on', 'pushgateway that forgot'] as const;
export type Way = (typeof WAYS)[number];

const MINUTE = 60_000;
/** Windows end half a minute after a report: no sample lies on their edge. */
const HALF = MINUTE / 2;

/** The samples of an exposition at a time. */
export function samplesAt(text: string, time: number): readonly WirePoint[] {
  return text.split('\n').flatMap((line) => {
    const [, series, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (series === undefined || labels === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', text = '']) => [name, text]);
    return [{ series, labels: Object.fromEntries(pairs), time, value: Number(value) }];
  });
}

function optionsOf(way: Way, url: string): ExporterOptions {
  const quiet = { environment: {}, intervalMs: 1e9, exitDeadlineMs: 5000 };
  if (way === 'scrape') return { ...quiet, transports: ['prometheus'], port: 0 };
  if (way === 'otlp') return { ...quiet, transports: ['otlp'], otlpEndpoint: `${url}/v1/metrics` };
  return { ...quiet, transports: ['pushgateway'], pushgatewayUrl: url };
}

export interface Delivered {
  readonly time: number;
  readonly events: number;
}

/** Starts a program on one of the ways out. */
export async function startProgram(way: Way, whenFinished: (done: () => void) => void = onTestFinished) {
  const collector = await startBadCollector({ answer: 200 }, whenFinished);
  const errors: string[] = [];
  const exporter = createExporter(shop, {
    ...optionsOf(way, collector.url),
    onError: ({ message }) => errors.push(message),
  });
  const server = way === 'scrape' ? await exporter.serve({ port: 0 }) : undefined;
  if (way !== 'scrape') await exporter.start();
  whenFinished(() => void server?.close());
  const samples: WirePoint[] = [];
  const delivered: Delivered[] = [];
  /** Of a Pushgateway: each group's text. */
  const groups = new Map<string, string>();
  let waiting = 0;

  const record = (events: number) => {
    for (let event = 0; event < events; event++) {
      exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
      exporter.record.wait.observe({ till: 'north' }, 0.1 + event);
    }
    exporter.record.queue.set({ till: 'north' }, events);
    waiting += events;
  };
  const scrapeGateway = () => {
    for (const text of groups.values()) samples.push(...samplesAt(text, Date.now()));
  };
  /** Takes in what has just arrived. */
  const take = () => {
    if (way === 'otlp') samples.push(...pointsOf(Buffer.from(collector.last(), 'latin1')));
    else {
      groups.set(collector.received.at(-1)?.path ?? '', collector.last());
      scrapeGateway();
    }
  };
  /** What is new is shown at zero and then as it is: every report is two of them, a second apart. */
  const report = async () => {
    for (let twice = 0; twice < 2; twice++) {
      if (twice > 0) vi.advanceTimersByTime(1000);
      if (server !== undefined)
        samples.push(...samplesAt(await (await fetch(`${server.url}/metrics`, SCRAPER)).text(), Date.now()));
      else {
        if (!(await exporter.flush())) throw new Error(errors.join());
        take();
      }
    }
    delivered.push({ time: Date.now(), events: waiting });
    waiting = 0;
    vi.advanceTimersByTime(MINUTE - 1000);
  };
  const silence = (minutes: number) => {
    if (way === 'pushgateway that forgot') groups.clear();
    for (let minute = 0; minute < minutes; minute++) {
      if (way === 'pushgateway, scraped on') scrapeGateway();
      vi.advanceTimersByTime(MINUTE);
    }
  };
  const end = async () => {
    const ending = exporter.shutdown();
    if (server !== undefined)
      samples.push(...samplesAt(await (await fetch(`${server.url}/metrics`, SCRAPER)).text(), Date.now()));
    await ending;
    if (server === undefined) take();
    delivered.push({ time: Date.now(), events: waiting });
    waiting = 0;
  };
  return { record, report, silence, end, samples, delivered, errors };
}

const HOUR = 60 * MINUTE;

/** What `increase()` of `lockstep/promql` compiles to, over all series of a name. */
export function count(samples: readonly WirePoint[], name: string, end: number, window: number): number {
  const bySeries = new Map<string, WirePoint[]>();
  for (const sample of samples) {
    if (sample.series !== name) continue;
    const key = JSON.stringify(Object.entries(sample.labels).sort());
    const known = bySeries.get(key);
    if (known === undefined) bySeries.set(key, [sample]);
    else known.push(sample);
  }
  const from = end - window;
  let sum = 0;
  for (const all of bySeries.values()) {
    const inside = all.filter(({ time }) => time > from && time <= end).map(({ value }) => value);
    const before = all.filter(({ time }) => time > from - HOUR && time <= from).at(-1)?.value;
    const still = all.some(({ time }) => time > from && time <= from + HOUR);
    if (window <= HOUR) sum += inside.length === 0 ? 0 : Math.max(...inside) - (before ?? 0);
    else sum += (inside.length === 0 ? 0 : Math.max(...inside)) - (still ? (before ?? 0) : 0);
  }
  return sum;
}

/** The ends of windows before, in, across and after a silence. */
export function endsOf(delivered: readonly Delivered[], gapMinutes: number): readonly number[] {
  const first = delivered[0]?.time ?? 0;
  const minutes = Math.round(((delivered.at(-1)?.time ?? 0) - first) / MINUTE) + 2;
  const step = Math.max(1, Math.floor(gapMinutes / 40));
  return Array.from({ length: Math.ceil(minutes / step) }, (_, index) => first + HALF + index * step * MINUTE);
}

export function truth(delivered: readonly Delivered[], end: number, window: number): number {
  return delivered
    .filter(({ time }) => time > end - window && time <= end)
    .reduce((sum, { events }) => sum + events, 0);
}

export const WINDOWS = [5 * MINUTE, HOUR, 6 * HOUR];

/** Plays a long life with a silence in it, by a clock that the caller has set. */
export async function playSilence(way: Way, gapMinutes: number, least = 0) {
  const program = await startProgram(way);
  for (let minute = 0; minute < 12; minute++) {
    program.record(least + (minute % 4));
    await program.report();
  }
  program.record(5);
  program.silence(gapMinutes);
  program.record(2);
  for (let minute = 0; minute < 12; minute++) {
    await program.report();
    program.record((minute + 1) % 3);
  }
  await program.report();
  return program;
}

/** An exporter that reports by OTLP to something that takes it, when it is told to, and all points that arrived. */
export async function startReporting(onError?: ExporterOptions['onError']) {
  const collector = await startBadCollector({ answer: 200 });
  const exporter = createExporter(shop, {
    environment: {},
    transports: ['otlp'],
    otlpEndpoint: `${collector.url}/v1/metrics`,
    intervalMs: 1e9,
    ...(onError !== undefined && { onError }),
  });
  await exporter.start();
  const points: WirePoint[] = [];
  const flush = async () => {
    exporter.record.sales.add({ till: 'north', result: 'paid' }, 1);
    exporter.record.wait.observe({ till: 'north' }, 20);
    const taken = await exporter.flush();
    points.push(...pointsOf(Buffer.from(collector.last(), 'latin1')));
    return taken;
  };
  return { collector, exporter, points, flush };
}
