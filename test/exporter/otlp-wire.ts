/** A point of a cumulative report, as Prometheus would name it. */
export interface WirePoint {
  readonly series: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In milliseconds since 1970. */
  readonly time: number;
  readonly value: number;
}

type Field = readonly [number: number, value: Buffer | number | bigint];

/** The fields of a protobuf message (https://protobuf.dev/programming-guides/encoding/). */
function fields(bytes: Buffer): readonly Field[] {
  const all: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (tag % 8 === 0) all.push([number, varint()]);
    else if (tag % 8 === 1) {
      all.push([number, bytes.subarray(at, at + 8)]);
      at += 8;
    } else {
      const length = varint();
      all.push([number, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return all;
}

const messages = (bytes: Buffer, wanted: number): readonly Buffer[] =>
  fields(bytes).flatMap(([number, value]) => (number === wanted && Buffer.isBuffer(value) ? [value] : []));
const text = (bytes: Buffer, wanted: number) => messages(bytes, wanted)[0]?.toString() ?? '';

function attributes(point: Buffer, wanted: number): Record<string, string> {
  return Object.fromEntries(
    messages(point, wanted).map((pair) => [text(pair, 1), text(messages(pair, 2)[0] ?? Buffer.alloc(0), 1)]),
  );
}

const timeOf = (point: Buffer) => Number((messages(point, 3)[0]?.readBigUInt64LE() ?? 0n) / 1_000_000n);
const named = (name: string, labels: Record<string, string>, time: number, value: number): WirePoint => ({
  series: name,
  labels,
  time,
  value,
});

/** The points of an OTLP request for metrics: of a histogram its count and its sum. */
export function pointsOf(request: Buffer): readonly WirePoint[] {
  const metrics = messages(request, 1)
    .flatMap((resource) => messages(resource, 2))
    .flatMap((scope) => messages(scope, 2));
  return metrics.flatMap((metric) => {
    const name = text(metric, 1);
    const numbers = [5, 7].flatMap((kind) => messages(metric, kind)).flatMap((data) => messages(data, 1));
    const histograms = messages(metric, 9).flatMap((data) => messages(data, 1));
    return [
      ...numbers.map((point) =>
        named(name, attributes(point, 7), timeOf(point), messages(point, 4)[0]?.readDoubleLE() ?? 0),
      ),
      ...histograms.flatMap((point) => {
        const labels = attributes(point, 9);
        const packed = messages(point, 6)[0] ?? Buffer.alloc(0);
        const counts = Array.from({ length: packed.length / 8 }, (_, index) =>
          Number(packed.readBigUInt64LE(index * 8)),
        );
        const at = timeOf(point);
        return [
          named(`${name}_count`, labels, at, Number(messages(point, 4)[0]?.readBigUInt64LE() ?? 0n)),
          named(`${name}_sum`, labels, at, messages(point, 5)[0]?.readDoubleLE() ?? 0),
          named(
            `${name}_bucket`,
            { ...labels, le: '+Inf' },
            at,
            counts.reduce((sum, count) => sum + count, 0),
          ),
        ];
      }),
    ];
  });
}
