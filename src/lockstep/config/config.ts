import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import type { AlertGroup } from '../alerts/alert.js';
import type { ExistingAlerts, ExistingBoard, ExistingRules } from '../existing/index.js';
import type { GrafanaVersion } from '../grafana/index.js';
import type { Dashboard } from '../panels/dashboard.js';
import type { PrometheusVersion } from '../promql/prometheus-version.js';
import type { Counting } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import type { Severity } from '../slo/burn.js';
import type { VerifyJob } from '../verify-job/job.js';
import type { Demo } from './demo.js';
import type { OwnRule } from './own-rule.js';

/** Rules of the repository that receives the files, which are nobody else's. */
export interface House {
  /**
   * The variables of Grafana's own, without `$`, that a board may name beside those that it declares: `__interval`,
   * `__from`. Default: all of Grafana's.
   */
  readonly builtins?: readonly string[];
  /** Tags that every board carries. Default: none. */
  readonly tags?: readonly string[];
  /**
   * The longest line that the YAML linter there lets pass, in characters. A file with a longer one says so to yamllint
   * by a comment. Default: no limit.
   */
  readonly lineLength?: number;
  /**
   * Kustomizations there that change what was built and are meant to, by their path below the output folder, each with
   * the reason. `lockstep check` refuses any other. Default: none.
   */
  readonly overlays?: Readonly<Record<string, string>>;
}

/** Where the generated resources go, and what they find there. */
export interface Target {
  /** The oldest Grafana that reads the dashboards. */
  readonly grafana: GrafanaVersion;
  /** The address of that Grafana, for links from runbooks to panels; without it they give the path below it. */
  readonly grafanaUrl?: string;
  /** Uid of the Prometheus datasource. */
  readonly datasource: string;
  /**
   * How counters arrive there: `perStart` (the default), with a label `start_id` that every start of a process has its
   * own of, or `aggregated`, where deltas are added up before they are stored. The same definitions serve both; the
   * PromQL differs.
   */
  readonly counters?: Counting;
  /**
   * The oldest Prometheus that reads the queries. A build refuses PromQL as text that this Prometheus does not know.
   * Without it, the build refuses nothing for its age.
   */
  readonly prometheus?: PrometheusVersion;
  /** Whether that Prometheus runs with `--enable-feature=promql-experimental-functions`. */
  readonly experimental?: boolean;
  /** Findings of `lockstep diff` about the target that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
  /** How often processes are scraped, or report; `1m` if not said. A rate needs four of them. */
  readonly scrapeInterval?: Duration;
  /**
   * How the resources are applied: `client` (the default) as `kubectl apply` does, or `server` as `kubectl apply
   * --server-side` and Argo CD can. It decides how large one may be.
   */
  readonly apply?: 'client' | 'server';
  /** `spec.instanceSelector.matchLabels`: the Grafana that grafana-operator applies to. Immutable once applied. */
  readonly instanceSelector: Readonly<Record<string, string>>;
  /**
   * `folderRef` of boards: the GrafanaFolder resource that holds them. Without it the operator puts them into a folder
   * that is called like the namespace.
   */
  readonly folder?: string;
  /** `folderRef` of alert groups: the GrafanaFolder resource that holds them. Immutable once applied. */
  readonly alertFolder: string;
  /** The rules of the repository that receives the files. */
  readonly house?: House;
  /**
   * The severities that the notification policy there has a route for: a rule of another one would be told to nobody.
   */
  readonly routes: readonly Severity[];
  /**
   * The names of the two severities in the notification policy there, `{ page: 'critical', ticket: 'warning' }`: the
   * value of the label `severity`. A page wakes somebody, a ticket waits for the morning. Default: their own names.
   */
  readonly severities?: Readonly<Record<Severity, string>>;
  /**
   * Where the runbooks that `lockstep docs` writes can be read: the base URL of its folder `runbooks`. A rule's is
   * `<runbooks>/<title>.md`.
   */
  readonly runbooks: string;
  /** Paths below the output folder; `{system}`, `{facet}` and `{name}` (the resource's) are replaced. */
  readonly layout: { readonly dashboards: string; readonly alerts: string };
  /**
   * Where a Prometheus ruler (Prometheus itself, Mimir, Thanos, VictoriaMetrics) evaluates rules: each alert group is
   * also written as a `PrometheusRule`, with recording rules. Boards read what it records: the datasource must have
   * those series.
   */
  readonly ruler?: {
    /** Path below the output folder, with the placeholders of `layout`. */
    readonly layout: string;
    /** `metadata.labels`, by which the ruler chooses its rules. */
    readonly labels: Readonly<Record<string, string>>;
    /**
     * Who evaluates the alerts. Default `both`: a policy that routes both notifies twice. The ruler records for the
     * boards in each case.
     */
    readonly alerts?: Evaluator;
    /** Alert groups that somebody else evaluates, by their name: `{ 'checkout-slo': 'ruler' }`. */
    readonly groups?: Readonly<Record<string, Evaluator>>;
  };
}

/** Who evaluates alerts: `grafana`, the `ruler`, or `both`. */
export const EVALUATORS = ['grafana', 'ruler', 'both'] as const;
export type Evaluator = (typeof EVALUATORS)[number];

/** Who evaluates the alerts of a group, by the name of its resource: without a ruler, Grafana. */
export function evaluatorOf({ ruler }: Target, group: string): Evaluator {
  return ruler === undefined ? 'grafana' : (ruler.groups?.[group] ?? ruler.alerts ?? 'both');
}

/** The label `severity` of a rule, as the house that receives it says it. */
export function severityLabel({ severities }: Target, severity: Severity): string {
  return severities?.[severity] ?? severity;
}

export function countersOf(target: Target): Counting {
  return target.counters ?? 'perStart';
}

/** One system: a catalogue, and what is made of it. */
export interface System {
  /** Its metrics. */
  readonly catalogue: Catalogue;
  /** Its boards. */
  readonly dashboards: readonly Dashboard[];
  /** Its alert groups. */
  readonly alerts: readonly AlertGroup[];
  /** Boards that stand already, in Grafana's own terms; `lockstep import dashboards` writes them. */
  readonly boards?: readonly ExistingBoard[];
  /**
   * Rules that stand already; `lockstep import rules` writes them. Those that a Prometheus evaluates need
   * `target.ruler`.
   */
  readonly rules?: readonly (ExistingRules | ExistingAlerts)[];
  /**
   * The source files that record the metrics, from the folder of the configuration: `lockstep lint` tells what is read
   * and never recorded there.
   */
  readonly recordedIn?: readonly string[];
  /** How `lockstep verify` runs again and again: `verifySystem()` makes it, with its system. */
  readonly verifyJob?: VerifyJob;
  /** A made-up past of the system, for `lockstep preview --demo`. */
  readonly demo?: () => Demo;
}

export interface Config {
  /**
   * Where these definitions live, e.g. the address of the repository. It is written into the header of every file;
   * files with another source's header, or none, are never touched and never reported.
   */
  readonly source: string;
  /** Where all of it goes. */
  readonly target: Target;
  /** The systems, each with its catalogue. Two of one name are refused. */
  readonly systems: readonly System[];
  /**
   * The folder, beside the configuration, that `lockstep docs` writes the metrics and a runbook for each alert to,
   * e.g. `docs`. `lockstep check` covers it. Without it there is no documentation.
   */
  readonly docs?: string;
  /**
   * Pages that are written by hand, beside the configuration, such as `README.md`: `lockstep docs` fills the spans in
   * them that are marked with a fact of the definitions, and `lockstep check` refuses one that says something else.
   */
  readonly documents?: readonly string[];
  /**
   * The folder that `build` writes to and that `check`, `lint` and `preview` compare with, from the configuration's
   * own: `../eks-gitops`, say. Default `out`; `--out` and `--against` go before.
   */
  readonly out?: string;
  /** Rules of one's own, which `lockstep lint` runs after the built-in ones. */
  readonly lint?: { readonly rules: readonly OwnRule[] };
}
