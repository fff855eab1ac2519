import { createReadStream } from 'node:fs';
import { printValue, showAddress, showError } from 'lockstep-exporter/internal';
import type { Exposition } from '../verify/exposition.js';
import { MOST_BYTES, parseExposition } from '../verify/exposition.js';
import type { Access } from '../verify/http.js';
import { printUrl, RequestError, request } from '../verify/http.js';
import { toUrl } from './access.js';

/**
 * The exposition of a process, by its address or from a file.
 *
 * @throws RequestError if it cannot be read in time, or is too large
 */
export async function readMetrics(source: string, access: Access): Promise<Exposition> {
  const url = toUrl(source);
  if (url === undefined) return parseExposition(await readLimited(source, access.timeout));
  const { status, type, body } = await request(url, { ...access, headers: { accept: ACCEPT, ...access.headers } });
  if (status !== 200) throw new RequestError(`${printUrl(url)}: HTTP ${status}`);
  const [media = ''] = type.toLowerCase().split(';');
  const isOpenMetrics = media.trim() === 'application/openmetrics-text';
  const read = parseExposition(body, isOpenMetrics ? 'openmetrics' : 'text');
  if (isOpenMetrics || media.trim() === 'text/plain') return read;
  const refusal = {
    line: undefined,
    found: `${type === '' ? 'no Content-Type' : `the Content-Type ${printValue(type)}`} in the answer`,
    fix: 'answer with "text/plain; version=0.0.4"',
    by: ['3.16'],
  } as const;
  return { ...read, refused: [refusal, ...read.refused] };
}

/** As Prometheus asks, from 2.42 to 3.16, but without protobuf. */
const ACCEPT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/**
 * A file that was named: also a pipe, as `<(curl ...)` gives one. It is read until it ends, is too large, or nothing
 * comes in time.
 */
async function readLimited(path: string, milliseconds: number): Promise<string> {
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
    return Buffer.concat(chunks).toString('utf8');
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
