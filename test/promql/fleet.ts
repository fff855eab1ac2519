import type { Metric } from '../../src/exporter/catalogue/index.js';
import { counter, defineCatalogue, gauge, histogram, openLabel } from '../../src/exporter/catalogue/index.js';

// What stands on the boards of a fleet: a controller-runtime operator, kube-state-metrics, node_exporter, a Go HTTP
// service. Names are those programs' own.

const labels = new Map<string, ReturnType<typeof openLabel>>();
const named = (names: string) =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name) => {
      const known = labels.get(name) ?? openLabel(name, { help: `the ${name}`, atMost: 100 });
      labels.set(name, known);
      return known;
    });
const common = (name: string, own: string) =>
  ({ name, help: `${name}.`, unit: '{thing}', labels: named(own) }) as const;
const c = (name: string, own = '') => counter(common(name, own));
const g = (name: string, own = '') => gauge(common(name, own));
const h = (name: string, own = '') => histogram({ ...common(name, own), bounds: [0.1, 0.5, 1, 5] });

const METRICS: readonly Metric[] = [
  c('controller_runtime_reconcile_total', 'controller result'),
  c('controller_runtime_reconcile_errors_total', 'controller'),
  h('controller_runtime_reconcile_time_seconds', 'controller'),
  g('controller_runtime_active_workers', 'controller'),
  g('controller_runtime_max_concurrent_reconciles', 'controller'),
  g('workqueue_depth', 'name'),
  c('workqueue_adds_total', 'name'),
  c('workqueue_retries_total', 'name'),
  h('workqueue_queue_duration_seconds', 'name'),
  g('workqueue_longest_running_processor_seconds', 'name'),
  c('rest_client_requests_total', 'code method'),
  g('leader_election_master_status', 'name'),
  g('kube_deployment_spec_replicas', 'deployment'),
  g('kube_deployment_status_replicas_available', 'deployment'),
  g('kube_deployment_status_observed_generation', 'deployment'),
  g('kube_deployment_metadata_generation', 'deployment'),
  c('kube_pod_container_status_restarts_total', 'container'),
  g('kube_pod_status_phase', 'phase'),
  g('kube_pod_container_status_waiting_reason', 'container reason'),
  g('kube_pod_container_resource_requests', 'container resource'),
  g('kube_pod_container_resource_limits', 'container resource'),
  g('kube_pod_info', 'node created_by_kind'),
  g('kube_node_status_condition', 'node condition status'),
  g('kube_node_status_allocatable', 'node resource'),
  g('kube_job_status_failed', 'job_name'),
  g('kube_job_status_start_time', 'job_name'),
  g('kube_cronjob_next_schedule_time', 'cronjob'),
  g('kube_persistentvolumeclaim_status_phase', 'persistentvolumeclaim phase'),
  g('kube_horizontalpodautoscaler_status_current_replicas', 'horizontalpodautoscaler'),
  g('kube_horizontalpodautoscaler_spec_max_replicas', 'horizontalpodautoscaler'),
  c('node_cpu_seconds_total', 'cpu mode'),
  g('node_load1'),
  g('node_load15'),
  g('node_memory_MemTotal_bytes'),
  g('node_memory_MemAvailable_bytes'),
  g('node_filesystem_avail_bytes', 'device fstype mountpoint'),
  g('node_filesystem_size_bytes', 'device fstype mountpoint'),
  g('node_filesystem_files_free', 'device fstype mountpoint'),
  c('node_network_receive_bytes_total', 'device'),
  c('node_network_transmit_bytes_total', 'device'),
  c('node_network_receive_errs_total', 'device'),
  c('node_disk_io_time_seconds_total', 'device'),
  c('node_disk_read_bytes_total', 'device'),
  c('node_vmstat_oom_kill'),
  g('node_boot_time_seconds'),
  g('node_time_seconds'),
  g('node_timex_offset_seconds'),
  g('node_systemd_unit_state', 'name state'),
  c('http_requests_total', 'code method handler'),
  h('http_request_duration_seconds', 'handler'),
  g('http_requests_in_flight'),
  c('grpc_server_handled_total', 'grpc_code grpc_method'),
  h('grpc_server_handling_seconds', 'grpc_method'),
  g('go_goroutines'),
  g('go_memstats_heap_inuse_bytes'),
  c('go_gc_duration_seconds_count'),
  c('go_gc_duration_seconds_sum'),
  c('process_cpu_seconds_total'),
  g('process_resident_memory_bytes'),
  g('process_open_fds'),
  g('process_max_fds'),
  g('process_start_time_seconds'),
  g('up'),
  g('go_info', 'version'),
  c('db_queries_total', 'outcome'),
  g('db_pool_in_use'),
  g('db_pool_size'),
];

export const fleet = defineCatalogue({
  name: 'fleet',
  recordedBy: 'others',
  targetLabels: named('namespace job instance pod'),
  scope: { namespace: ['platform', 'monitoring'] },
  metrics: Object.fromEntries(METRICS.map((metric) => [metric.name, metric])),
});

/** One expression a line. */
export const EXPRESSIONS: readonly string[] = `
sum by (controller) (rate(controller_runtime_reconcile_total[5m]))
sum by (controller, result) (increase(controller_runtime_reconcile_total[1h]))
sum by (controller) (rate(controller_runtime_reconcile_errors_total[5m])) / sum by (controller) (rate(controller_runtime_reconcile_total[5m]))
sum by (controller) (rate(controller_runtime_reconcile_errors_total[5m])) / (sum by (controller) (rate(controller_runtime_reconcile_total[5m])) > 0)
histogram_quantile(0.99, sum by (controller, le) (rate(controller_runtime_reconcile_time_seconds_bucket[10m])))
sum by (controller) (rate(controller_runtime_reconcile_time_seconds_sum[5m])) / sum by (controller) (rate(controller_runtime_reconcile_time_seconds_count[5m]))
max by (controller) (controller_runtime_active_workers) / max by (controller) (controller_runtime_max_concurrent_reconciles)
controller_runtime_active_workers / on (controller, pod) controller_runtime_max_concurrent_reconciles
sum by (name) (workqueue_depth)
max_over_time(workqueue_depth{name="events"}[15m])
sum by (name) (rate(workqueue_adds_total[5m]))
sum by (name) (rate(workqueue_retries_total[5m])) / ignoring () sum by (name) (rate(workqueue_adds_total[5m]))
histogram_quantile(0.95, sum by (le, name) (rate(workqueue_queue_duration_seconds_bucket[5m])))
workqueue_longest_running_processor_seconds > 600
sum by (code) (rate(rest_client_requests_total[5m]))
sum(rate(rest_client_requests_total{code=~"5..|429"}[5m])) / sum(rate(rest_client_requests_total[5m]))
sum by (method) (irate(rest_client_requests_total{code!~"2.."}[5m]))
count by (name) (leader_election_master_status == 1)
sum(leader_election_master_status) != 1
kube_deployment_spec_replicas != kube_deployment_status_replicas_available
sum by (deployment) (kube_deployment_spec_replicas) - sum by (deployment) (kube_deployment_status_replicas_available) > 0
kube_deployment_status_observed_generation < kube_deployment_metadata_generation
(kube_deployment_spec_replicas > kube_deployment_status_replicas_available) and (changes(kube_deployment_status_replicas_available[10m]) == 0)
increase(kube_pod_container_status_restarts_total[1h]) > 3
sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[15m])) > 0
topk(10, sum by (pod) (increase(kube_pod_container_status_restarts_total[24h])))
sum by (phase) (kube_pod_status_phase)
sum by (namespace) (kube_pod_status_phase{phase=~"Pending|Unknown"}) > 0
min_over_time(sum by (pod) (kube_pod_status_phase{phase="Pending"})[15m:1m]) > 0
max by (container) (kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}) >= 1
sum by (node) (kube_pod_container_resource_requests{resource="cpu"} * on (pod, namespace) group_left (node) kube_pod_info)
sum(kube_pod_container_resource_requests{resource="memory"}) / sum(kube_node_status_allocatable{resource="memory"})
sum by (namespace) (kube_pod_container_resource_limits{resource="memory"})
count by (node) (kube_pod_info)
count(kube_node_status_condition{condition="Ready", status="true"} == 0)
max by (node) (kube_node_status_condition{condition=~"MemoryPressure|DiskPressure", status="true"})
kube_job_status_failed > 0
time() - max by (job_name) (kube_job_status_start_time) > 7200
max by (cronjob) (time() - kube_cronjob_next_schedule_time) > 3600
sum by (persistentvolumeclaim) (kube_persistentvolumeclaim_status_phase{phase!="Bound"}) > 0
kube_horizontalpodautoscaler_status_current_replicas == kube_horizontalpodautoscaler_spec_max_replicas
max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_current_replicas) / max by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas)
1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))
sum by (instance, mode) (rate(node_cpu_seconds_total{mode!="idle"}[5m]))
avg without (cpu) (rate(node_cpu_seconds_total[5m]))
count by (instance) (count by (instance, cpu) (node_cpu_seconds_total))
node_load1 / on (instance) count by (instance) (node_cpu_seconds_total{mode="idle"})
avg by (instance) (node_load15)
1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes
min by (instance) (node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) < 0.1
node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes
predict_linear(node_filesystem_avail_bytes{fstype!="tmpfs"}[6h], 4 * 3600) < 0
min by (instance, mountpoint) (node_filesystem_files_free)
bottomk(5, node_filesystem_avail_bytes / node_filesystem_size_bytes)
deriv(node_filesystem_avail_bytes[1h])
sum by (instance) (rate(node_network_receive_bytes_total{device!="lo"}[5m])) * 8
sum by (instance) (rate(node_network_transmit_bytes_total{device!~"lo|veth.*"}[5m])) * 8
-sum by (device) (rate(node_network_transmit_bytes_total[5m]))
sum(rate(node_network_receive_errs_total[5m])) > 10
clamp_max(rate(node_disk_io_time_seconds_total[5m]), 1)
sum by (device) (rate(node_disk_read_bytes_total[5m]))
increase(node_vmstat_oom_kill[30m]) > 0
time() - node_boot_time_seconds
abs(node_timex_offset_seconds) > 0.05
abs(node_time_seconds - time()) > 60
sum by (name) (node_systemd_unit_state{state="failed"}) == 1
changes(node_boot_time_seconds[1h])
hour() >= 8 and hour() < 18
day_of_week() > 0 and day_of_week() < 6
sum by (handler) (rate(http_requests_total[5m]))
sum by (code) (rate(http_requests_total{handler!="/healthz"}[5m]))
sum(rate(http_requests_total{code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))
(sum(rate(http_requests_total{code=~"5.."}[5m])) or vector(0)) / sum(rate(http_requests_total[5m]))
1 - sum(rate(http_request_duration_seconds_count[30d] offset 1d)) / sum(rate(http_request_duration_seconds_count[30d]))
histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
histogram_quantile(0.9, sum by (handler, le) (rate(http_request_duration_seconds_bucket[5m])))
sum by (handler) (rate(http_request_duration_seconds_sum[5m])) / sum by (handler) (rate(http_request_duration_seconds_count[5m]))
avg_over_time(http_requests_in_flight[5m])
quantile_over_time(0.95, http_requests_in_flight[1h])
stddev_over_time(http_requests_in_flight[1h])
max_over_time(sum(http_requests_in_flight)[1h:1m])
sum(rate(http_requests_total[5m])) > 2 * sum(rate(http_requests_total[5m] offset 1w))
sum(rate(http_requests_total[5m])) / sum(rate(http_requests_total[1h] offset 1d)) < 0.5
sum(rate(http_requests_total[5m] @ end()))
sum(http_requests_in_flight @ 1700000000)
sum by (grpc_code) (rate(grpc_server_handled_total[5m]))
sum by (grpc_method) (rate(grpc_server_handled_total{grpc_code!="OK"}[5m])) / sum by (grpc_method) (rate(grpc_server_handled_total[5m]))
histogram_quantile(0.99, sum by (grpc_method, le) (rate(grpc_server_handling_seconds_bucket[5m])))
sum(go_goroutines)
avg by (pod) (go_goroutines) > 5000
deriv(go_memstats_heap_inuse_bytes[30m]) > 0
rate(go_gc_duration_seconds_sum[5m]) / rate(go_gc_duration_seconds_count[5m])
sum by (pod) (rate(process_cpu_seconds_total[5m]))
max by (pod) (process_resident_memory_bytes)
process_open_fds / process_max_fds > 0.9
time() - process_start_time_seconds < 300
resets(process_cpu_seconds_total[1h]) > 0
count by (version) (go_info)
count(count by (version) (go_info)) > 1
up == 0
avg by (job) (up) < 0.5
count by (job) (up == 0) / count by (job) (up)
absent(up{job="api"})
absent_over_time(up{job="api"}[10m])
sum by (job) (up) unless on (job) sum by (job) (go_goroutines)
sum by (job) (up) and on (job) (sum by (job) (http_requests_in_flight) > 0)
up * on (instance) group_left (version) go_info
label_replace(up, "host", "$1", "instance", "(.*):.*")
label_join(up, "where", "/", "namespace", "pod")
sort_desc(sum by (handler) (increase(http_requests_total[1d])))
sort(sum by (job) (up))
round(sum(rate(http_requests_total[5m])), 0.1)
ceil(sum(increase(http_requests_total[1h])))
floor(avg(node_load1))
sqrt(avg(node_load1))
ln(sum(go_goroutines))
log2(sum(process_resident_memory_bytes))
exp(avg(node_load1))
sgn(deriv(node_load1[10m]))
clamp(avg(node_load1), 0, 100)
clamp_min(sum(rate(http_requests_total[5m])), 0.001)
scalar(sum(up)) * 2
vector(scalar(count(up)))
count_values("goroutines", go_goroutines)
quantile(0.9, go_goroutines)
stddev by (job) (go_goroutines)
stdvar(go_goroutines)
group by (version) (go_info)
last_over_time(up[5m])
present_over_time(up[5m])
count_over_time(up[5m])
sum_over_time(up[1h])
delta(process_open_fds[10m])
idelta(process_open_fds[10m])
sum by (outcome) (rate(db_queries_total[5m]))
sum(rate(db_queries_total{outcome="error"}[5m])) / sum(rate(db_queries_total[5m]))
db_pool_in_use / db_pool_size > bool 0.9
avg(db_pool_in_use) / avg(db_pool_size)
month() == 12
timestamp(up)
`
  .split('\n')
  .filter((line) => line !== '');
