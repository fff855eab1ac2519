import { START_LABEL } from '../catalogue/metric.js';
import type { Words } from './last-words.js';
import type { Sent } from './post.js';
import { send } from './post.js';
import type { Push, Pusher } from './pusher.js';
import { groupPath } from './sweep.js';

export interface PushgatewayOptions {
  readonly url: string;
  readonly job: string;
  readonly instance: string;
  readonly startId: string;
  readonly contentType: string;
  /** All of it at once, for when the program is over. */
  readonly exposeNow: () => string;
  readonly expose: (options: {
    readonly zeroFirst: boolean;
  }) => Promise<{ readonly text: string; readonly whole: boolean }>;
}

/**
 * Pushes to a Pushgateway, each start of a process into a group of its own: a group that is shared is overwritten, and what was not scraped
 * by then never was. Groups stay until somebody deletes them (`lockstep sweep`), which is not this process: it ends before its last values are
 * scraped.
 */
export function createPushgatewayPusher(options: PushgatewayOptions): Pusher {
  const group = { job: options.job, instance: options.instance, [START_LABEL]: options.startId };
  const url = `${options.url.replace(/\/+$/, '')}${groupPath(group)}`;
  return {
    push: async ({ timeoutMs, last, letGo, signal }: Push): Promise<Sent> => {
      const { text, whole } = await options.expose({ zeroFirst: !last });
      const sent = await send({
        url,
        method: 'PUT',
        headers: { 'Content-Type': options.contentType },
        body: text,
        timeoutMs,
        letGo,
        signal,
      });
      return { ...sent, whole };
    },
    lastWords: (): Words => ({
      protocol: 'http',
      url,
      method: 'PUT',
      headers: { 'Content-Type': options.contentType },
      body: options.exposeNow(),
    }),
    close: () => {},
  };
}
