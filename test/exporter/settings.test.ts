import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../../src/exporter/settings/settings.js';
import type { Environment, TransportOptions } from '../../src/exporter/settings/transport-options.js';

function resolve(environment: Environment, options: TransportOptions = {}) {
  const complaints: string[] = [];
  return { ...resolveSettings('fab', options, environment, (message) => complaints.push(message)), complaints };
}

describe('settings', () => {
  it('are those of OpenTelemetry where nothing is said', () => {
    expect(resolve({})).toEqual({
      transports: ['otlp'],
      serviceName: 'fab',
      instanceId: undefined,
      resourceAttributes: {},
      intervalMs: 60_000,
      exitDeadlineMs: 5000,
      otlp: {
        endpoint: 'http://localhost:4318/v1/metrics',
        protocol: 'http/protobuf',
        headers: {},
        timeoutMs: 10_000,
        temporality: 'cumulative',
        shards: 2,
      },
      server: { host: '127.0.0.1', port: 9464, bearerToken: undefined },
      scrapers: 1,
      pushgatewayUrl: undefined,
      complaints: [],
    });
  });

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp/' }, 'http://c:4318/otlp/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m/x', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, 'http://m/x'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'http://c:4317'],
    [{ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc' }, 'http://localhost:4317'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/otlp?key=1' }, 'http://c:4318/otlp/v1/metrics?key=1'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '  ' }, 'http://localhost:4318/v1/metrics'],
  ])('take %j to mean %s', (environment, endpoint) => {
    expect(resolve(environment).otlp.endpoint).toBe(endpoint);
  });

  it('take every variable that is documented', () => {
    const settings = resolve({
      OTEL_METRICS_EXPORTER: 'prometheus, otlp',
      OTEL_SERVICE_NAME: 'factory',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=no,service.instance.id=pod%2F1,k8s.pod.name=p',
      OTEL_METRIC_EXPORT_INTERVAL: '1500',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=no',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'authorization=Bearer%20x,b=1=2',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '2500',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'DELTA',
      OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
      LOCKSTEP_METRICS_BEARER_TOKEN: 'secret',
      LOCKSTEP_SCRAPERS: '2',
      LOCKSTEP_PUSHGATEWAY_URL: 'http://gateway:9091',
      LOCKSTEP_OTLP_SHARDS: '9',
      LOCKSTEP_EXIT_DEADLINE: '70000',
    });
    expect(settings).toMatchObject({
      transports: ['prometheus', 'otlp'],
      serviceName: 'factory',
      instanceId: 'pod/1',
      intervalMs: 1500,
      exitDeadlineMs: 70_000,
      otlp: { headers: { authorization: 'Bearer x', b: '1=2' }, timeoutMs: 2500, temporality: 'delta', shards: 9 },
      server: { host: '0.0.0.0', port: 0, bearerToken: 'secret' },
      scrapers: 2,
      pushgatewayUrl: 'http://gateway:9091',
      complaints: [],
    });
  });

  it('are those in code where both are said', () => {
    const settings = resolve(
      { OTEL_METRICS_EXPORTER: 'otlp', OTEL_EXPORTER_PROMETHEUS_PORT: '1', OTEL_SERVICE_NAME: 'no' },
      { transports: ['prometheus'], port: 2, serviceName: 'yes' },
    );
    expect(settings).toMatchObject({ transports: ['prometheus'], serviceName: 'yes', server: { port: 2 } });
  });

  it.each([
    [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_METRICS_EXPORTER: 'otlp' }, []],
    [{ OTEL_METRICS_EXPORTER: 'none' }, []],
    [{ OTEL_METRICS_EXPORTER: 'pushgateway' }, ['pushgateway']],
  ])('%j asks for %j', (environment, transports) => {
    expect(resolve(environment).transports).toEqual(transports);
  });
});
