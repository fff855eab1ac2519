/** The versions of Prometheus whose parsers were asked what they read; see `test/proofs/functions.test.ts`. */
export const PROMETHEUS_VERSIONS = ['2.42', '3.16'] as const;
export type PrometheusVersion = (typeof PROMETHEUS_VERSIONS)[number];
