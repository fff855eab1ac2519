import { withPath } from '../push/destination.js';
import { secretsOf } from '../secret.js';
import { readOptions } from './given.js';
import type { Environment, Protocol, Temporality, Transport, TransportOptions } from './transport-options.js';
import { PROTOCOLS, TEMPORALITIES, TRANSPORTS } from './transport-options.js';

/** The options with everything said. */
export interface Settings {
  readonly transports: readonly Transport[];
  readonly serviceName: string;
  readonly instanceId: string | undefined;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly exitDeadlineMs: number;
  readonly otlp: {
    readonly endpoint: string;
    readonly protocol: Protocol;
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly temporality: Temporality;
    readonly shards: number;
  };
  /** Host and token are as they were given: what cannot be is refused where it is served. */
  readonly server: { readonly host: string; readonly port: number; readonly bearerToken: string | undefined };
  /** How many scrapers the end waits for, at the least. */
  readonly scrapers: number;
  readonly pushgatewayUrl: string | undefined;
}

export const DEFAULT_HOST = '127.0.0.1';
/** The port that OpenTelemetry gives to Prometheus exporters. */
export const DEFAULT_PORT = 9464;
export const DEFAULT_INTERVAL_MS = 60_000;
export const DEFAULT_EXIT_DEADLINE_MS = 5000;
export const DEFAULT_SHARDS = 2;
const DEFAULT_OTLP_TIMEOUT_MS = 10_000;
const TOKEN_VARIABLE = 'LOCKSTEP_METRICS_BEARER_TOKEN';
/** `setInterval` takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Options and environment as settings. A setting that cannot be is reported to `complain` and passed over, never
 * thrown: a mistake in a variable must not stop the program that is observed.
 */
export function resolveSettings(
  system: string,
  given: TransportOptions,
  environment: Environment,
  complain: (message: string) => void,
): Settings {
  const options = readOptions(given, complain);
  const textOf = (name: string): string => variableOf(environment, name)?.trim() ?? '';
  /** The first of these variables that is set; OpenTelemetry takes an empty one for one that is not. */
  const read = (...names: readonly string[]) =>
    names.map((name) => ({ name, text: textOf(name) })).find(({ text }) => text !== '');
  const oneOf = <const Value extends string>(
    values: readonly Value[],
    otherwise: Value,
    ...names: readonly string[]
  ) => {
    const found = read(...names);
    const value = values.find((each) => each === found?.text.toLowerCase());
    if (found !== undefined && value === undefined)
      complain(`${found.name}: expected one of ${values.join(', ')}; taking ${otherwise}`);
    return value ?? otherwise;
  };
  const whole = (least: number, most: number, otherwise: number, ...names: readonly string[]) => {
    const found = read(...names);
    if (found === undefined) return otherwise;
    const value = Number(found.text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    // A value may have been meant for another variable, and is never repeated.
    complain(`${found.name}: expected a whole number from ${least} to ${most}; taking ${otherwise}`);
    return otherwise;
  };
  /** The option from code, if it can be. */
  const said = (name: keyof TransportOptions, least: number, most: number): number | undefined => {
    const value: unknown = options[name];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    complain(`${name}: expected a whole number from ${least} to ${most}; ignored`);
    return undefined;
  };
  const pairs = (...names: readonly string[]) => {
    const found = read(...names);
    return found === undefined
      ? {}
      : parsePairs(found.text, (part) => complain(`${found.name}: ${part} is not key=value; ignored`));
  };

  const attributes = { ...pairs('OTEL_RESOURCE_ATTRIBUTES'), ...options.resourceAttributes };
  const protocol =
    options.otlpProtocol ??
    oneOf(PROTOCOLS, 'http/protobuf', 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  const own = options.otlpEndpoint ?? read('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')?.text;
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT')?.text;
  const fallback = protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318';
  const endpoint = own ?? (protocol === 'grpc' ? (base ?? fallback) : withPath(base ?? fallback, '/v1/metrics'));

  return {
    transports: transportsOf(options, textOf, complain),
    // A job without a name is refused by a Pushgateway, and is nobody's elsewhere.
    serviceName: options.serviceName || read('OTEL_SERVICE_NAME')?.text || attributes['service.name'] || system,
    instanceId: attributes['service.instance.id'],
    resourceAttributes: attributes,
    intervalMs:
      said('intervalMs', 1, LONGEST_MS) ?? whole(1, LONGEST_MS, DEFAULT_INTERVAL_MS, 'OTEL_METRIC_EXPORT_INTERVAL'),
    exitDeadlineMs:
      said('exitDeadlineMs', 0, LONGEST_MS) ?? whole(0, LONGEST_MS, DEFAULT_EXIT_DEADLINE_MS, 'LOCKSTEP_EXIT_DEADLINE'),
    otlp: {
      endpoint,
      protocol,
      headers: {
        ...pairs('OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'),
        ...options.otlpHeaders,
      },
      timeoutMs:
        said('otlpTimeoutMs', 1, LONGEST_MS) ??
        whole(
          1,
          LONGEST_MS,
          DEFAULT_OTLP_TIMEOUT_MS,
          'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT',
          'OTEL_EXPORTER_OTLP_TIMEOUT',
        ),
      temporality:
        options.otlpTemporality ??
        oneOf(
          TEMPORALITIES,
          'cumulative',
          'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
          'OTEL_EXPORTER_OTLP_TEMPORALITY_PREFERENCE',
        ),
      shards: said('otlpShards', 1, 1000) ?? whole(1, 1000, DEFAULT_SHARDS, 'LOCKSTEP_OTLP_SHARDS'),
    },
    server: {
      host: options.host !== undefined ? options.host : (read('OTEL_EXPORTER_PROMETHEUS_HOST')?.text ?? DEFAULT_HOST),
      port: said('port', 0, 65_535) ?? whole(0, 65_535, DEFAULT_PORT, 'OTEL_EXPORTER_PROMETHEUS_PORT'),
      // One that is set and empty was asked for, too.
      bearerToken:
        options.bearerToken !== undefined || variableOf(environment, TOKEN_VARIABLE) === undefined
          ? options.bearerToken
          : textOf(TOKEN_VARIABLE),
    },
    scrapers: said('scrapers', 1, 64) ?? whole(1, 64, 1, 'LOCKSTEP_SCRAPERS'),
    pushgatewayUrl: options.pushgatewayUrl ?? read('LOCKSTEP_PUSHGATEWAY_URL')?.text,
  };
}

/** A variable; empty if it is set to what is no text, or cannot be read. */
function variableOf(environment: Environment, name: string): string | undefined {
  try {
    const value: unknown = environment[name];
    return typeof value === 'string' || value === undefined ? value : '';
  } catch {
    return '';
  }
}

function transportsOf(
  options: TransportOptions,
  textOf: (name: string) => string,
  complain: (message: string) => void,
): readonly Transport[] {
  if (textOf('OTEL_SDK_DISABLED').toLowerCase() === 'true') return [];
  if (options.transports !== undefined) return options.transports;
  const named = textOf('OTEL_METRICS_EXPORTER')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
  if (named.length === 0) return ['otlp'];
  if (named.some((name) => name !== 'none' && !TRANSPORTS.some((each) => each === name)))
    complain(`OTEL_METRICS_EXPORTER: expected ${TRANSPORTS.join(', ')} or none, with commas; the rest is ignored`);
  return TRANSPORTS.filter((each) => named.includes(each));
}

/** Texts that must not be printed, wherever they come back from. */
export function secretsIn({ server, otlp, pushgatewayUrl }: Settings): readonly string[] {
  const values = [server.bearerToken, ...Object.values(otlp.headers)]
    .filter((value) => typeof value === 'string')
    // A header that cannot be sent for its line break; and a value that is too short to be a secret hides every
    // message.
    .flatMap((value) => value.split(/[\r\n]+/))
    .filter(({ length }) => length > 3);
  return [
    ...values,
    // `Bearer x`: a server may repeat the one without the other.
    ...values.flatMap((value) => (/^\S+ +\S{3,}$/.test(value) ? value.split(/ +/).slice(1) : [])),
    ...secretsOf(otlp.endpoint),
    ...secretsOf(pushgatewayUrl ?? ''),
  ];
}

/** `a=1,b=%20`: keys and values as OpenTelemetry's environment variables have them, the values percent-encoded. */
function parsePairs(text: string, refuse: (part: string) => void): Record<string, string> {
  const pairs: Record<string, string> = Object.create(null);
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const key = part.slice(0, Math.max(at, 0)).trim();
    if (key === '') {
      // The value may be a secret, and is not repeated.
      refuse('a part');
      continue;
    }
    const value = part.slice(at + 1).trim();
    try {
      pairs[key] = decodeURIComponent(value);
    } catch {
      pairs[key] = value;
    }
  }
  return pairs;
}
