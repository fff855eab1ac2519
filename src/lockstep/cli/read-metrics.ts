import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { printValue, showAddress, showError } from 'lockstep-exporter/internal';
import type { PrometheusVersion } from '../promql/prometheus-version.js';
import { PROMETHEUS_VERSIONS } from '../promql/prometheus-version.js';
import type { Exposition } from '../verify/exposition.js';
import { MOST_BYTES, parseExposition } from '../verify/exposition.js';
import type { Access } from '../verify/http.js';
import { printUrl, RequestError, request } from '../verify/http.js';
import type { PageFormat } from '../verify/page.js';
import { toUrl } from './access.js';

/**
 * The exposition of a process, by its address or from a file.
 *
 * @param version how to ask: as this Prometheus does. Prometheus 3 asks for names that need quotes, as they are.
 * @throws RequestError if it cannot be read in time, or is too large
 */
export async function readMetrics(
  source: string,
  access: Access,
  version: PrometheusVersion = '2.42',
): Promise<Exposition> {
  const url = toUrl(source);
  if (url === undefined) return readBytes(await readLimited(source, access.timeout), undefined);
  const asked = { ...access, headers: { accept: ACCEPT[version], ...access.headers } };
  const { status, type, bytes } = await request(url, asked);
  if (status !== 200) throw new RequestError(`${printUrl(url)}: HTTP ${status}`);
  const [media = ''] = type.toLowerCase().split(';');
  const isOpenMetrics = media.trim() === 'application/openmetrics-text';
  const read = readBytes(bytes, isOpenMetrics ? 'openmetrics' : 'text');
  if ((isOpenMetrics || media.trim() === 'text/plain') && MEDIA_TYPE.test(type)) return read;
  const refusal = {
    line: undefined,
    found: `${type === '' ? 'no Content-Type' : `the Content-Type ${printValue(type)}`} in the answer`,
    fix: 'answer with "text/plain; version=0.0.4"',
    by: ['3.16'],
  } as const;
  return { ...read, refused: [refusal, ...read.refused] };
}

/** As the scrapers of the two ask, but without protobuf. */
const ACCEPT: Readonly<Record<PrometheusVersion, string>> = {
  '2.42':
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
  '3.16':
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
};

/** A media type with its parameters, as Go reads it. */
const MEDIA_TYPE =
  /^\s*[\w.+-]+\/[\w.+-]+\s*(?:;\s*[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*")\s*)*;?\s*$/;

/** A page as Prometheus reads it, which takes no help text and no label value that is not UTF-8. */
function readBytes(bytes: Buffer, format: PageFormat | undefined): Exposition {
  const read = parseExposition(bytes.toString('utf8'), format);
  if (isUtf8(bytes)) return read;
  const lines = splitLines(bytes);
  const index = lines.findIndex((line) => !isUtf8(line) && !/^#(?! *HELP )/.test(line.toString('latin1')));
  if (index === -1) return read;
  const refusal = {
    line: index + 1,
    found: `bytes that are not UTF-8: ${printValue(lines[index]?.toString('utf8').slice(0, 120))}`,
    fix: 'write the page in UTF-8',
    by: PROMETHEUS_VERSIONS,
  };
  // A Prometheus stops at the first that it finds.
  return { ...read, refused: [refusal, ...read.refused.filter(({ line = 0 }) => line < index + 1)] };
}

function splitLines(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from <= bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    lines.push(bytes.subarray(from, end === -1 ? bytes.length : end));
    from = end === -1 ? bytes.length + 1 : end + 1;
  }
  return lines;
}

/**
 * A file that was named: also a pipe, as `<(curl ...)` gives one. It is read until it ends, is too large, or nothing
 * comes in time.
 */
async function readLimited(path: string, milliseconds: number): Promise<Buffer> {
  const stream = createReadStream(path);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new RequestError(`${showAddress(path)}: it does not end in time`)), milliseconds);
  });
  const read = async () => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new RequestError(`${showAddress(path)}: more than ${MOST_BYTES / 1024 / 1024} MiB`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  };
  try {
    return await Promise.race([read(), late]);
  } catch (error) {
    throw error instanceof RequestError ? error : new RequestError(`${showAddress(path)}: ${showError(error)}`);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
