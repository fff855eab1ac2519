import { durationSeconds } from '../promql/window.js';
import type { AskedServer, VerifyJob } from './job.js';
import { askedBy, scheduleOf, wholeJob } from './job.js';

/** A CronJob of Kubernetes, as far as it is written here. */
export interface CronJob {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'CronJob';
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

/**
 * The CronJob of a job. It has no right and no token of the cluster, writes nothing, and ends before the next begins;
 * a run that fails is not tried again: the next one is near, and the alert knows.
 * Fields: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/; the security context is
 * that of the profile `restricted`, https://kubernetes.io/docs/concepts/security/pod-security-standards/.
 */
export function cronJobOf(job: VerifyJob): CronJob {
  const whole = wholeJob(job);
  const every = durationSeconds(whole.every) ?? 0;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: whole.name },
    spec: {
      schedule: scheduleOf(whole) ?? '',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: Math.floor(every * LATEST_START),
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          activeDeadlineSeconds: Math.min(Math.floor(every * LONGEST_RUN), MOST_SECONDS),
          template: {
            spec: {
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
              containers: askedBy(whole).map((source) => ({
                name: source,
                image: whole.image,
                command: [...whole.command],
                // The configuration in the image says the rest, which the alerts are made of too.
                args: ['verify', '--job', source],
                ...secretOf(whole, source),
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              })),
            },
          },
        },
      },
    },
  };
}

/** Shares of the time between two runs: one that begins as late as may be has ended when the next begins. */
const LATEST_START = 0.3;
const LONGEST_RUN = 0.5;
/** In seconds: a run of hours hangs. */
const MOST_SECONDS = 3600;

function secretOf({ secrets }: VerifyJob, source: AskedServer) {
  const name = secrets?.[source];
  return name === undefined ? {} : { envFrom: [{ secretRef: { name } }] };
}
