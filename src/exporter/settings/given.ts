import type { TransportOptions } from './transport-options.js';
import { PROTOCOLS, TEMPORALITIES, TRANSPORTS } from './transport-options.js';

/**
 * The kind of each option. Options that guard the server are checked there: it refuses, where others are passed over.
 */
const KINDS = {
  transports: 'transports',
  serviceName: 'text',
  resourceAttributes: 'texts',
  intervalMs: 'any',
  exitDeadlineMs: 'any',
  otlpEndpoint: 'text',
  otlpProtocol: PROTOCOLS,
  otlpHeaders: 'pairs',
  otlpTimeoutMs: 'any',
  otlpTemporality: TEMPORALITIES,
  otlpShards: 'any',
  host: 'any',
  port: 'any',
  bearerToken: 'any',
  scrapers: 'any',
  pushgatewayUrl: 'text',
} as const satisfies Readonly<Record<keyof TransportOptions, string | readonly string[]>>;

/** Options as a program gave them, without those that are not what they must be: said, passed over, never thrown. */
export function readOptions(given: unknown, complain: (message: string) => void): TransportOptions {
  const options: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries(KINDS)) {
    try {
      const value: unknown = (given as Readonly<Record<string, unknown>> | null | undefined)?.[name];
      const read = value === undefined ? undefined : readOption(value, kind);
      if (read !== undefined) options[name] = read;
      else if (value !== undefined) complain(`${name}: expected ${expected(kind)}; ignored`);
    } catch {
      complain(`${name}: it cannot be read; ignored`);
    }
  }
  return options as TransportOptions;
}

type Kind = (typeof KINDS)[keyof typeof KINDS];

function readOption(value: unknown, kind: Kind): unknown {
  if (kind === 'any') return value;
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  if (kind === 'transports') {
    if (!Array.isArray(value)) return undefined;
    const named: readonly unknown[] = [...value];
    return named.every((each) => TRANSPORTS.some((one) => one === each)) ? named : undefined;
  }
  if (kind === 'texts' || kind === 'pairs') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const pairs = Object.entries(value);
    // A header that cannot be sent is refused where it is sent.
    return kind === 'pairs' || pairs.every(([, text]) => typeof text === 'string')
      ? Object.fromEntries(pairs)
      : undefined;
  }
  return kind.find((each) => each === value);
}

function expected(kind: Kind): string {
  if (kind === 'transports') return `a list of ${TRANSPORTS.join(', ')}`;
  if (kind === 'text') return 'a text';
  if (kind === 'texts' || kind === 'pairs') return 'an object of texts';
  return `one of ${[...kind].join(', ')}`;
}
