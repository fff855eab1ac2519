/** Lockstep knows what these versions of Prometheus read: `test/proofs/functions.test.ts` asks their own parsers. */
export const PROMETHEUS_VERSIONS = ['2.42', '3.16'] as const;
export type PrometheusVersion = (typeof PROMETHEUS_VERSIONS)[number];
