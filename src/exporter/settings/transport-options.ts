/** A way out of the process. `prometheus` waits to be scraped, the others push. */
export const TRANSPORTS = ['prometheus', 'otlp', 'pushgateway'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const PROTOCOLS = ['http/protobuf', 'grpc'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/**
 * `cumulative`: each report says how many since the process started. `delta`: how many since the last report, for a
 * collector that adds the processes up; counters then carry no identity of the process.
 */
export const TEMPORALITIES = ['cumulative', 'delta'] as const;
export type Temporality = (typeof TEMPORALITIES)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How an exporter reaches the world. Each field is also an environment variable; what is said in code goes before it.
 */
export interface TransportOptions {
  /**
   * `OTEL_METRICS_EXPORTER`, comma-separated, or `none`. Default `otlp`, as OpenTelemetry has it. None at all with
   * `OTEL_SDK_DISABLED=true`.
   */
  readonly transports?: readonly Transport[];
  /**
   * `OTEL_SERVICE_NAME`. Default: `service.name` of the resource attributes, else the system's name. It becomes `job`.
   */
  readonly serviceName?: string;
  /** `OTEL_RESOURCE_ATTRIBUTES`: `service.instance.id` among them becomes `instance`; default: an id of this start. */
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /** `OTEL_METRIC_EXPORT_INTERVAL`, in milliseconds, of OTLP and Pushgateway. Default 60000. */
  readonly intervalMs?: number;
  /** `LOCKSTEP_EXIT_DEADLINE`, in milliseconds: the longest that `shutdown()` takes. Default 5000. */
  readonly exitDeadlineMs?: number;

  /**
   * `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT`, or `OTEL_EXPORTER_OTLP_ENDPOINT` (to which `/v1/metrics` is added for HTTP).
   * Default localhost.
   */
  readonly otlpEndpoint?: string;
  /** `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL`, `OTEL_EXPORTER_OTLP_PROTOCOL`. Default `http/protobuf`. */
  readonly otlpProtocol?: Protocol;
  /** `OTEL_EXPORTER_OTLP_METRICS_HEADERS`, `OTEL_EXPORTER_OTLP_HEADERS`. */
  readonly otlpHeaders?: Readonly<Record<string, string>>;
  /**
   * `OTEL_EXPORTER_OTLP_METRICS_TIMEOUT`, `OTEL_EXPORTER_OTLP_TIMEOUT`, in milliseconds, of one report. Default 10000.
   */
  readonly otlpTimeoutMs?: number;
  /**
   * `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE`, `OTEL_EXPORTER_OTLP_TEMPORALITY_PREFERENCE`. Default
   * `cumulative`.
   */
  readonly otlpTemporality?: Temporality;
  /**
   * `LOCKSTEP_OTLP_SHARDS`, of delta temporality: among how many series the processes share each. Two that report the
   * same series within the time that the network jitters can arrive in the wrong order, and a collector then drops the
   * older report: about reports a second x jitter / 2 / shards of them. The number of series grows by this factor, and
   * by no number of Jobs. Default 2: at a report in three seconds (1000 Jobs a day) and 20 ms of jitter 0.15% of the
   * reports of a role meet another's of the same role.
   */
  readonly otlpShards?: number;

  /** `OTEL_EXPORTER_PROMETHEUS_HOST`. Default `127.0.0.1`: whoever is to be scraped from elsewhere says so. */
  readonly host?: string;
  /** `OTEL_EXPORTER_PROMETHEUS_PORT`; 0 takes a free one. Default 9464. */
  readonly port?: number;
  /**
   * `LOCKSTEP_METRICS_BEARER_TOKEN`: what a scraper must send, to any server of the exporter. Default: nothing is asked
   * for; an empty one is refused.
   */
  readonly bearerToken?: string;
  /**
   * `LOCKSTEP_SCRAPERS`: how many scrapers the end of the program waits for, at the least; those that came within the
   * last five minutes are waited for anyway. They are told apart by address, `User-Agent` and query. From 1 to 64,
   * default 1.
   */
  readonly scrapers?: number;

  /** `LOCKSTEP_PUSHGATEWAY_URL`. */
  readonly pushgatewayUrl?: string;
}
