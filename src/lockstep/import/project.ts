import type { Target } from '../config/config.js';
import type { PlannedText } from '../emit/files.js';
import { quotedNamesIn } from '../existing/quoted.js';
import type { GrafanaVersion } from '../grafana/index.js';
import type { Imported } from './definitions.js';
import { hasQuotedNames } from './metrics.js';
import { printCatalogue, quote, RESERVED_WORDS } from './print-catalogue.js';
import { printDefinition, printLiteral } from './print-definition.js';
import { untaken } from './untaken.js';

export interface ProjectOptions {
  readonly name: string;
  readonly scope: Readonly<Record<string, string>>;
  readonly datasource: string;
  readonly grafana: GrafanaVersion;
  /** Whether a board is too large for `kubectl apply` without `--server-side`. */
  readonly isLarge: boolean;
  /** Where the files came from, for the header of what is built. */
  readonly source: string;
}

/**
 * The target that an import is written for; its author corrects it.
 *
 * @param isQuoted whether there are names that PromQL takes only in quotes
 */
export function importTarget(
  { grafana, datasource, isLarge }: Omit<ProjectOptions, 'name' | 'scope' | 'source'>,
  isQuoted: boolean,
) {
  return {
    grafana,
    datasource,
    ...(isQuoted ? ({ prometheus: '3.16' } as const) : {}),
    ...(isLarge ? ({ apply: 'server' } as const) : {}),
    instanceSelector: { dashboards: 'grafana' },
    alertFolder: 'alerts',
    routes: ['page', 'ticket'],
    runbooks: 'https://example.org/runbooks',
    layout: { dashboards: 'dashboards/{name}.yaml', alerts: 'alerts/{name}.yaml' },
    ruler: { layout: 'rules/{name}.yaml', labels: {} },
  } as const satisfies Target;
}

/** Whether a name that is imported needs quotes in PromQL, or a rule makes one. */
export function needsPrometheus3({ used, rules }: Pick<Imported, 'used' | 'rules'>): boolean {
  return hasQuotedNames(used.catalogue) || rules.some(({ data }) => quotedNamesIn(data.groups).length > 0);
}

/** Said beside the fields that only the author can know. */
const REMARKS: Readonly<Record<string, string>> = {
  datasource: 'The uid of the Prometheus datasource in Grafana.',
  prometheus: 'Names that PromQL takes only in quotes need Prometheus 3.',
  apply: 'A board is too large for `kubectl apply` without --server-side.',
  instanceSelector: 'The labels of the Grafana that grafana-operator applies to.',
  alertFolder: 'The GrafanaFolder of alert rules that Grafana evaluates.',
  ruler: 'Rules that a Prometheus evaluates.',
};

export const CONFIG_PATH = 'lockstep.config.ts';

/** The TypeScript of an import: a configuration, a catalogue, and a file for each board and each file of rules. */
export function importedFiles(imported: Imported, options: ProjectOptions): readonly PlannedText[] {
  const { used, boards, rules, alerts } = imported;
  const { name, scope } = options;
  const constants = new Set([
    ...RESERVED_WORDS,
    'defineConfig',
    'defineExistingBoard',
    'defineExistingRules',
    'defineExistingAlerts',
  ]);
  const catalogue = untaken(camel(name), constants);
  const ofBoards = boards.map(({ data, source }) => ({
    path: `lockstep/boards/${data.name}.ts`,
    constant: untaken(camel(data.name), constants),
    builder: 'defineExistingBoard' as const,
    from: source.where,
    data,
  }));
  const named = [
    ...rules.map((each) => ({ ...each, builder: 'defineExistingRules' as const })),
    ...alerts.map((each) => ({ ...each, builder: 'defineExistingAlerts' as const })),
  ];
  const ofRules = named.map(({ data, source, builder }) => ({
    path: `lockstep/rules/${data.name}.ts`,
    constant: untaken(camel(data.name), constants),
    builder,
    from: source.where,
    data,
  }));
  const all = [...ofBoards, ...ofRules];
  return [
    {
      path: CONFIG_PATH,
      text: printConfig(
        [
          { names: [catalogue], path: './lockstep/catalogue.js' },
          ...all.map(({ path, constant }) => ({ names: [constant], path: `./${path.replace(/\.ts$/, '.js')}` })),
        ],
        {
          catalogue,
          dashboards: [],
          alerts: [],
          boards: ofBoards.map(({ constant }) => constant),
          rules: ofRules.map(({ constant }) => constant),
        },
        options,
        needsPrometheus3(imported),
      ),
    },
    {
      path: 'lockstep/catalogue.ts',
      text: printCatalogue(used.catalogue, {
        name,
        constant: catalogue,
        scope,
        targetLabels: used.targetLabels,
        inferred: used.inferred,
      }),
    },
    ...all.map(({ path, constant, builder, from, data }) => ({
      path,
      text: printDefinition(builder, constant, catalogue, from, data),
    })),
  ];
}

/** The constants that a file gives. */
interface Import {
  readonly path: string;
  readonly names: readonly string[];
}

/** The names of a system's parts. */
interface System {
  readonly catalogue: string;
  readonly dashboards: readonly string[];
  readonly alerts: readonly string[];
  readonly boards?: readonly string[];
  readonly rules?: readonly string[];
}

/** The configuration of one system. */
export function printConfig(
  imports: readonly Import[],
  system: System,
  options: ProjectOptions,
  isQuoted: boolean,
): string {
  const fields = Object.entries(importTarget(options, isQuoted)).flatMap(([field, value]) => [
    ...(REMARKS[field] === undefined ? [] : [`    // ${REMARKS[field]}`]),
    `    ${field}: ${printLiteral(value, '    ')},`,
  ]);
  const { catalogue, ...lists } = system;
  return `import { defineConfig } from 'lockstep/config';
${imports.map(({ names, path }) => `import { ${names.join(', ')} } from '${path}';`).join('\n')}

export default defineConfig({
  source: ${quote(options.source)},
  target: {
${fields.join('\n')}
  },
  docs: 'docs/metrics',
  systems: [
    {
      catalogue: ${catalogue},
${Object.entries(lists)
  .map(
    ([name, all]) =>
      `      ${name}: ${all.length < 2 ? `[${all.join('')}]` : `[${all.map((each) => `\n        ${each},`).join('')}\n      ]`},\n`,
  )
  .join('')}    },
  ],
});
`;
}

/** A constant in camel case. */
export function camel(name: string): string {
  const joined = name
    .split(/[^a-zA-Z0-9]+/)
    .filter((each) => each !== '')
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  return /^[a-zA-Z]/.test(joined) ? joined : `board${joined}`;
}
