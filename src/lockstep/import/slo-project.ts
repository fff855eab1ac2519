import type { PlannedText } from '../emit/files.js';
import { burnWindows } from '../slo/burn.js';
import type { Slo } from '../slo/slo.js';
import { errorBudget, isReachable } from '../slo/slo.js';
import { hasQuotedNames } from './metrics.js';
import type { SystemNames } from './names.js';
import { capital, wordsIn } from './names.js';
import { printCatalogue, quote } from './print-catalogue.js';
import type { ProjectOptions } from './project.js';
import { CONFIG_PATH, camel, printConfig } from './project.js';
import type { Chosen, ImportedSlo, ImportedSlos, WrittenSli } from './slos.js';
import { BAD_WHEN, isSilent } from './slos.js';
import { untaken } from './untaken.js';

/** The TypeScript of imported objectives: a configuration, a catalogue, and the objectives with board and alerts. */
export function sloFiles(
  { used, slos }: ImportedSlos,
  names: SystemNames,
  options: ProjectOptions,
): readonly PlannedText[] {
  const { name, scope } = options;
  const boards = inParts(slos).map((_, index) => numbered('board', index));
  const alerts = inParts(slos).map((_, index) => numbered('alerts', index));
  return [
    {
      path: CONFIG_PATH,
      text: printConfig(
        [
          { names: [names.camel], path: './lockstep/catalogue.js' },
          { names: [...alerts, ...boards], path: './lockstep/slos.js' },
        ],
        { catalogue: names.camel, dashboards: boards, alerts },
        options,
        hasQuotedNames(used.catalogue),
      ),
    },
    {
      path: 'lockstep/catalogue.ts',
      text: printCatalogue(used.catalogue, {
        name,
        constant: names.camel,
        scope,
        targetLabels: used.targetLabels,
        inferred: used.inferred,
      }),
    },
    { path: 'lockstep/slos.ts', text: printSlos(slos, names, [...boards, ...alerts]) },
  ];
}

function printSlos(slos: readonly ImportedSlo[], names: SystemNames, exported: readonly string[]): string {
  const handles = [...new Set(slos.flatMap(({ written }) => chosenOf(written).map(({ handle }) => handle)))].sort();
  const taken = new Set([...handles, names.camel, ...exported, ...RESERVED]);
  const written = slos.map((each) => {
    const base = camel(each.slo.name);
    return {
      ...each,
      constant: untaken(`${base}Slo`, taken),
      panels: untaken(`${base}Panels`, taken),
      events: untaken(`${base}Events`, taken),
    };
  });
  const functions = new Set(slos.flatMap(({ written: sli }) => functionsOf(sli)));
  const hasRatio = slos.some(({ written: sli }) => sli.type === 'events');
  const hasLatency = slos.some(({ written: sli }) => sli.type === 'latency');
  const ofSlo = [
    'burnWindows',
    'defineSlo',
    ...(hasRatio ? ['eventRatio'] : []),
    ...(hasLatency ? ['latency'] : []),
    'measuredSeries',
    ...(slos.some(({ written: sli }) => sli.type === 'uptime') ? ['uptime'] : []),
  ];
  const isTold = slos.some(({ source }) => !isSilent(source));
  const firstLook = isTold
    ? "const firstLook = [{ say: 'Look at the last release, and at other failures.' }] as const;\n\n"
    : '';
  const parts = inParts(written);
  return `import { absenceRule, ${isTold ? 'burnRules, ' : ''}defineAlertGroup } from 'lockstep/alerts';
import { defineDashboard, panel, query, sloPanels } from 'lockstep/dashboard';
import { ${[...functions].sort().join(', ')} } from 'lockstep/promql';
import { ${ofSlo.join(', ')} } from 'lockstep/slo';
import { ${names.camel} } from './catalogue.js';

// Imported by \`lockstep import slo\`. Read each: the names of events and the words of alerts are guesses.

const { ${handles.join(', ')} } = ${names.camel}.metrics;
${written.map(printSlo).join('')}
${parts.map((part, index) => printBoard(part, index, names)).join('\n')}
${firstLook}${parts.map((part, index) => printGroup(part, index, names)).join('\n')}`;
}

/** More objectives than these on one board are a resource that is too large to apply. */
const MOST = 8;

function inParts<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / MOST) }, (_, index) =>
    all.slice(index * MOST, (index + 1) * MOST),
  );
}

/** `board`, and `board2` of the next part. */
const numbered = (name: string, index: number, joint = '') => (index === 0 ? name : `${name}${joint}${index + 1}`);

function printBoard(part: readonly Named[], index: number, names: SystemNames): string {
  const rows = part.map(({ slo, panels, events }) => {
    const own = [`${panels}.objective`, `${panels}.budget`, `...${panels}.burns`, `${panels}.burnOverTime`, events];
    return `    {
      title: ${quote(heading(slo.name))},
      panels: ${broken('[', own, ']', '      ')},
    },
`;
  });
  return `export const ${numbered('board', index)} = defineDashboard({
  catalogue: ${names.camel},
  facet: ${quote(numbered('objectives', index, '-'))},
  description: ${quote(`The objectives of ${names.words}.`)},
  tags: ['slo'],
  variables: [],
  rows: [
${rows.join('')}  ],
});
`;
}

function printGroup(part: readonly Named[], index: number, names: SystemNames): string {
  return `export const ${numbered('alerts', index)} = defineAlertGroup({
  catalogue: ${names.camel},
  name: ${quote(numbered('objectives', index, '-'))},
  rules: [
${part.map((each) => printRules(each, names)).join('')}  ],
});
`;
}

interface Named extends ImportedSlo {
  readonly constant: string;
  readonly panels: string;
  readonly events: string;
}

function printSlo({ source, slo, written, constant, panels, events }: Named): string {
  const said = source.description
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return `
// ${oneLine(source.where)}${said.map((line) => `\n// ${oneLine(line)}`).join('')}
export const ${constant} = defineSlo({
  name: ${quote(slo.name)},
  events: ${quote(slo.events)},
  objective: ${slo.objective},
  window: ${quote(slo.window)},
  sli: ${printSli(written)},
  policy: ${printPolicy({ source, slo })},
});
const ${panels} = sloPanels(${constant}, ${quote(heading(slo.name))});
const ${events} = panel({
  type: 'timeseries',
${written.type === 'uptime' ? printLevel(slo, constant) : printRate(slo, constant)}
});
`;
}

function printRate({ name, events }: Slo, constant: string): string {
  return `  title: ${quote(`${heading(name)}, ${events} per second`)},
  description: ${quote(`How many ${events} per second the objective measures.`)},
  unit: 'cps',
  width: 24,
  queries: [query(rate(measuredSeries(${constant}), '$__rate_interval'), ${quote(events)})],`;
}

function printLevel({ name }: Slo, constant: string): string {
  const samples = (fn: string) => `sum(${fn}(measuredSeries(${constant}), '5m'))`;
  return `  title: ${quote(`${heading(name)}, up`)},
  description: 'The share of the samples that are up, in five minutes.',
  unit: 'percentunit',
  width: 24,
  queries: [query(ratio(${samples('sumOverTime')}, ${samples('countOverTime')}), 'up')],`;
}

function printSli(written: WrittenSli): string {
  if (written.type === 'latency') return `latency(${printChosen(written.of)}, ${written.atMost})`;
  if (written.type === 'uptime') return `uptime(${printChosen(written.of)}, ${quote(BAD_WHEN)})`;
  const counts = Object.entries(written.counts).map(([name, all]) => {
    const [only] = all;
    return `${name}: ${all.length === 1 && only !== undefined ? printChosen(only) : `[${all.map(printChosen).join(', ')}]`}`;
  });
  return broken('eventRatio({', [...counts, `badWhen: ${quote(BAD_WHEN)}`], '})', '  ');
}

function printChosen({ handle, isCount, choices }: Chosen): string {
  const matchers = choices.map(({ label, values, isNegated }) => {
    const listed = values.map(quote).join(', ');
    const value = isNegated ? `noneOf(${listed})` : values.length === 1 ? listed : `oneOf(${listed})`;
    return `${/^[a-zA-Z_]\w*$/.test(label) ? label : quote(label)}: ${value}`;
  });
  const series = matchers.length === 0 ? handle : `select(${handle}, { ${matchers.join(', ')} })`;
  return isCount ? `countOf(${series})` : series;
}

/** Parts on one line where they fit, or else each on its own. */
function broken(open: string, parts: readonly string[], close: string, indent: string): string {
  const gap = open.endsWith('{') ? ' ' : '';
  const line = `${open}${gap}${parts.join(', ')}${gap}${close}`;
  if (line.length < 90) return line;
  return `${open}\n${parts.map((part) => `${indent}  ${part},\n`).join('')}${indent}${close}`;
}

function functionsOf(written: WrittenSli): readonly string[] {
  const shown = written.type === 'uptime' ? ['countOverTime', 'ratio', 'sum', 'sumOverTime'] : ['rate'];
  const selected = chosenOf(written).flatMap(({ isCount, choices }) => [
    ...(isCount ? ['countOf'] : []),
    ...(choices.length > 0 ? ['select'] : []),
    ...choices.flatMap(({ values, isNegated }) => (isNegated ? ['noneOf'] : values.length > 1 ? ['oneOf'] : [])),
  ]);
  return [...shown, ...selected];
}

function chosenOf(written: WrittenSli): readonly Chosen[] {
  return written.type === 'events' ? Object.values(written.counts).flat() : [written.of];
}

/** The policy of the window, without the rules that are not wanted and those that could never fire. */
function printPolicy({ source, slo }: Pick<ImportedSlo, 'source' | 'slo'>): string {
  const budget = errorBudget(slo);
  const [wanted] = (['page', 'ticket'] as const).filter((severity) => !source.without.includes(severity));
  const isHigh = burnWindows(slo.window).some(({ factor }) => !isReachable(factor, budget));
  const filters = [
    ...(source.without.length !== 1 ? [] : [['severity', `severity === ${quote(wanted ?? '')}`]]),
    ...(isHigh ? [['factor', `factor * ${budget} < 1`]] : []),
  ];
  const base = `burnWindows(${quote(slo.window)})`;
  if (filters.length === 0) return base;
  return `${base}.filter(({ ${filters.map(([name]) => name).join(', ')} }) => ${filters.map(([, text]) => text).join(' && ')})`;
}

function printRules({ source, slo, constant, panels, events }: Named, { kebab, pascal }: SystemNames): string {
  const title = `${pascal}${pascalOf(slo.name)}`;
  const burns = `    ...burnRules(${constant}, {
      system: ${quote(kebab)},
      title: ${quote(`${title}Burn`)},
      component: ${quote(slo.name)},
      panels: ${panels},
      runbook: { impact: 'The objective is missed.', firstLook },
    }),
`;
  return `${isSilent(source) ? '' : burns}    absenceRule(measuredSeries(${constant}), {
      system: ${quote(kebab)},
      uid: ${quote(`${kebab}-${slo.name}-absent`)},
      title: ${quote(`${title}Absent`)},
      component: ${quote(slo.name)},
      panel: ${events},
      window: '1h',
      for: '15m',
      runbook: {
        impact: 'While this holds the objective is not measured, and its alerts are silent.',
        firstLook: [{ say: 'Does the service run? Is it scraped?' }],
        silence: 'While the service is switched off on purpose.',
      },
    }),
`;
}

const RESERVED = (
  'absenceRule burnRules defineAlertGroup defineDashboard panel query sloPanels countOf countOverTime noneOf ' +
  'oneOf rate ratio select sum sumOverTime burnWindows defineSlo eventRatio latency measuredSeries uptime firstLook'
).split(' ');

const oneLine = (text: string) => text.replaceAll(/[\r\n\u2028\u2029]/g, ' ').slice(0, 110);

const pascalOf = (name: string) => wordsIn(name).map(capital).join('');
const heading = (name: string) => capital(wordsIn(name).join(' '));
