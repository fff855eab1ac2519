import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { Registry } from 'prom-client';
import type { Metric } from '../catalogue/metric.js';
import { SHARD_LABEL, START_LABEL } from '../catalogue/metric.js';
import { toUcum } from '../catalogue/ucum.js';
import type { Destination } from '../push/destination.js';
import type { Answered, Delivery, Sent } from '../push/post.js';
import { send } from '../push/post.js';
import type { Push, Pusher } from '../push/pusher.js';
import type { Carrier } from '../push/transport.js';
import type { Ledger, Page } from '../recording/ledger.js';
import type { Settings } from '../settings/settings.js';
import { VERSION } from '../version.js';
import { GRPC_PATH } from './grpc-path.js';

/** A metric of a registry, as prom-client gives it. */
export type Values = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

export interface OtlpOptions {
  readonly ledger: Ledger;
  /** The values of the registry, by metric, within a time. */
  readonly read: (page: Page, timeoutMs: number) => Promise<Values>;
  /** The same at once, for when the program is over. */
  readonly readNow: (page: Page) => Values;
  readonly metrics: readonly Metric[];
  readonly settings: Settings;
  readonly to: Destination;
  /** The first id: that of the process, for as long as it lives. */
  readonly startId: string;
}

/** A series as the registry has it at one moment: a number, or a histogram's parts. */
interface Point {
  readonly key: string;
  readonly labels: Record<string, string>;
  readonly value: number;
  /** Counts of a histogram per bucket, not cumulative, `+Inf` last. */
  readonly counts: readonly number[];
}
interface Family {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly bounds: readonly number[];
  readonly points: readonly Point[];
}

const VALUE_DOUBLE = 1;

/**
 * A clock that is behind the last report by no more than this is waited for: reports are a millisecond later than the
 * one before.
 */
const SET_BACK_MS = 1000;

/**
 * Pushes the registry by OTLP, over HTTP or gRPC. The names are the registry's own: a collector that writes to
 * Prometheus keeps them.
 */
export async function createOtlpPusher(options: OtlpOptions): Promise<Pusher> {
  const { settings, startId, ledger, to } = options;
  const { otlp } = settings;
  const delta = otlp.temporality === 'delta';
  const transport =
    otlp.protocol === 'grpc' ? (await import('./grpc.js')).createGrpcTransport(to, settings) : createHttpTransport(to);
  let id = startId;
  let began = now();
  /** The time of the last report that the other side has, or may have. */
  let last: HrTime | undefined;
  /** The series that the other side has, or may have; with what it has of each, where differences are reported. */
  const told = new Map<string, Point>();
  const shard = String(Number.parseInt(startId, 16) % otlp.shards);
  const units = new Map(options.metrics.map((metric) => [metric.name, toUcum(metric.unit)]));
  const { 'service.instance.id': instance = startId, ...shared } = settings.resourceAttributes;
  const attributes = {
    ...shared,
    'service.name': settings.serviceName,
    // With deltas the processes are to be added up, which an identity of theirs would prevent.
    ...(delta ? {} : { 'service.instance.id': instance }),
  };

  /** Begins a report. */
  function open(): Page {
    // The other side refuses values that are older than those it has. A new id has no order towards the old one.
    if (!delta && last !== undefined && toMs(now()) < toMs(last) - SET_BACK_MS) ledger.roll();
    return ledger.open({ zeroFirst: false });
  }

  /** The time of a report whose values have been read: later than that of the last one under the same id. */
  function stamp(page: Page): HrTime {
    const wall = now();
    const time = page.startId === id && !delta && last !== undefined ? later(wall, after(last)) : wall;
    // Reports no longer hold the series of the id before, and those of this id are new to the other side.
    if (page.startId !== id) {
      id = page.startId;
      began = before(before(time));
      told.clear();
    }
    return time;
  }

  function encode(families: readonly Family[], time: HrTime): Uint8Array | undefined {
    const metrics = families.map((family) =>
      delta && family.kind !== 'gauge'
        ? deltaOf(family, told, shard, time, units)
        : cumulativeOf(family, told, began, time, units),
    );
    const scope = { name: 'lockstep', version: VERSION };
    // The serializer reads no more of a resource than its attributes.
    const resource = { attributes } as unknown as ResourceMetrics['resource'];
    return ProtobufMetricsSerializer.serializeRequest({
      resource,
      scopeMetrics: [{ scope, metrics: metrics.filter(({ dataPoints }) => dataPoints.length > 0) }],
    });
  }

  return {
    push: async ({ timeoutMs, letGo, signal, hurry }: Push): Promise<Sent> => {
      const until = performance.now() + timeoutMs;
      const page = open();
      const families = toFamilies(await options.read(page, timeoutMs / 2));
      const time = stamp(page);
      const body = encode(families, time);
      if (body === undefined) return { delivery: 'refused', trouble: 'the report cannot be encoded', again: false };
      const sent = toSent(await transport.send({ body, timeoutMs: until - performance.now(), letGo, signal, hurry }));
      // Deltas are added up on the way, in series that are not of one process: they need no other id, whatever the
      // silence.
      if (sent.delivery === 'taken' && !delta) page.delivered();
      if (sent.delivery !== 'refused') last = time;
      if (isPresent(sent.delivery, delta))
        for (const { points } of families) for (const point of points) told.set(point.key, point);
      return sent;
    },
    lastWords: (sending) => {
      const page = open();
      const families = toFamilies(options.readNow(page));
      const time = stamp(page);
      // A report that is under way may have arrived: another zero after it would look like a restart.
      if (sending && !delta) for (const { points } of families) for (const point of points) told.set(point.key, point);
      const body = encode(families, time);
      const { address, headers } = to;
      if (body === undefined) return undefined;
      if (otlp.protocol === 'grpc')
        return {
          protocol: 'grpc',
          url: `${new URL(address).origin}${GRPC_PATH}`,
          method: 'POST',
          headers,
          body,
        };
      const type = { 'Content-Type': 'application/x-protobuf' };
      return { protocol: 'http', url: address, method: 'POST', headers: { ...headers, ...type }, body };
    },
    close: () => transport.close(),
  };
}

/**
 * Whether the other side counts as having it. A cumulative report that may have arrived did: another zero after it
 * would look like a restart. A difference that may not have arrived did not: it is reported again, and would be counted
 * twice if only its answer was lost.
 */
function isPresent(delivery: Delivery, delta: boolean): boolean {
  return delivery === 'taken' || (delivery === 'unknown' && !delta);
}

type HrTime = [number, number];
/**
 * The time of the wall, which may be set while the program runs, and finer than a millisecond: two processes that
 * report within one must not seem to have reported at once.
 */
function now(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6 + Math.floor((performance.now() % 1) * 1e6)];
}
/** A millisecond, the finest that Prometheus stores, before. */
function before([seconds, nanos]: HrTime): HrTime {
  return nanos >= 1e6 ? [seconds, nanos - 1e6] : [seconds - 1, nanos + 999e6];
}

/** And one after. */
function after([seconds, nanos]: HrTime): HrTime {
  return nanos < 999e6 ? [seconds, nanos + 1e6] : [seconds + 1, nanos - 999e6];
}
function toMs([seconds, nanos]: HrTime): number {
  return seconds * 1000 + nanos / 1e6;
}
function later(one: HrTime, other: HrTime): HrTime {
  return toMs(one) < toMs(other) ? other : one;
}

/**
 * The registry's families, whoever registered them; summaries, which OTLP has no place for, are left out, and what is
 * none.
 */
function toFamilies(json: Values): readonly Family[] {
  return json.flatMap((each): readonly Family[] => {
    try {
      return toFamily(each);
    } catch {
      // Somebody else's metric, which is not as prom-client has them.
      return [];
    }
  });
}

function toFamily({ name, help, type, values }: Values[number]): readonly Family[] {
  const kind = String(type);
  const all = values as readonly PromValue[];
  if (kind === 'histogram') return [toHistogram(name, help, all)];
  if (kind !== 'counter' && kind !== 'gauge') return [];
  const points = all.map(({ labels, value }) => toPoint(name, toTexts(labels), value, []));
  return [{ name, help, kind, bounds: [], points }];
}

interface PromValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName?: string;
}

function toTexts(labels: PromValue['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

function toPoint(name: string, labels: Record<string, string>, value: number, counts: readonly number[]): Point {
  return { key: `${name} ${JSON.stringify(labels)}`, labels, value, counts };
}

function toHistogram(name: string, help: string, values: readonly PromValue[]): Family {
  const byLabels = new Map<string, { labels: Record<string, string>; below: [number, number][]; sum: number }>();
  const bounds = new Set<number>();
  for (const { labels, value, metricName } of values) {
    const { le, ...rest } = labels;
    const texts = toTexts(rest);
    const key = JSON.stringify(texts);
    const part = byLabels.get(key) ?? { labels: texts, below: [], sum: 0 };
    byLabels.set(key, part);
    if (metricName === `${name}_sum`) part.sum = value;
    else if (metricName === `${name}_bucket`) {
      const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
      if (Number.isFinite(bound)) bounds.add(bound);
      part.below.push([bound, value]);
    }
  }
  const points = [...byLabels.values()].map(({ labels, below, sum }) => {
    below.sort(([a], [b]) => a - b);
    const counts = below.map(([, count], index) => count - (below[index - 1]?.[1] ?? 0));
    return toPoint(name, labels, sum, counts);
  });
  return { name, help, kind: 'histogram', bounds: [...bounds].sort((a, b) => a - b), points };
}

interface Reported {
  readonly labels: Record<string, string>;
  readonly value: number;
  readonly counts: readonly number[];
  readonly from: HrTime;
  readonly to: HrTime;
}

/** Every series' total; one that is new at zero first, so that what computes differences sees what it began with. */
function cumulativeOf(
  family: Family,
  told: ReadonlyMap<string, Point>,
  from: HrTime,
  to: HrTime,
  units: ReadonlyMap<string, string>,
): MetricData {
  const reported = family.points.flatMap(({ key, labels, value, counts }): Reported[] => {
    const total = { labels, value, counts, from, to };
    return family.kind === 'gauge' || told.has(key) || isZero(value, counts) ? [total] : [zeroOf(total), total];
  });
  return toMetricData(family, reported, AggregationTemporality.CUMULATIVE, units);
}

/**
 * The amount added to each series since the last report, after a zero; nothing of one that stands still. The
 * zero adds nothing where the series is known; a collector that has just been started writes it before what is added,
 * so that its total is seen to have begun anew. The time from which it is counted is left open: a collector that adds
 * up the deltas of many processes in one series refuses what began before that series did.
 */
function deltaOf(
  family: Family,
  told: ReadonlyMap<string, Point>,
  shard: string,
  to: HrTime,
  units: ReadonlyMap<string, string>,
): MetricData {
  const from: HrTime = [0, 0];
  const reported = family.points.flatMap(({ key, labels, value, counts }): Reported[] => {
    const { [START_LABEL]: _, ...shared } = labels;
    const known = told.get(key);
    const added = {
      labels: { ...shared, [SHARD_LABEL]: shard },
      value: value - (known?.value ?? 0),
      counts: counts.map((count, index) => count - (known?.counts[index] ?? 0)),
      from,
      to,
    };
    if (isZero(added.value, added.counts)) return known === undefined ? [added] : [];
    return [zeroOf(added), added];
  });
  return toMetricData(family, reported, AggregationTemporality.DELTA, units);
}

function isZero(value: number, counts: readonly number[]): boolean {
  return value === 0 && counts.every((count) => count === 0);
}

function zeroOf(reported: Reported): Reported {
  return { ...reported, value: 0, counts: reported.counts.map(() => 0), to: before(reported.to) };
}

function toMetricData(
  { name, help, kind, bounds }: Family,
  reported: readonly Reported[],
  aggregationTemporality: AggregationTemporality,
  units: ReadonlyMap<string, string>,
): MetricData {
  const descriptor = { name, description: help, unit: units.get(name) ?? '', valueType: VALUE_DOUBLE };
  const base = { descriptor, aggregationTemporality };
  const at = ({ labels, from, to }: Reported) => ({ attributes: labels, startTime: from, endTime: to });
  if (kind === 'histogram')
    return {
      ...base,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: reported.map((each) => ({
        ...at(each),
        value: {
          buckets: { boundaries: [...bounds], counts: [...each.counts] },
          sum: each.value,
          count: each.counts.reduce((sum, count) => sum + count, 0),
        },
      })),
    };
  const dataPoints = reported.map((each) => ({ ...at(each), value: each.value }));
  return kind === 'counter'
    ? { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
}

/**
 * A report may be taken in part, which the answer says. It is not sent again: the refused part would be refused
 * again.
 */
function toSent({ answer, ...sent }: Answered): Sent {
  if (sent.delivery !== 'taken' || answer === undefined || answer.length === 0) return sent;
  try {
    const partial = ProtobufMetricsSerializer.deserializeResponse(answer).partialSuccess;
    const rejected = Number(partial?.rejectedDataPoints ?? 0);
    if (rejected === 0) return sent;
    return { ...sent, trouble: `points were rejected: ${rejected}, ${partial?.errorMessage ?? 'without a reason'}` };
  } catch {
    // A status of 2xx says it all; what cannot be read beside it says nothing.
    return sent;
  }
}

function createHttpTransport({ address, headers }: Destination): Carrier {
  return {
    send: ({ body, timeoutMs, letGo, signal }) =>
      send({
        url: address,
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/x-protobuf' },
        body,
        timeoutMs,
        letGo,
        signal,
      }),
    close: () => {},
  };
}
