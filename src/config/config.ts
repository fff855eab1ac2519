import type { AlertGroup } from '../alerts/alert.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Dashboard } from '../panels/dashboard.js';
import type { Problem } from '../problem.js';
import { definitionPath, printValue, refuse } from '../problem.js';
import type { Counting } from '../promql/tree.js';
import { COUNTINGS } from '../promql/tree.js';
import type { Duration } from '../promql/window.js';
import { durationSeconds } from '../promql/window.js';
import { isRecord, isTexts, lintFields, lintShape } from '../shape.js';
import type { Severity } from '../slo/burn.js';
import { SEVERITIES } from '../slo/burn.js';
import type { Demo } from './demo.js';
import {
  CONFIG_FIELDS,
  HOUSE_FIELDS,
  LAYOUT_FIELDS,
  RULER_FIELDS,
  SEVERITY_FIELDS,
  SYSTEM_FIELDS,
  TARGET_FIELDS,
} from './fields.js';

/**
 * The newest dashboard schema that each Grafana reads. A board of a lower version is migrated up when it is read,
 * never down.
 */
export const SCHEMA_VERSIONS = { '10.4': 39 } as const;
export type GrafanaVersion = keyof typeof SCHEMA_VERSIONS;

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
  /** How often processes are scraped, or report; `1m` if not said. A rate needs four of them. */
  readonly scrapeInterval?: Duration;
  /** `spec.instanceSelector.matchLabels`: the Grafana that grafana-operator applies to. Immutable once applied. */
  readonly instanceSelector: Readonly<Record<string, string>>;
  /** `folderRef` of alert groups: the GrafanaFolder resource that holds them. Immutable once applied. */
  readonly alertFolder: string;
  /** What the checks of the repository that receives the files ask for. */
  readonly house?: House;
  /**
   * The severities that the notification policy there has a route for: a rule of another one would be told to nobody.
   */
  readonly routes: readonly Severity[];
  /**
   * What the notification policy there calls the two severities, `{ page: 'critical', ticket: 'warning' }`: the value
   * of the label `severity`. A page wakes somebody, a ticket waits for the morning. Default: their own names.
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
   * Where a Prometheus ruler (Prometheus itself, Mimir, Thanos, VictoriaMetrics) evaluates rules beside Grafana: each
   * alert group is also written as a `PrometheusRule`, with recording rules. Whoever routes both is told twice.
   */
  readonly ruler?: {
    /** Path below the output folder, with the placeholders of `layout`. */
    readonly layout: string;
    /** `metadata.labels`, by which the ruler chooses its rules. */
    readonly labels: Readonly<Record<string, string>>;
  };
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
  readonly catalogue: Catalogue;
  readonly dashboards: readonly Dashboard[];
  readonly alerts: readonly AlertGroup[];
  /**
   * The source files that record the metrics, from the folder of the configuration: `lockstep lint` tells what is read
   * and never recorded there.
   */
  readonly recordedIn?: readonly string[];
  /** A made-up past of the system, for `lockstep preview --demo`. */
  readonly demo?: () => Demo;
}

export interface Config {
  /**
   * Where these definitions live, e.g. the address of the repository. It is written into the header of every file;
   * files with another source's header, or none, are never touched and never reported.
   */
  readonly source: string;
  readonly target: Target;
  readonly systems: readonly System[];
  /**
   * The folder, beside the configuration, that `lockstep docs` writes the metrics and a runbook for each alert to,
   * e.g. `docs`. `lockstep check` covers it. Without it there is no documentation.
   */
  readonly docs?: string;
}

/**
 * Checks a configuration and returns it: the default export of `lockstep.config.ts`.
 *
 * @throws ProblemsError if a field is missing or not what it should be
 */
export function defineConfig(config: Config): Config {
  refuse(lintConfig(config));
  return config;
}

function lintHouse(house: unknown, where: string): Problem[] {
  if (house === undefined) return [];
  if (!isRecord(house))
    return [{ code: 'config/house', where, found: printValue(house), fix: 'give an object, or leave it out' }];
  const say = (field: string, fix: string): Problem => ({
    code: 'config/house',
    where: definitionPath(where, field),
    found: printValue(house[field]),
    fix,
  });
  return [
    ...lintFields(house, where, 'config/house', HOUSE_FIELDS),
    ...(['builtins', 'tags'] as const)
      .filter((field) => house[field] !== undefined && !isTexts(house[field]))
      .map((field) => say(field, 'give a list of texts')),
    ...(house['lineLength'] === undefined || Number(house['lineLength']) >= 80
      ? []
      : [say('lineLength', 'give a number of characters, 80 or more')]),
  ];
}

/** Every problem of a configuration itself; its dashboards and alerts have been checked when they were defined. */
export function lintConfig(config: Config): Problem[] {
  const root = 'lockstep.config';
  const problems: Problem[] = [];
  const say = (code: string, field: string, found: string, fix: string, allowed?: string) =>
    problems.push({ code: `config/${code}`, where: definitionPath(root, field), found, allowed, fix });
  const { source, target, systems } = config;
  for (const [value, at, known] of [
    [config, root, CONFIG_FIELDS],
    [target, definitionPath(root, 'target'), TARGET_FIELDS],
    [target?.layout, definitionPath(root, 'target › layout'), LAYOUT_FIELDS],
  ] as const)
    problems.push(...lintFields(value, at, 'config/shape', known));
  if (typeof source !== 'string' || source.trim() === '' || /[\r\n]/.test(source))
    say('source', 'source', printValue(source), 'name the repository of these definitions, in one line');
  if (!(target?.grafana in SCHEMA_VERSIONS))
    say(
      'grafana',
      'target › grafana',
      printValue(target?.grafana),
      'name the oldest Grafana that reads the boards',
      Object.keys(SCHEMA_VERSIONS).join(', '),
    );
  if (target?.counters !== undefined && !COUNTINGS.includes(target.counters))
    say(
      'counters',
      'target › counters',
      printValue(target.counters),
      'say how counters arrive, or leave it out',
      COUNTINGS.join(', '),
    );
  for (const field of ['datasource', 'alertFolder'] as const)
    if (typeof target?.[field] !== 'string' || target[field] === '')
      say(field, `target › ${field}`, printValue(target?.[field]), 'give a text');
  const routes: readonly unknown[] = Array.isArray(target?.routes) ? target.routes : [];
  if (routes.length === 0 || routes.some((each) => !SEVERITIES.some((known) => known === each)))
    say(
      'routes',
      'target › routes',
      printValue(target?.routes),
      'list the severities that the notification policy has a route for',
      SEVERITIES.map(printValue).join(', '),
    );
  if (target?.severities !== undefined) {
    const names = isRecord(target.severities) ? SEVERITIES.map((each) => target.severities?.[each]) : [];
    const areNames = names.every((each) => typeof each === 'string' && /^[\w.-]+$/.test(each));
    problems.push(
      ...lintFields(target.severities, definitionPath(root, 'target › severities'), 'config/shape', SEVERITY_FIELDS),
    );
    if (!areNames || new Set(names).size !== SEVERITIES.length)
      say(
        'severities',
        'target › severities',
        printValue(target.severities),
        "give each of them a name of its own: { page: 'critical', ticket: 'warning' }",
        'letters, digits, _, - and .',
      );
  }
  if (!/^https?:\/\/\S+[^/]$/.test(target?.runbooks ?? ''))
    say(
      'runbooks',
      'target › runbooks',
      printValue(target?.runbooks),
      'give a http or https address without a slash at its end',
    );
  if (Object.keys(target?.instanceSelector ?? {}).length === 0)
    say(
      'instance-selector',
      'target › instanceSelector',
      printValue(target?.instanceSelector),
      "give the labels of the Grafana resource: { dashboards: 'external' }",
    );
  problems.push(...lintHouse(target?.house, definitionPath(root, 'target › house')));
  if (target?.ruler !== undefined)
    problems.push(
      ...lintShape(
        target.ruler,
        definitionPath(root, 'target › ruler'),
        'config/shape',
        {
          layout: 'text',
          labels: 'object',
        },
        RULER_FIELDS,
      ),
    );
  for (const [field, path] of [
    ['layout › dashboards', target?.layout?.dashboards],
    ['layout › alerts', target?.layout?.alerts],
    ...(target?.ruler === undefined ? [] : [['ruler › layout', target.ruler?.layout] as const]),
  ] as const) {
    if (
      typeof path !== 'string' ||
      !/\.ya?ml$/.test(path) ||
      path.split('/').some((step) => ['', '.', '..'].includes(step))
    )
      say('layout', `target › ${field}`, printValue(path), 'give a path below the output folder that ends in .yaml');
    else
      for (const [whole] of path.matchAll(/\{[^}]*\}/g))
        if (!['{system}', '{facet}', '{name}'].includes(whole))
          say('layout', `target › ${field}`, whole, 'use another placeholder', '{system}, {facet}, {name}');
  }
  const { docs } = config;
  if (
    docs !== undefined &&
    (typeof docs !== 'string' || docs.split('/').some((step) => ['', '.', '..'].includes(step)))
  )
    say('docs', 'docs', printValue(docs), 'give a path beside the configuration, such as docs');
  const { grafanaUrl, scrapeInterval } = target ?? {};
  if (scrapeInterval !== undefined && durationSeconds(scrapeInterval) === undefined)
    say(
      'scrape-interval',
      'target › scrapeInterval',
      printValue(scrapeInterval),
      'write a whole number and one unit: 1m',
    );
  if (grafanaUrl !== undefined && !/^https?:\/\/\S+[^/]$/.test(grafanaUrl))
    say(
      'grafana-url',
      'target › grafanaUrl',
      printValue(grafanaUrl),
      'give a http or https address without a slash at its end',
    );
  const names = new Set<string>();
  for (const [index, system] of (Array.isArray(systems) ? systems : []).entries()) {
    const shape = lintShape(
      system,
      definitionPath(root, `systems › ${index + 1}`),
      'config/shape',
      {
        catalogue: 'object',
        dashboards: 'list',
        alerts: 'list',
      },
      SYSTEM_FIELDS,
    );
    problems.push(...shape);
    if (shape.length > 0) {
      names.add(`${index}`);
      continue;
    }
    const { name } = system.catalogue;
    if (names.has(name))
      say('duplicate-system', 'systems', `${printValue(name)} twice`, 'join the two, or rename a catalogue');
    names.add(name);
    // What is no definition at all is told where it is looked at.
    for (const definition of [...system.dashboards, ...system.alerts])
      if (definition?.catalogue?.name !== undefined && definition.catalogue !== system.catalogue)
        say(
          'other-catalogue',
          `systems › ${name}`,
          `a definition over catalogue ${definition.catalogue.name}`,
          `define it over ${name}, or move it to its own system`,
        );
  }
  if (names.size === 0) say('systems', 'systems', 'none', 'add at least one system');
  return problems;
}
