import { KINDS } from 'lockstep-exporter/internal';
import type { FoundCatalogue, FoundLabel, FoundMetric } from './metrics.js';

export interface PrintCatalogueOptions {
  /** The name of the system, in snake case. */
  readonly name: string;
  /** The constant that holds the catalogue; by default called as the system. */
  readonly constant?: string;
  /** The matchers of every selector, by label. */
  readonly scope: Readonly<Record<string, string>>;
  /** Labels that scraping adds, beside those of the scope. */
  readonly targetLabels?: readonly string[];
  /** Metrics of which nothing is known but the queries that read them. */
  readonly inferred?: readonly string[];
}

/** Words that a module may not declare. */
export const RESERVED_WORDS = (
  'arguments async await break case catch class const continue debugger default delete do else enum eval export ' +
  'extends false finally for function if implements import in instanceof interface let new null package private ' +
  'protected public return static super switch this throw true try typeof undefined var void while with yield'
).split(' ');

/** Words that a catalogue may not declare, or that it imports. */
const TAKEN = new Set([...RESERVED_WORDS, ...KINDS, ...'label openLabel decidedLabel defineCatalogue of'.split(' ')]);

/** Metrics of others as the TypeScript of a catalogue. */
export function printCatalogue(
  found: FoundCatalogue,
  { name, scope, constant = identifier(name), targetLabels = [], inferred = [] }: PrintCatalogueOptions,
): string {
  const used = new Set(found.metrics.flatMap(({ labels }) => labels));
  const labels = inOrder(found.labels.filter((each) => used.has(each.name)));
  const targets = [...new Set([...(found.targetLabels ?? []), ...targetLabels, ...Object.keys(scope)])].filter(
    (each) => !used.has(each),
  );
  const constants = constantsOf([...labels.map((each) => each.name), ...targets], constant);
  const of = (label: string) => constants.get(label) ?? identifier(label);
  const builders = [
    ...new Set([...found.metrics.map(({ kind }) => kind), 'defineCatalogue', ...labels.map(builderOf)]),
    ...(targets.length > 0 && !labels.some((each) => builderOf(each) === 'openLabel') ? ['openLabel'] : []),
  ].sort();
  const lines = [
    `import { ${builders.join(', ')} } from 'lockstep/catalogue';`,
    '',
    inferred.length === 0
      ? '// Made by `lockstep import metrics` from what a process exposed: read it, and correct what one scrape cannot know.'
      : '// Made by `lockstep import`. If no page of metrics showed a metric, its kind and labels are guesses.',
    ...labels.flatMap((each) => printLabel(each, of)),
    ...targets.map((each) => `const ${of(each)} = openLabel(${quote(each)}, { help: ${quote(each)}, atMost: 20 });`),
    '',
    `export const ${constant} = defineCatalogue({`,
    `  name: ${quote(name)},`,
    "  recordedBy: 'others',",
    ...(targets.length === 0 ? [] : [`  targetLabels: [${targets.map(of).join(', ')}],`]),
    ...(Object.keys(scope).length === 0
      ? ['  // scope: { job: … }: without it a query adds up the series of everybody who has a metric of that name.']
      : [
          `  scope: { ${Object.entries(scope)
            .map(([key, value]) => `${property(key)}: ${quote(value)}`)
            .join(', ')} },`,
        ]),
    '  metrics: {',
    ...found.metrics.flatMap((each) => printMetric(each, of, inferred.includes(each.name))),
    '  },',
    '});',
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * TypeScript to be added to a catalogue that stands: the new labels, then the new metrics. A label that the catalogue
 * has already is called as an import would call it.
 */
export function printAdditions(
  { metrics, labels }: Pick<FoundCatalogue, 'metrics' | 'labels'>,
  constant: string,
): string {
  const used = metrics.flatMap((metric) => metric.labels);
  const constants = constantsOf([...new Set([...labels.map(({ name }) => name), ...used])], constant);
  const of = (label: string) => constants.get(label) ?? identifier(label);
  const builders = [...new Set([...metrics.map(({ kind }) => kind), ...labels.map(builderOf)])].sort();
  const lines = [
    `// import { ${builders.join(', ')} } from 'lockstep/catalogue';`,
    ...(labels.length === 0 ? [] : ['// New labels:', ...inOrder(labels).flatMap((each) => printLabel(each, of))]),
    ...(metrics.length === 0 ? [] : ['// New metrics, for `metrics` of the catalogue:']),
    ...metrics.flatMap((each) => printMetric(each, of, false)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Labels that decide others come before them. */
function inOrder(labels: readonly FoundLabel[]): readonly FoundLabel[] {
  return [...labels.filter(({ decidedBy }) => !decidedBy), ...labels.filter(({ decidedBy }) => decidedBy)];
}

function builderOf({ values, decidedBy }: FoundLabel): string {
  if (decidedBy !== undefined) return 'decidedLabel';
  return values === undefined ? 'openLabel' : 'label';
}

type ConstantOf = (label: string) => string;

function printLabel({ name, values, count, decidedBy }: FoundLabel, of: ConstantOf): readonly string[] {
  const start = `const ${of(name)} = `;
  if (values === undefined)
    return [
      `${start}openLabel(${quote(name)}, { help: ${quote(name)}, atMost: ${Math.max(50, 2 * count)} });${count === 0 ? '' : ` // ${count} seen`}`,
    ];
  const listed = `[${values.map(quote).join(', ')}]`;
  if (decidedBy === undefined) return [`${start}label(${quote(name)}, { help: ${quote(name)}, values: ${listed} });`];
  return [
    `// ${decidedBy.label} decided it in all ${decidedBy.series} series that have it.`,
    `${start}decidedLabel(${quote(name)}, {`,
    `  help: ${quote(name)},`,
    `  values: ${listed},`,
    `  decidedBy: ${of(decidedBy.label)},`,
    `  valueOf: { ${Object.entries(decidedBy.valueOf)
      .map(([by, value]) => `${property(by)}: ${quote(value)}`)
      .join(', ')} },`,
    '});',
  ];
}

function printMetric(
  { handle, kind, name, help, unit, labels, bounds, quantiles, state }: FoundMetric,
  of: ConstantOf,
  isInferred: boolean,
): readonly string[] {
  return [
    ...(isInferred ? ['    // Not exposed by what was scraped: from the queries that read it.'] : []),
    `    ${handle}: ${kind}({`,
    `      name: ${quote(name)},`,
    `      help: ${quote(help)},`,
    `      unit: ${quote(unit)},`,
    `      labels: [${labels.map(of).join(', ')}],`,
    ...(kind === 'histogram' ? [`      bounds: [${bounds.join(', ')}],`] : []),
    ...(kind === 'summary' ? [`      quantiles: [${(quantiles ?? []).join(', ')}],`] : []),
    ...(state === undefined ? [] : [`      state: ${of(state)},`]),
    '    }),',
  ];
}

/** A constant for each label, of which none is called as another or as the catalogue. */
function constantsOf(labels: readonly string[], catalogue: string): ReadonlyMap<string, string> {
  const taken = new Set([catalogue]);
  return new Map(
    labels.map((label) => {
      let constant = identifier(label);
      for (let number = 1; taken.has(constant); number++)
        constant = `${identifier(label)}Label${number === 1 ? '' : number}`;
      taken.add(constant);
      return [label, constant];
    }),
  );
}

/** A name as a constant of its own: with `Label` at its end where the language or an import has it. */
export function identifier(name: string): string {
  const word = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(\d)/, '_$1');
  return TAKEN.has(word) ? `${word}Label` : word;
}

function property(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : quote(name);
}

/** A text of TypeScript, in the quotes that it needs. */
export function quote(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return escaped.includes("'") && !escaped.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}
