import { createReadStream } from 'node:fs';
import { showAddress, showError } from 'lockstep-exporter/internal';
import { MOST_BYTES } from '../verify/exposition.js';
import type { Access } from '../verify/http.js';
import { printUrl, RequestError, request } from '../verify/http.js';
import { toUrl } from './access.js';

/**
 * The exposition of a process, by its address or from a file.
 *
 * @throws RequestError if it cannot be read in time, or is too large
 */
export async function readMetrics(source: string, access: Access): Promise<string> {
  const url = toUrl(source);
  if (url === undefined) return readLimited(source, access.timeout);
  const accept = { accept: 'application/openmetrics-text; version=1.0.0; q=0.5, text/plain; version=0.0.4' };
  const { status, body } = await request(url, { ...access, headers: { ...accept, ...access.headers } });
  if (status !== 200) throw new RequestError(`${printUrl(url)}: HTTP ${status}`);
  return body;
}

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
