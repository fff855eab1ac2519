import type { Catalogue } from 'lockstep-exporter/catalogue';
import { hashCatalogue } from 'lockstep-exporter/catalogue';
import type { Config, System, Target } from '../config/config.js';
import { countersOf } from '../config/config.js';
import { recordedOf } from '../emit/recorded.js';
import { expressionsOf, queriesOf as queriesOfBoard } from '../existing/read.js';
import { panelsOf } from '../panels/dashboard.js';
import { dashboardUid, letterOf } from '../panels/names.js';
import { sum } from '../promql/aggregate.js';
import { returned } from '../promql/over-time.js';
import { printAnyName, printExpression, printSelector } from '../promql/print.js';
import type { Node, SelectorNode } from '../promql/tree.js';
import { reads } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { Live } from './instant.js';
import { instant } from './instant.js';
import { adviseStarts, countReadsOf } from './starts.js';

/** One query of a panel or a rule, as the live server answered it. */
export interface Answer {
  /** `panel "Title" A` or `alert Title`. */
  readonly query: string;
  readonly status: 'ok' | 'empty' | 'expected-empty' | 'error';
  readonly series: number;
  readonly seconds: number;
  /** Samples read, if the server tells. */
  readonly samples: number | undefined;
  /** Why it is empty, or what the error was. */
  readonly why: string | undefined;
}

/**
 * Runs every panel and alert query of a configuration on a live server, as a reader who has chosen nothing would; and
 * asks of every count that they read whether its series say which start they are of, and of every system whether its
 * processes have its catalogue, and whether some were counted again after a silence. There is no answer for a part that
 * is as it should be.
 *
 * @throws RequestError if the server does not answer at all
 */
export async function askAll(
  config: Config,
  live: Live,
  onAnswer: (answer: Answer, of: number) => void,
): Promise<readonly Answer[]> {
  const counting = countersOf(config.target);
  const queries = config.systems.flatMap((system) => queriesOf(system, config.target));
  const answers: Answer[] = [];
  for (const { name, node, emptyBecause, recorded } of queries) {
    const answer = await ask(name, printExpression({ node }, counting, recorded), node, emptyBecause, live);
    answers.push(answer);
    onAnswer(answer, queries.length);
  }
  return [
    ...answers,
    ...(await askStarts(config, live)),
    ...(await askCatalogues(config, live)),
    ...(await askSilences(config, live)),
  ];
}

/** How far back a series without the label of its start is looked for, in seconds: a Job of a while ago counts too. */
const LATELY = 3600;

async function askStarts(config: Config, live: Live): Promise<readonly Answer[]> {
  const reads = countReadsOf(config);
  const answers: Answer[] = [];
  for (const [name, selector] of reads.selectors) {
    const series = `${withMatcher(printSelector(selector), `${reads.label}=""`)}[${LATELY}s]`;
    const why = `series without it in the last hour; ${adviseStarts(reads)}`;
    answers.push(
      ...(await askForNone(`label ${reads.label} of ${name}`, `count(last_over_time(${series}))`, live, () => why)),
    );
  }
  return answers;
}

/** Says of each system how many processes report another catalogue: names and labels may fit all the same. */
async function askCatalogues(config: Config, live: Live): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const catalogue of ownCatalogues(config)) {
    const own = hashCatalogue(catalogue);
    const others = `count(${catalogue.own.info.name}{hash!="${own}"})`;
    const why = (count: number) =>
      `${count} processes report another catalogue than ${own}: release them with this one, since what they record may mean something else here`;
    answers.push(...(await askForNone(`catalogue of ${catalogue.name}`, others, live, why)));
  }
  return answers;
}

/**
 * Says of each system whether, in the last day, processes were heard again after a silence longer than counts look
 * back, and since when: each was counted again from its start then. Deltas that are added up are not.
 */
async function askSilences(config: Config, live: Live): Promise<readonly Answer[]> {
  if (countersOf(config.target) === 'aggregated') return [];
  const answers: Answer[] = [];
  for (const catalogue of ownCatalogues(config)) {
    const again = printExpression(sum(returned(catalogue.own.info, '5m')));
    const why = (since: number) =>
      `processes that were silent for more than an hour were heard again, first at ${new Date(since * 1000).toISOString()}, and counted again from their start: do not trust counts whose range holds that time`;
    const first = `min_over_time(timestamp(${again})[1d:5m])`;
    answers.push(...(await askForNone(`silences of ${catalogue.name}`, first, live, why)));
  }
  return answers;
}

/** The catalogues that lockstep's exporter records. */
function ownCatalogues({ systems }: Config): readonly Catalogue[] {
  return systems.map(({ catalogue }) => catalogue).filter(({ recordedBy }) => recordedBy !== 'others');
}

/** Asks for what should not be. There is no answer if it is not. */
async function askForNone(
  query: string,
  expression: string,
  live: Live,
  why: (value: number) => string,
): Promise<readonly Answer[]> {
  const began = performance.now();
  const result = await instant(expression, live);
  if ('series' in result && result.series === 0) return [];
  const seconds = (performance.now() - began) / 1000;
  const answer = { query, status: 'error', series: 0, seconds } as const;
  if ('error' in result) return [{ ...answer, samples: undefined, why: result.error }];
  return [{ ...answer, samples: result.samples, why: why(result.value ?? 0) }];
}

function withMatcher(series: string, matcher: string): string {
  return series.endsWith('}') ? `${series.slice(0, -1)}, ${matcher}}` : `${series}{${matcher}}`;
}

function queriesOf(system: System, target: Target) {
  const { dashboards, alerts, boards = [], rules: existing = [] } = system;
  const recorded = recordedOf(system, target);
  return [
    ...dashboards.flatMap((dashboard) => [
      ...panelsOf(dashboard).flatMap(({ title, queries }) =>
        queries.map(({ node, emptyBecause }, index) => ({
          name: `panel ${JSON.stringify(title)} ${letterOf(index)}`,
          node,
          emptyBecause,
          recorded,
        })),
      ),
      ...(dashboard.annotations ?? []).map(({ title, query: { node, emptyBecause } }) => ({
        name: `annotation ${JSON.stringify(title)}`,
        node,
        emptyBecause,
        recorded,
      })),
    ]),
    ...alerts.flatMap(({ rules }) =>
      rules.map(({ title, node, emptyBecause }) => ({
        name: `alert ${title}`,
        node,
        emptyBecause,
        recorded: undefined,
      })),
    ),
    ...[...boards.flatMap(queriesOfBoard), ...existing.flatMap(expressionsOf)].map(({ name, node }) => ({
      name,
      node,
      emptyBecause: undefined,
      recorded: undefined,
    })),
  ];
}

/** Why a query of a panel returns nothing; `undefined` if there is no such query. */
export async function whyOf(
  { systems }: Config,
  { board, panel, ref }: { readonly board: string; readonly panel: string; readonly ref: string },
  live: Live,
): Promise<string | undefined> {
  for (const { dashboards } of systems)
    for (const dashboard of dashboards)
      for (const { panels } of dashboardUid(dashboard) === board ? dashboard.rows : [])
        for (const { title, queries } of panels) {
          const query = title === panel ? queries.find((_, index) => letterOf(index) === ref) : undefined;
          if (query !== undefined) return query.emptyBecause ?? (await whyEmpty(query.node, live));
        }
  return undefined;
}

async function ask(
  query: string,
  text: string,
  node: Node,
  emptyBecause: string | undefined,
  live: Live,
): Promise<Answer> {
  const began = performance.now();
  const result = await instant(substitute(text, live), live);
  const seconds = (performance.now() - began) / 1000;
  if ('error' in result) return { query, status: 'error', series: 0, seconds, samples: undefined, why: result.error };
  const { series, samples } = result;
  if (series > 0) return { query, status: 'ok', series, seconds, samples, why: undefined };
  if (emptyBecause !== undefined)
    return { query, status: 'expected-empty', series, seconds, samples, why: emptyBecause };
  return { query, status: 'empty', series, seconds, samples, why: await whyEmpty(node, live) };
}

/** Grafana's values for windows and variables, with nothing chosen: all. */
function substitute(text: string, { rateInterval, range }: Live): string {
  return text
    .replaceAll('$__interval_ms', String(1000 * rateInterval))
    .replaceAll('$__interval', `${rateInterval}s`)
    .replaceAll('$__rate_interval_ms', String(1000 * rateInterval))
    .replaceAll('$__rate_interval', `${rateInterval}s`)
    .replaceAll('$__range_s', String(range))
    .replaceAll('$__range', `${range}s`)
    .replace(/"\$\w+"/g, '".*"');
}

/**
 * The first thing that is missing: the metric, then a label, then a value; each looked for in the longest window that
 * is asked for.
 */
async function whyEmpty(node: Node, live: Live): Promise<string> {
  for (const { selector, window, ago, steps } of reads(node)) {
    const sum = (all: readonly string[]) => all.reduce((total, each) => total + (durationSeconds(each) ?? 0), 0);
    const seconds = Math.max(3600, durationSeconds(window ?? '') ?? live.range) + sum(steps);
    const back = sum(ago);
    const found = await missingIn(selector, seconds, back, live);
    if (found !== undefined) return back === 0 ? found : `${found}, ${ago.join(' and ')} ago`;
  }
  return 'every series that it reads is there: it has nothing to divide, or to compare';
}

async function missingIn(
  selector: SelectorNode,
  seconds: number,
  back: number,
  live: Live,
): Promise<string | undefined> {
  const offset = back === 0 ? '' : ` offset ${back}s`;
  const { metric, part } = selector;
  const name = `${metric.name}${part}`;
  const bare = printAnyName({ type: 'selector', metric, part, matchers: [] });
  const there = async (matcher: string) => {
    const result = await instant(`count(last_over_time(${withMatcher(bare, matcher)}[${seconds}s]${offset}))`, live);
    return 'series' in result && result.series > 0;
  };
  const past = `in the last ${Math.round(seconds / 3600)} h`;
  if (!(await there(''))) return `no series of ${name} ${past}`;
  for (const { label, negated, match } of selector.matchers) {
    if (match.type === 'variable') continue;
    if (!(await there(`${label}!=""`))) return `no series of ${name} has a label ${label} ${past}`;
    const values = match.type === 'value' ? [match.value] : match.values;
    const pattern = JSON.stringify(values.map((each) => each.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')).join('|'));
    if (!(await there(`${label}${negated ? '!~' : '=~'}${pattern}`)))
      return `no series of ${name} has ${label}${negated ? ' other than' : ''} ${values.join(', ')} ${past}`;
  }
  return undefined;
}
