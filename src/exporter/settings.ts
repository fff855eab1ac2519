/** A way out of the process. `prometheus` waits to be scraped, the others push. */
export const TRANSPORTS = ['prometheus', 'otlp', 'pushgateway'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const PROTOCOLS = ['http/protobuf', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * `cumulative`: each report says how many since the process started. `delta`: how many since the last report, for a collector that adds the
 * processes up; counters then carry no identity of the process.
 */
export const TEMPORALITIES = ['cumulative', 'delta'] as const;
export type Temporality = (typeof TEMPORALITIES)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** How an exporter reaches the world. Each field is also an environment variable; what is said in code goes before it. */
export interface TransportOptions {
  /** `OTEL_METRICS_EXPORTER`, comma-separated, or `none`. Default `otlp`, as OpenTelemetry has it. None at all with `OTEL_SDK_DISABLED=true`. */
  readonly transports?: readonly Transport[];
  /** `OTEL_SERVICE_NAME`. Default: `service.name` of the resource attributes, else the system's name. It becomes `job`. */
  readonly serviceName?: string;
  /** `OTEL_RESOURCE_ATTRIBUTES`: `service.instance.id` among them becomes `instance`; default: an id of this start. */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /** `OTEL_METRIC_EXPORT_INTERVAL`, in milliseconds, of OTLP and Pushgateway. Default 60000. */
  readonly intervalMs?: number;
  /** `LOCKSTEP_EXIT_DEADLINE`, in milliseconds: the longest that `shutdown()` takes. Default 5000. */
  readonly exitDeadlineMs?: number;

  /** `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` (to which `/v1/metrics` is added for HTTP). Default localhost. */
  readonly otlpEndpoint?: string;
  /** `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL`. Default `http/protobuf`. */
  readonly otlpProtocol?: Protocol;
  /** `OTEL_EXPORTER_OTLP_METRICS_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly otlpHeaders?: Readonly<Record<string, string>>;
  /** `OTEL_EXPORTER_OTLP_METRICS_TIMEOUT`, `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds, of one report. Default 10000. */
  readonly otlpTimeoutMs?: number;
  /** `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, `OTEL_EXPORTER_OTLP_TEMPORALITY_PREFERENCE`. Default `cumulative`. */
  readonly otlpTemporality?: Temporality;
  /**
   * `LOCKSTEP_OTLP_SHARDS`, of delta temporality: among how many series the processes share each. Two that report the same series within the time
   * that the network jitters can arrive in the wrong order, and a collector then drops the older report: about reports a second x jitter / 2 / shards
   * of them. The number of series grows by this factor, and by no number of Jobs. Default 2: at a report in three seconds (1000 Jobs a day) and 20 ms
   * of jitter 0.15% of the reports of a role meet another's of the same role.
   */
  readonly otlpShards?: number;

  /** `OTEL_EXPORTER_PROMETHEUS_HOST`. Default `127.0.0.1`: whoever is to be scraped from elsewhere says so. */
  readonly host?: string;
  /** `OTEL_EXPORTER_PROMETHEUS_PORT`; 0 takes a free one. Default 9464. */
  readonly port?: number;
  /** `LOCKSTEP_METRICS_BEARER_TOKEN`: what a scraper must send. Default: nothing is asked for. */
  readonly bearerToken?: string;

  /** `LOCKSTEP_PUSHGATEWAY_URL`. */
  readonly pushgatewayUrl?: string;
}

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
  readonly server: { readonly host: string; readonly port: number; readonly bearerToken: string | undefined };
  readonly pushgatewayUrl: string | undefined;
}

export const DEFAULT_HOST = '127.0.0.1';
/** What OpenTelemetry gives to Prometheus exporters. */
export const DEFAULT_PORT = 9464;
export const DEFAULT_INTERVAL_MS = 60_000;
export const DEFAULT_EXIT_DEADLINE_MS = 5000;
export const DEFAULT_SHARDS = 2;
const DEFAULT_OTLP_TIMEOUT_MS = 10_000;
/** `setInterval` takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Options and environment as settings. What cannot be is said to `complain` and passed over, never thrown: a mistake in a variable must not
 * stop the program that is observed.
 */
export function resolveSettings(
  system: string,
  options: TransportOptions,
  environment: Environment,
  complain: (message: string) => void,
): Settings {
  /** The first of these variables that is set; OpenTelemetry takes an empty one for one that is not. */
  const read = (...names: readonly string[]) =>
    names.map((name) => ({ name, text: environment[name]?.trim() ?? '' })).find(({ text }) => text !== '');
  const oneOf = <const Value extends string>(
    values: readonly Value[],
    otherwise: Value,
    ...names: readonly string[]
  ) => {
    const found = read(...names);
    const value = values.find((each) => each === found?.text.toLowerCase());
    if (found !== undefined && value === undefined)
      complain(`${found.name}=${found.text} is not one of ${values.join(', ')}; taking ${otherwise}`);
    return value ?? otherwise;
  };
  const whole = (least: number, most: number, otherwise: number, ...names: readonly string[]) => {
    const found = read(...names);
    if (found === undefined) return otherwise;
    const value = Number(found.text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    complain(`${found.name}=${found.text} is no whole number from ${least} to ${most}; taking ${otherwise}`);
    return otherwise;
  };
  /** What was said in code, if it can be. */
  const said = (name: keyof TransportOptions, least: number, most: number): number | undefined => {
    const value: unknown = options[name];
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    complain(`${name}: ${String(value)} is no whole number from ${least} to ${most}`);
    return undefined;
  };
  const pairs = (...names: readonly string[]) => {
    const found = read(...names);
    return found === undefined
      ? {}
      : parsePairs(found.text, (part) => complain(`${found.name}: ${part} is no key=value; passed over`));
  };

  const attributes = { ...pairs('OTEL_RESOURCE_ATTRIBUTES'), ...options.resourceAttributes };
  const protocol =
    options.otlpProtocol ??
    oneOf(PROTOCOLS, 'http/protobuf', 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  const own = options.otlpEndpoint ?? read('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')?.text;
  const base = read('OTEL_EXPORTER_OTLP_ENDPOINT')?.text;
  const fallback = protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318';
  const endpoint =
    own ?? (protocol === 'grpc' ? (base ?? fallback) : `${(base ?? fallback).replace(/\/+$/, '')}/v1/metrics`);

  return {
    transports: transportsOf(options, environment, complain),
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
      host: options.host ?? read('OTEL_EXPORTER_PROMETHEUS_HOST')?.text ?? DEFAULT_HOST,
      port: said('port', 0, 65_535) ?? whole(0, 65_535, DEFAULT_PORT, 'OTEL_EXPORTER_PROMETHEUS_PORT'),
      bearerToken: options.bearerToken ?? read('LOCKSTEP_METRICS_BEARER_TOKEN')?.text,
    },
    pushgatewayUrl: options.pushgatewayUrl ?? read('LOCKSTEP_PUSHGATEWAY_URL')?.text,
  };
}

function transportsOf(
  options: TransportOptions,
  environment: Environment,
  complain: (message: string) => void,
): readonly Transport[] {
  if (environment['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return [];
  if (options.transports !== undefined) return options.transports;
  const named = (environment['OTEL_METRICS_EXPORTER'] ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
  if (named.length === 0) return ['otlp'];
  for (const name of named)
    if (name !== 'none' && !TRANSPORTS.some((each) => each === name))
      complain(`OTEL_METRICS_EXPORTER: there is no exporter ${name}; there are ${TRANSPORTS.join(', ')} and none`);
  return TRANSPORTS.filter((each) => named.includes(each));
}

/** `a=1,b=%20`: keys and values as OpenTelemetry's environment variables have them, the values percent-encoded. */
function parsePairs(text: string, refuse: (part: string) => void): Record<string, string> {
  const pairs: Record<string, string> = {};
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
