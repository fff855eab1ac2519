import type { AlertGroup } from '../alerts/alert.js';
import type { BoardModel, GroupRule } from '../config/own-rule.js';
import type { ExistingAlerts, ExistingBoard, ExistingRules } from '../existing/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import type { CronJob } from '../verify-job/cron-job.js';
import type { VerifyJob } from '../verify-job/job.js';

// The resources that are built, as the CRDs of the operators have them, each with the definition that it is built from.

interface Cr<Kind extends string, Spec> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: Spec;
}

/** The labels of the Grafana that a resource is for. */
interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}

export type GrafanaDashboard = Cr<
  'GrafanaDashboard',
  {
    readonly folderRef?: string;
    readonly folderUID?: string;
    readonly instanceSelector: Selector;
    readonly resyncPeriod: string;
    readonly uid: string;
    /** The model, as text: {@link modelOf} reads it. */
    readonly json: string;
  }
>;

export type GrafanaAlertRuleGroup = Cr<
  'GrafanaAlertRuleGroup',
  {
    readonly folderRef?: string;
    readonly folderUID?: string;
    readonly instanceSelector: Selector;
    readonly interval: string;
    readonly name: string;
    readonly resyncPeriod: string;
    readonly rules: readonly GroupRule[];
  }
>;

export type PrometheusRule = Cr<'PrometheusRule', { readonly groups: readonly object[] }>;

/** A resource, and the definition that it is built from. */
export type Built =
  | { readonly kind: 'board'; readonly resource: GrafanaDashboard; readonly definition: Dashboard | ExistingBoard }
  | {
      readonly kind: 'group';
      readonly resource: GrafanaAlertRuleGroup;
      readonly definition: AlertGroup | ExistingAlerts;
    }
  | { readonly kind: 'ruler'; readonly resource: PrometheusRule; readonly definition: AlertGroup | ExistingRules }
  | { readonly kind: 'job'; readonly resource: CronJob; readonly definition: VerifyJob };

/** Whether a definition is one of a board or of rules that stood already. */
export function isStanding<D extends Built['definition']>(
  definition: D,
): definition is Extract<D, ExistingBoard | ExistingAlerts | ExistingRules> {
  return 'readings' in definition;
}

/** The dashboard's model, read from the text of the resource: a thousand of them do not stay in memory. */
export function modelOf({ spec }: { readonly spec: Pick<GrafanaDashboard['spec'], 'json'> }): BoardModel {
  return JSON.parse(spec.json) as BoardModel;
}
