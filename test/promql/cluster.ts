import {
  counter,
  defineCatalogue,
  gauge,
  info,
  label,
  nativeHistogram,
  openLabel,
  stateSet,
  summary,
} from '../../src/exporter/catalogue/index.js';

// Every kind of metric that only others record.

const pod = openLabel('pod', { help: 'the pod', atMost: 50 });
const node = openLabel('node', { help: 'the node', atMost: 5 });
const phase = label('phase', { help: 'the phase', values: ['Pending', 'Running', 'Failed'], bad: ['Failed'] });

export const cluster = defineCatalogue({
  name: 'cluster',
  recordedBy: 'others',
  metrics: {
    pods: info({ name: 'kube_pod_info', help: 'A pod.', unit: '{pod}', labels: [pod, node] }),
    phases: stateSet({
      name: 'kube_pod_status_phase',
      help: 'Its phase.',
      unit: '{pod}',
      labels: [pod, phase],
      state: phase,
    }),
    pauses: summary({
      name: 'gc_pause_seconds',
      help: 'Pauses.',
      unit: 'seconds',
      labels: [pod],
      quantiles: [0, 0.5, 0.99, 1],
    }),
    answers: nativeHistogram({ name: 'answer_seconds', help: 'Answers.', unit: 'seconds', labels: [pod] }),
    memory: gauge({ name: 'memory_bytes', help: 'Memory.', unit: 'bytes', labels: [pod] }),
    restarts: counter({ name: 'restarts_total', help: 'Restarts.', unit: '{restart}', labels: [pod] }),
  },
});
