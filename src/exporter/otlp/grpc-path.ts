/** The call by which OTLP reports metrics over gRPC (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-request). */
export const GRPC_PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
