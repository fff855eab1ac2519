import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, exposedMetrics, printValue, validateCatalogue } from 'lockstep-exporter/internal';
import type { AlertGroup, AlertRule } from '../alerts/alert.js';
import { validateAlertGroup } from '../alerts/rules.js';
import { problemsOnce } from '../checked.js';
import type { Config, System, Target } from '../config/config.js';
import { evaluatorOf } from '../config/config.js';
import { validateConfig } from '../config/rules.js';
import { isOfGrafana, readerOf } from '../existing/read.js';
import { boardResource } from '../existing/render.js';
import { validateExistingBoard, validateStandingRules } from '../existing/validate.js';
import { shownOn } from '../panels/layout.js';
import { dashboardResource } from '../panels/names.js';
import { validateDashboard } from '../panels/rules.js';
import type { Node } from '../promql/tree.js';
import { children, selectorsIn } from '../promql/tree.js';
import { cronJobOf } from '../verify-job/cron-job.js';
import type { VerifyJob } from '../verify-job/job.js';
import { isMadeFor, validateVerifyJob } from '../verify-job/job.js';
import { alertGroupCr, alertGroupResource } from './alert-group.js';
import { validateClaims } from './claims.js';
import { dashboardCr } from './dashboard.js';
import { existingAlertsCr, existingBoardCr, existingRulesCr, validateExisting } from './existing.js';
import type { PlannedText } from './files.js';
import { validateHouse } from './house.js';
import { prometheusRuleCr } from './prometheus-rule.js';
import type { Built } from './resource.js';
import { isStanding } from './resource.js';
import { largestOf, pathOf } from './target.js';
import { validateNeeds } from './validate-needs.js';
import { validateNewNotation } from './validate-new-notation.js';
import { validateRuleFields } from './validate-rule-fields.js';
import { printResource } from './yaml.js';

/** One resource that is to be, as a file below the output folder. */
export type PlannedFile = Built &
  PlannedText & {
    /** The name of the catalogue that it is of. */
    readonly system: string;
    /** Bytes of the resource as `kubectl apply` keeps it in an annotation. */
    readonly appliedBytes: number;
  };

export type BoardFile = Extract<PlannedFile, { readonly kind: 'board' }>;
export type GroupFile = Extract<PlannedFile, { readonly kind: 'group' }>;
export type RulerFile = Extract<PlannedFile, { readonly kind: 'ruler' }>;

/** The files of a build, or why it cannot write them. */
export type Plan =
  | { readonly files: readonly PlannedFile[]; readonly problems: readonly [] }
  | { readonly files: readonly []; readonly problems: readonly Problem[] };

/** The files of one system, as far as that system alone decides. */
export interface SystemPlan {
  readonly problems: readonly Problem[];
  /** Whether everything in the definitions has its shape, so that they can be compared with those of other systems. */
  readonly isSound: boolean;
  /** Rendered when they are asked for; of a system with problems nobody asks. */
  readonly files: () => readonly PlannedFile[];
}

/**
 * Everything a configuration would write, sorted by path. Every definition is checked again, whatever its author's
 * types said; with any problem there are no files.
 *
 * @param planOne plans a system; its plan may be an earlier one of the same definitions
 */
export function planFiles(config: Config, planOne: (system: System, config: Config) => SystemPlan = planSystem): Plan {
  const own = validateConfig(config);
  if (own.length > 0) return { files: [], problems: own };
  const plans = config.systems.map((system) => ({ system, plan: planOne(system, config) }));
  const lintBesideOthers = validateAcross();
  const problems = plans.flatMap(({ system, plan }) =>
    plan.isSound ? [...plan.problems, ...lintBesideOthers(system)] : plan.problems,
  );
  if (problems.length > 0) return { files: [], problems };
  const files = plans.flatMap(({ plan }) => plan.files()).sort((a, b) => (a.path < b.path ? -1 : 1));
  const found = [
    ...validateFiles(files, config.target),
    ...validateHouse(boardsOfHouse(files, config.target), config.target),
  ];
  return found.length > 0 ? { files: [], problems: found } : { files, problems: [] };
}

/**
 * A board that stands already may name a variable that it does not declare: Grafana leaves it empty, and `lockstep
 * lint` tells. A house that has said which variables it lets pass refuses it.
 */
function boardsOfHouse(files: readonly PlannedFile[], { house }: Target): readonly BoardFile[] {
  return files
    .filter((file) => file.kind === 'board')
    .filter(({ definition }) => house?.builtins !== undefined || !isStanding(definition));
}

/** It reads the source and the target of the configuration, and no other system. */
export function planSystem(system: System, config: Config): SystemPlan {
  const problems = validateSystem(system, config.target);
  return {
    problems,
    isSound: !problems.some(({ code }) => code.endsWith('/shape')),
    files: () => renderSystem(system, config),
  };
}

function validateSystem(system: System, target: Target): readonly Problem[] {
  const catalogue = validateCatalogue(system.catalogue);
  // Whatever reads the metrics would fall over what is not there.
  if (catalogue.some(({ code }) => code === 'catalogue/shape')) return catalogue;
  const found = [
    ...catalogue,
    ...system.dashboards.flatMap((each) => problemsOnce(each, validateDashboard)),
    ...system.alerts.flatMap((each) => problemsOnce(each, validateAlertGroup)),
    ...(system.boards ?? []).flatMap((board) => validateExistingBoard(board, readerOf(board))),
    ...(system.rules ?? []).flatMap((rules) => validateStandingRules(rules, readerOf(rules))),
    ...(system.verifyJob === undefined ? [] : validateJobOf(system.verifyJob, system)),
  ];
  return found.length > 0
    ? found
    : [
        ...validateClaims(system),
        ...validatePanelLinks(system),
        ...validateRoutes(system, target),
        ...validateRuleFields(system, target),
        ...validateSloNames(system),
        ...validateExisting(system, target),
        ...validateNewNotation(system, target),
        ...validateNeeds(system, target),
      ];
}

/** A job, its metrics and its alerts are of one schedule, one name and the same servers. */
function validateJobOf(job: VerifyJob, system: System): readonly Problem[] {
  const problems = validateVerifyJob(job);
  if (problems.length > 0 || isMadeFor(job, system)) return problems;
  return [
    {
      code: 'verify-job/of-another',
      where: definitionPath(`systems › ${system.catalogue.name}`, 'verifyJob'),
      found: 'a job beside parts that were not made for it: it would run in another way than its alerts expect',
      fix: 'list what verifySystem() returns as it is, and change what it is given',
    },
  ];
}

function renderSystem(system: System, config: Config): readonly PlannedFile[] {
  const { layout, ruler } = config.target;
  const place = (path: string, facet: string, name: string) =>
    pathOf(path, { system: system.catalogue.name, facet, name });
  const file = (path: string, built: Built) => toFile(config, system, path, built);
  return [
    ...(system.boards ?? []).map((definition) =>
      file(place(layout.dashboards, definition.name, boardResource(definition)), {
        kind: 'board',
        definition,
        resource: existingBoardCr(definition, config.target),
      }),
    ),
    ...(system.rules ?? []).map((definition) =>
      isOfGrafana(definition)
        ? file(place(layout.alerts, definition.name, definition.name), {
            kind: 'group',
            definition,
            resource: existingAlertsCr(definition, config.target),
          })
        : file(place(ruler?.layout ?? '', definition.name, definition.name), {
            kind: 'ruler',
            definition,
            resource: existingRulesCr(definition, ruler?.labels ?? {}),
          }),
    ),
    ...(system.verifyJob === undefined
      ? []
      : [
          file(system.verifyJob.path, {
            kind: 'job',
            definition: system.verifyJob,
            resource: cronJobOf(system.verifyJob),
          }),
        ]),
    ...system.dashboards.map((definition) =>
      file(place(layout.dashboards, definition.facet, dashboardResource(definition)), {
        kind: 'board',
        definition,
        resource: dashboardCr(definition, system, config.target),
      }),
    ),
    ...system.alerts.flatMap((definition) => {
      const name = alertGroupResource(definition);
      const ofRuler = ruler === undefined ? undefined : prometheusRuleCr(definition, system, config.target, ruler);
      return [
        ...(evaluatorOf(config.target, name) === 'ruler'
          ? []
          : [
              file(place(layout.alerts, definition.name, name), {
                kind: 'group',
                definition,
                resource: alertGroupCr(definition, system.dashboards, config.target),
              }),
            ]),
        ...(ruler === undefined || ofRuler === undefined
          ? []
          : [file(place(ruler.layout, definition.name, name), { kind: 'ruler', definition, resource: ofRuler })]),
      ];
    }),
  ];
}

/** Recorded series of an SLO are known by its name, and the group that reads them records them. */
function validateSloNames(system: System): Problem[] {
  const first = new Map<string, { readonly slo: object; readonly group: string }>();
  const problems: Problem[] = [];
  for (const group of system.alerts)
    for (const { burn, title } of group.rules) {
      if (burn === undefined) continue;
      const known = first.get(burn.slo.name) ?? { slo: burn.slo, group: group.name };
      first.set(burn.slo.name, known);
      if (known.slo === burn.slo && known.group === group.name) continue;
      problems.push({
        code: 'alerts/slo-twice',
        where: definitionPath(`alerts/${group.catalogue.name}-${group.name}`, title),
        found: `slo ${burn.slo.name}, ${known.slo === burn.slo ? `whose rules are in group ${known.group} too` : 'the name of another SLO as well'}`,
        fix: known.slo === burn.slo ? 'keep the rules of an SLO in one group' : 'give one of them another name',
      });
    }
  return problems;
}

/** A severity that no route is for is told to nobody. */
function validateRoutes(system: System, { routes }: Target): Problem[] {
  return system.alerts.flatMap((group) =>
    group.rules
      .filter((rule) => !routes.includes(rule.severity))
      .map((rule) => ({
        code: 'alerts/no-route',
        where: definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title, 'severity'),
        found: printValue(rule.severity),
        allowed: routes.map(printValue).join(', '),
        fix: 'give it a severity that is routed, or add the route to the notification policy and to target › routes',
      })),
  );
}

/**
 * A rule's panel is on a dashboard of its system: otherwise the link between them leads nowhere. And it shows something
 * that the rule reads: otherwise whoever is paged looks at another matter.
 */
function validatePanelLinks(system: System): Problem[] {
  return system.alerts.flatMap((group) =>
    group.rules.flatMap((rule): Problem[] => {
      const where = definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title, 'panel');
      const { title, queries } = rule.panel;
      if (shownOn(rule.panel, system.dashboards) === undefined)
        return about(rule, [
          {
            code: 'alerts/panel',
            where,
            found: `the panel "${title}", which is on no dashboard of ${system.catalogue.name}`,
            fix: 'put this panel on a dashboard, or name a panel of one',
          },
        ]);
      const read = metricsIn([rule.node]);
      const shown = metricsIn(queries.flatMap(({ node }) => shownIn(node)));
      if (read.size === 0 || [...read].some((name) => shown.has(name))) return [];
      return about(rule, [
        {
          code: 'alerts/panel-of-another',
          where,
          found: `the panel "${title}", which reads ${[...shown].join(' and ') || 'no metric'}`,
          allowed: `a panel that reads ${[...read].join(' or ')}, as the rule does`,
          fix: 'name a panel that shows what the rule reads: the person who is paged opens it first',
        },
      ]);
    }),
  );
}

/** The parts of a query that a panel shows: neither the whole below a line, nor a condition. */
function shownIn(node: Node): readonly Node[] {
  if (node.type === 'orZero') return shownIn(node.of);
  if (node.type === 'binary' && (node.op === '/' || node.op === 'and')) return shownIn(node.left);
  const parts = children(node);
  return parts.length === 0 ? [node] : parts.flatMap(shownIn);
}

function metricsIn(nodes: readonly Node[]): ReadonlySet<string> {
  return new Set(nodes.flatMap(selectorsIn).map(({ metric }) => metric.name));
}

/** Checks one system after the other against those before it. */
function validateAcross(): (system: System) => readonly Problem[] {
  const exposedBy = new Map<string, string[]>();
  const titled = new Map<string, AlertRule[]>();
  const known = new Map<string, AlertRule[]>();
  return (system) => {
    const own = exposedMetrics(system.catalogue);
    const names = own.flatMap(({ name }) =>
      (exposedBy.get(name) ?? []).map((other) => sameMetric(system, name, other)),
    );
    for (const { name } of own) add(exposedBy, name, system.catalogue.name);
    const rules = system.alerts.flatMap((group) => {
      const found = group.rules.flatMap((rule) =>
        [...new Set([...(titled.get(rule.title) ?? []), ...(known.get(rule.uid) ?? [])])].map((other) =>
          sameRule(group, rule, other),
        ),
      );
      for (const rule of group.rules) {
        add(titled, rule.title, rule);
        add(known, rule.uid, rule);
      }
      return found;
    });
    return [...rules, ...names];
  };
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Two systems that expose one name would be read as one. */
function sameMetric(system: System, name: string, other: string): Problem {
  return {
    code: 'config/duplicate-metric',
    where: definitionPath(`catalogue ${system.catalogue.name}`, name),
    found: `a name that catalogue ${other} exposes too`,
    fix: 'name one of them apart: a query of the one would read the other',
  };
}

/** Grafana's rule titles are unique in their folder, and all groups share one. Uids are unique in the whole Grafana. */
function sameRule(group: AlertGroup, rule: AlertRule, other: AlertRule): Problem {
  return {
    code: 'alerts/duplicate',
    where: definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title),
    found: `uid ${rule.uid}, title ${rule.title}; rule ${other.title} (${other.uid}) of another group has one of them too`,
    fix: 'begin both with the name of the system, and keep a rule to one group',
  };
}

/** A resource that stood already keeps its own tags and labels. `--prune` knows its system by the header. */
function toFile({ source, target }: Config, { catalogue }: System, path: string, built: Built): PlannedFile {
  const { resource, definition } = built;
  const named = built.kind === 'job' || isStanding(definition) ? catalogue.name : undefined;
  return {
    ...built,
    system: catalogue.name,
    path,
    text: printResource(resource, source, 'build', target.house?.lineLength, named),
    appliedBytes: Buffer.byteLength(JSON.stringify(resource)),
  };
}

function validateFiles(files: readonly PlannedFile[], target: Target): Problem[] {
  const { bytes, why } = largestOf(target);
  const problems: Problem[] = [];
  const boards = new Map<string, string>();
  for (const { path, kind, resource } of files) {
    if (kind !== 'board') continue;
    const { uid } = resource.spec;
    const other = boards.get(uid);
    if (other !== undefined)
      problems.push({
        code: 'emit/same-uid',
        where: `out › ${path}`,
        found: `the uid ${uid}, which ${other} has too`,
        fix: 'give one of the boards another uid: in Grafana they would overwrite each other',
      });
    boards.set(uid, path);
  }
  files.forEach((file, index) => {
    if (files[index - 1]?.path === file.path)
      problems.push({
        code: 'emit/same-path',
        where: `out › ${file.path}`,
        found: 'two resources for one file',
        fix:
          file.kind === 'job' || files[index - 1]?.kind === 'job'
            ? 'give verifySystem › path a path of its own'
            : 'tell them apart in target › layout with {facet} or {name}',
      });
    if (file.appliedBytes > bytes)
      problems.push({
        code: 'emit/too-large',
        where: `out › ${file.path}`,
        found: `${file.appliedBytes} bytes`,
        allowed: `${bytes} bytes: ${why}`,
        fix:
          target.apply === 'server'
            ? 'split the dashboard into facets'
            : "split the dashboard into facets, or say target › apply: 'server' where it is applied with --server-side, as Argo CD can",
      });
  });
  return problems;
}
