import { START_LABEL } from '../catalogue/metric.js';
import type { Words } from '../life/last-words.js';
import type { Destination } from '../push/destination.js';
import { withPath } from '../push/destination.js';
import type { Sent } from '../push/post.js';
import { send } from '../push/post.js';
import type { Push, Pusher } from '../push/pusher.js';
import type { Ledger, Page } from '../recording/ledger.js';
import { groupPath } from './sweep.js';

export interface PushgatewayOptions {
  readonly to: Destination;
  readonly job: string;
  readonly instance: string;
  readonly ledger: Ledger;
  readonly contentType: string;
  /** The registry as text, within a time. */
  readonly expose: (page: Page, timeoutMs: number) => Promise<string>;
  /** The same at once, for when the program is over. */
  readonly exposeNow: (page: Page) => string;
}

/**
 * Pushes to a Pushgateway, each start of a process into a group of its own: a group that is shared is overwritten, and
 * what was not scraped by then never was. Groups stay until somebody deletes them (`lockstep sweep`), which is not this
 * process: it ends before its last values are scraped. After a silence that was too long the process goes on in another
 * group, and leaves the one it had as it is.
 */
export function createPushgatewayPusher(options: PushgatewayOptions): Pusher {
  const { job, instance, ledger } = options;
  const { address, headers: own } = options.to;
  const addressOf = ({ startId }: Page) => withPath(address, groupPath({ job, instance, [START_LABEL]: startId }));
  const headers = { ...own, 'Content-Type': options.contentType };
  return {
    push: async ({ timeoutMs, asItIs, letGo, signal }: Push): Promise<Sent> => {
      const until = performance.now() + timeoutMs;
      const page = ledger.open({ zeroFirst: !asItIs });
      const text = await options.expose(page, timeoutMs / 2);
      const sent = await send({
        url: addressOf(page),
        method: 'PUT',
        headers,
        body: text,
        timeoutMs: until - performance.now(),
        letGo,
        signal,
      });
      if (sent.delivery === 'taken') page.delivered();
      return { ...sent, whole: page.whole() };
    },
    lastWords: (): Words => {
      const page = ledger.open({ zeroFirst: false });
      return {
        protocol: 'http',
        url: addressOf(page),
        method: 'PUT',
        headers,
        body: options.exposeNow(page),
      };
    },
    close: () => {},
  };
}
