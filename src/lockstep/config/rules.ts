import type { Problem } from 'lockstep-exporter/internal';
import {
  definitionPath,
  isRecord,
  isTexts,
  printValue,
  refuse,
  sayInto,
  suggest,
  validateFields,
  validateShape,
} from 'lockstep-exporter/internal';
import { GRAFANA_VERSIONS } from '../grafana/index.js';
import { toResourceName } from '../panels/names.js';
import { PROMETHEUS_VERSIONS } from '../promql/prometheus-version.js';
import { COUNTINGS } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { SEVERITIES } from '../slo/burn.js';
import type { Config, System } from './config.js';
import { EVALUATORS } from './config.js';
import {
  CONFIG_FIELDS,
  HOUSE_FIELDS,
  LAYOUT_FIELDS,
  RULER_FIELDS,
  SEVERITY_FIELDS,
  SYSTEM_FIELDS,
  TARGET_FIELDS,
} from './fields.js';
import { validateOwnRules } from './validate-own-rules.js';

/**
 * Checks a configuration and returns it: the default export of `lockstep.config.ts`.
 *
 * @throws ProblemsError if a field is missing or not what it should be
 */
export function defineConfig(config: Config): Config {
  refuse(validateConfig(config));
  return config;
}

/** Each group that is named there is one of the configuration. */
function validateRulerGroups({ target, systems }: Config): Problem[] {
  const groups: unknown = target.ruler?.groups;
  if (!isRecord(groups)) return [];
  const where = definitionPath('lockstep.config', 'target › ruler › groups');
  const names = (Array.isArray(systems) ? systems : []).flatMap((system: Partial<System>) =>
    (Array.isArray(system?.alerts) ? system.alerts : []).map((group) =>
      toResourceName(`${system.catalogue?.name}-${group?.name}`),
    ),
  );
  return Object.entries(groups).flatMap(([name, evaluator]): Problem[] => [
    ...(names.includes(name)
      ? []
      : [
          {
            code: 'config/ruler-group',
            where,
            found: `${printValue(name)}, which is no alert group`,
            allowed: names.map(printValue).join(', '),
            fix: suggest(name, names, 'name a group as <system>-<group>'),
          },
        ]),
    ...(EVALUATORS.some((each) => each === evaluator)
      ? []
      : [
          {
            code: 'config/ruler-group',
            where: definitionPath(where, name),
            found: printValue(evaluator),
            allowed: EVALUATORS.map(printValue).join(', '),
            fix: 'say who evaluates the alerts of this group',
          },
        ]),
  ]);
}

function isReasons(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((reason) => typeof reason === 'string' && reason.trim() !== '');
}

function validateHouse(house: unknown, where: string): Problem[] {
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
    ...validateFields(house, where, 'config/house', HOUSE_FIELDS),
    ...(['builtins', 'tags'] as const)
      .filter((field) => house[field] !== undefined && !isTexts(house[field]))
      .map((field) => say(field, 'give a list of texts')),
    ...(house['lineLength'] === undefined || Number(house['lineLength']) >= 80
      ? []
      : [say('lineLength', 'give a number of characters, 80 or more')]),
    ...(house['overlays'] === undefined || isReasons(house['overlays'])
      ? []
      : [say('overlays', "give the reason for each path: { 'staging/kustomization.yaml': 'shorter resyncs' }")]),
  ];
}

/** Every problem of a configuration itself; its dashboards and alerts have been checked when they were defined. */
export function validateConfig(config: Config): Problem[] {
  const root = 'lockstep.config';
  const problems: Problem[] = [];
  const say = sayInto(problems, 'config', root);
  const { source, target, systems } = config;
  for (const [value, at, known] of [
    [config, root, CONFIG_FIELDS],
    [target, definitionPath(root, 'target'), TARGET_FIELDS],
    [target?.layout, definitionPath(root, 'target › layout'), LAYOUT_FIELDS],
  ] as const)
    problems.push(...validateFields(value, at, 'config/shape', known));
  if (typeof source !== 'string' || source.trim() === '' || /[\r\n]/.test(source))
    say('source', 'source', printValue(source), 'name the repository of these definitions, in one line');
  if (!(target?.grafana in GRAFANA_VERSIONS))
    say(
      'grafana',
      'target › grafana',
      printValue(target?.grafana),
      'name the oldest Grafana that reads the boards',
      Object.keys(GRAFANA_VERSIONS).join(', '),
    );
  if (target?.counters !== undefined && !COUNTINGS.includes(target.counters))
    say(
      'counters',
      'target › counters',
      printValue(target.counters),
      'say how counters arrive, or leave it out',
      COUNTINGS.join(', '),
    );
  if (target?.prometheus !== undefined && !PROMETHEUS_VERSIONS.includes(target.prometheus))
    say(
      'prometheus',
      'target › prometheus',
      printValue(target.prometheus),
      'name the newest of these that is not newer than yours, or leave it out',
      PROMETHEUS_VERSIONS.join(', '),
    );
  if (target?.experimental !== undefined && typeof target.experimental !== 'boolean')
    say('experimental', 'target › experimental', printValue(target.experimental), 'say true or false');
  for (const field of ['datasource', 'alertFolder', 'folder'] as const) {
    // Boards may do without one.
    if (field === 'folder' && target?.folder === undefined) continue;
    if (typeof target?.[field] !== 'string' || target[field] === '')
      say(field, `target › ${field}`, printValue(target?.[field]), 'give a text');
  }
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
      ...validateFields(
        target.severities,
        definitionPath(root, 'target › severities'),
        'config/shape',
        SEVERITY_FIELDS,
      ),
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
  problems.push(...validateHouse(target?.house, definitionPath(root, 'target › house')));
  if (target?.ruler !== undefined)
    problems.push(
      ...validateShape(
        target.ruler,
        definitionPath(root, 'target › ruler'),
        'config/shape',
        {
          layout: 'text',
          labels: 'object',
          ...(target.ruler?.alerts === undefined ? {} : { alerts: EVALUATORS }),
          ...(target.ruler?.groups === undefined ? {} : { groups: 'object' }),
        },
        RULER_FIELDS,
      ),
      ...validateRulerGroups(config),
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
  const { docs, out } = config;
  if (config.lint !== undefined)
    problems.push(
      ...validateOwnRules((config.lint as { readonly rules?: unknown } | null)?.rules, `${root} › lint › rules`),
    );
  if (out !== undefined && (typeof out !== 'string' || out.trim() === ''))
    say('out', 'out', printValue(out), 'give a folder, from that of the configuration, such as ../eks-gitops');
  if (
    docs !== undefined &&
    (typeof docs !== 'string' || docs.split('/').some((step) => ['', '.', '..'].includes(step)))
  )
    say('docs', 'docs', printValue(docs), 'give a path next to the configuration, such as docs');
  const { documents } = config;
  if (documents !== undefined && !isTexts(documents))
    say('documents', 'documents', printValue(documents), "list paths beside the configuration: ['README.md']");
  else
    for (const path of documents ?? [])
      if (!/\.md$/.test(path) || path.split('/').some((step) => ['', '.', '..'].includes(step)))
        say('documents', 'documents', printValue(path), 'give a path beside the configuration that ends in .md');
  const { grafanaUrl, scrapeInterval, apply } = target ?? {};
  if (apply !== undefined && apply !== 'client' && apply !== 'server')
    say('apply', 'target › apply', printValue(apply), 'say how the resources are applied', "'client', 'server'");
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
    const shape = validateShape(
      system,
      definitionPath(root, `systems › ${index + 1}`),
      'config/shape',
      {
        catalogue: 'object',
        dashboards: 'list',
        alerts: 'list',
        ...(isRecord(system) && system['boards'] !== undefined ? { boards: 'list' } : {}),
        ...(isRecord(system) && system['rules'] !== undefined ? { rules: 'list' } : {}),
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
    // A value that is not a definition is reported where it is used.
    for (const definition of [
      ...system.dashboards,
      ...system.alerts,
      ...(system.boards ?? []),
      ...(system.rules ?? []),
    ])
      if (definition?.catalogue?.name !== undefined && definition.catalogue !== system.catalogue)
        say(
          'other-catalogue',
          `systems › ${name}`,
          `a definition over catalogue ${definition.catalogue.name}`,
          `define it over ${name}, or move it to its own system`,
        );
  }
  // A run pushes its findings under one name.
  const watching = (Array.isArray(systems) ? systems : []).filter((each) => isRecord(each?.verifyJob));
  if (watching.length > 1)
    say(
      'verify-jobs',
      'systems',
      `${watching.length} systems of verifySystem()`,
      'keep one: it runs `lockstep verify` for all systems of the configuration',
    );
  if (names.size === 0) say('systems', 'systems', 'none', 'add at least one system');
  return problems;
}
