// Objectives of our own, as Sloth and OpenSLO have them.

export const SLOTH = `version: prometheus/v1
service: shop-api
labels:
  owner: team-a
slos:
  - name: requests-availability
    objective: 99.9
    description: Requests are answered.
    sli:
      events:
        error_query: sum(rate(http_request_duration_seconds_count{job="api",code=~"(5..|429)"}[{{.window}}]))
        total_query: sum(rate(http_request_duration_seconds_count{job="api"}[{{.window}}]))
    alerting:
      name: ApiErrors
      page_alert:
        labels: { severity: critical }
      ticket_alert:
        disable: true
  - name: requests-latency
    objective: 95
    sli:
      events:
        error_query: |
          sum(rate(http_request_duration_seconds_count{job="api"}[{{.window}}]))
          -
          sum(rate(http_request_duration_seconds_bucket{job="api",le="0.3"}[{{.window}}]))
        total_query: sum(rate(http_request_duration_seconds_count{job="api"}[{{.window}}]))
  - name: low
    objective: 90
    sli:
      events:
        error_query: (sum(rate(jobs_failed_total{queue!="dead"}[{{.window}}])) or vector(0))
        total_query: >-
          sum(rate(jobs_failed_total{queue!="dead"}[{{.window}}])) +
          sum(rate(jobs_done_total{queue!="dead"}[{{.window}}]))
  - name: raw
    objective: 99
    sli: { raw: { error_ratio_query: '1 - avg_over_time(x[{{.window}}])' } }
  - name: odd
    objective: 99
    sli: { events: { error_query: 'max(rate(x_total[5m]))', total_query: 'sum(rate(x_total[5m]))' } }
`;

/** Uptimes of our own: of samples that are 1 or 0. */
export const UPTIME = `version: prometheus/v1
service: site
slos:
  - name: reachable
    objective: 99.5
    sli:
      events:
        error_query: >-
          sum(count_over_time(probe_success{job="blackbox"}[{{.window}}])) -
          sum(sum_over_time(probe_success{job="blackbox"}[{{.window}}]))
        total_query: sum(count_over_time(probe_success{job="blackbox"}[{{.window}}]))
  - name: up
    objective: 99
    sli:
      raw:
        error_ratio_query: 1 - (sum(sum_over_time(up[{{.window}}])) / sum(count_over_time(up[{{.window}}])))
  - name: answered
    objective: 99
    sli:
      raw:
        error_ratio_query: 1 - sum(rate(answers_total{result="right"}[{{.window}}])) / sum(rate(answers_total[{{.window}}]))
`;

export const CRD = `apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: { name: shop }
spec:
  service: shop
  slos:
    - name: requests
      objective: 99.5
      sli:
        events:
          errorQuery: sum(rate(requests_total{code="500"}[{{.window}}]))
          totalQuery: sum(rate(requests_total[{{.window}}]))
    - name: raw
      objective: 99
      sli:
        raw:
          errorRatioQuery: |
            (
              sum(rate(requests_total{code="500"}[{{.window}}])) # bad
              /
              (sum(rate(requests_total[{{.window}}])))
            )
`;

export const OPENSLO = `apiVersion: openslo/v1
kind: SLI
metadata: { name: delivered }
spec:
  ratioMetric:
    counter: true
    good: { metricSource: { type: Prometheus, spec: { query: 'sum(messages_delivered_total{channel=~"mail|push"})' } } }
    bad: { metricSource: { type: Prometheus, spec: { query: 'sum(messages_bounced_total{channel=~"mail|push"})' } } }
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: Delivery }
spec:
  service: shop
  description: Messages arrive.
  indicatorRef: delivered
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.995 }]
  alertPolicies: [x]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: Cpu }
spec:
  indicator: { spec: { thresholdMetric: { metricSource: { type: Prometheus, spec: { query: x } } } } }
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives: [{ target: 0.995, op: lte, value: 3 }]
---
apiVersion: openslo/v1
kind: SLO
metadata: { name: Elsewhere }
spec:
  indicator:
    spec:
      ratioMetric:
        good: { metricSource: { type: Datadog, spec: { query: x } } }
        total: { metricSource: { type: Datadog, spec: { query: y } } }
  timeWindow: [{ duration: 28d, isRolling: true }]
  objectives: [{ target: 0.995 }]
---
apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: {}
`;
