import type { Catalogue } from 'lockstep-exporter/catalogue';
import { parseExposition } from '../verify/exposition.js';
import { request } from '../verify/http.js';
import type { Tolerance } from './compare.js';
import { differences } from './compare.js';
import type { ExpectedSeries } from './recorded.js';

/** A prom-client registry, or one that looks like it. */
interface Readable {
  metrics(): string | Promise<string>;
}

/** Where to read: an exporter, a registry, the text of a page, or the address at which a program serves it. */
export type Exposed = { readonly registry: Readable } | Readable | string | URL;

export interface CheckRecordedOptions extends Tolerance {
  /** How long to ask again, in seconds, until the program answers and nothing differs. Default 0: once. */
  readonly waitSeconds?: number;
}

const REQUEST_MS = 10_000;
const AGAIN_MS = 50;

/**
 * Compares, in a test, what a program has recorded with what the test has done: per metric, label and value. A series
 * that nobody expects is a difference too, as is a metric of the catalogue that the test does not record.
 *
 * @throws Error with each difference on a line of its own, or if the address does not answer
 */
export async function checkRecorded(
  catalogue: Catalogue,
  exposed: Exposed,
  expected: readonly ExpectedSeries[],
  options: CheckRecordedOptions = {},
): Promise<void> {
  if (typeof exposed === 'string' && /^https?:\/\//.test(exposed))
    throw new Error('an address as a text: give new URL(…), since a text is read as a page of metrics');
  const until = performance.now() + (options.waitSeconds ?? 0) * 1000;
  for (;;) {
    try {
      const found = differences(catalogue, parseExposition(await read(exposed)), expected, options);
      if (found.length === 0) return;
      throw new Error(`the program did not record what the test did:\n${found.map((each) => `- ${each}`).join('\n')}`);
    } catch (error) {
      // A program that is starting does not answer yet.
      if (!(performance.now() < until)) throw error;
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

async function read(exposed: Exposed): Promise<string> {
  if (typeof exposed === 'string') return exposed;
  if (exposed instanceof URL) {
    const access = { headers: {}, aws: undefined, timeout: REQUEST_MS, tries: 1 };
    const { status, body } = await request(exposed, access);
    if (status !== 200) throw new Error(`${exposed.origin}${exposed.pathname} answers with status ${status}`);
    return body;
  }
  return await ('registry' in exposed ? exposed.registry : exposed).metrics();
}
