import type { Day, Stability } from 'lockstep-exporter/catalogue';
import type { DiffLevel, DiffRule } from 'lockstep-exporter/internal';
import { aKind, DIFF_RULES, printValue } from 'lockstep-exporter/internal';
import { printDuration } from '../promql/window.js';
import type { LabelSnapshot, MetricSnapshot, ReaderSnapshot, Snapshot, SystemSnapshot } from './snapshot.js';

/** One thing in which a catalogue is not what it was, and what that does to those who read it. */
export interface Change {
  readonly rule: DiffRule;
  /** `error`: its stage does not allow it. `warning`: it may mislead for a while. `note`: nobody is misled. */
  readonly level: DiffLevel;
  readonly metric: string;
  readonly found: string;
  /** The panels and alerts that read what has changed, as they were. */
  readonly breaks: readonly string[];
  /** The fate of recorded data. */
  readonly history: string | undefined;
  readonly fix: string | undefined;
}

/**
 * Every change between two snapshots, in the order of the newer one; what is gone comes last.
 *
 * @param today what days are compared with
 */
export function compareSnapshots(before: Snapshot, after: Snapshot, today: Day): readonly Change[] {
  const old = entriesOf(before);
  const changes: Change[] = [];
  const known = new Set<MetricSnapshot>();
  const added: MetricSnapshot[] = [];
  for (const { metric, system } of entriesOf(after)) {
    const named = (name: string | undefined) => old.find((each) => each.metric.name === name);
    const same = named(metric.name);
    const former = metric.renamedFrom;
    const was = same ?? named(former?.name);
    if (was === undefined) {
      added.push(metric);
      changes.push(change('diff/added', undefined, metric.name, aKind(metric.kind), {}));
      continue;
    }
    known.add(was.metric);
    const context: Context = { old: was.metric, metric, before: was.system, after: system, changes };
    if (same === undefined) compareNames(context, today);
    else if (former !== undefined && was.metric.renamedFrom?.name !== former.name)
      strangeName(context, former.name, named(former.name) !== undefined);
    compareFormer(context, today);
    comparePromises(context, today);
    compareLabels(context);
    compareBounds(context);
  }
  for (const { metric } of old) if (!known.has(metric)) changes.push(removal(metric, added, today));
  return changes;
}

/** Every metric with its system: one that moves from one to another is the same to those who read it. */
function entriesOf({ systems }: Snapshot) {
  return systems.flatMap((system) => system.metrics.map((metric) => ({ metric, system })));
}

/** The last day of those until which something was promised to stay. */
function promisedUntil({ stability, renamedFrom }: MetricSnapshot): string | undefined {
  const days = [typeof stability === 'object' ? stability.deprecatedUntil : undefined, renamedFrom?.until];
  return days
    .filter((day) => day !== undefined)
    .sort()
    .at(-1);
}

/** A metric that was and is, perhaps under another name, and where what is found of it goes. */
interface Context {
  readonly old: MetricSnapshot;
  readonly metric: MetricSnapshot;
  readonly before: SystemSnapshot;
  readonly after: SystemSnapshot;
  readonly changes: Change[];
}

type Consequence = Partial<Pick<Change, 'history' | 'fix' | 'level'>> & {
  readonly readers?: readonly ReaderSnapshot[];
};

function change(
  rule: DiffRule,
  stability: Stability | undefined,
  metric: string,
  found: string,
  { level = DIFF_RULES[rule], readers = [], history, fix }: Consequence,
): Change {
  // An alpha metric promises nothing: that it breaks is reported, and not refused.
  const allowed = level === 'error' && stability === 'alpha' ? 'warning' : level;
  return { rule, level: allowed, metric, found, breaks: readers.map(printReader), history, fix };
}

/** A reader as a person finds it: `panel "Sessions" of fab — overview`, `alert FabX`. */
export function printReader({ kind, title, board }: Pick<ReaderSnapshot, 'kind' | 'title' | 'board'>): string {
  return kind === 'alert'
    ? `alert ${title}`
    : `panel ${JSON.stringify(title)}${board === undefined ? '' : ` of ${board}`}`;
}

/** How long readers go on to read what was recorded before; undefined if none reads back. */
function readBack(readers: readonly ReaderSnapshot[], what: string): string | undefined {
  const seconds = Math.max(0, ...readers.map((each) => each.seconds ?? 0));
  if (seconds === 0) return undefined;
  const longest = readers.filter((each) => each.seconds === seconds).map(printReader);
  const others = longest.length > 1 ? ` and ${longest.length - 1} more` : '';
  return `${what} for ${printDuration(seconds)} after the change (the range of ${longest[0]}${others})`;
}

function removal(old: MetricSnapshot, added: readonly MetricSnapshot[], today: Day): Change {
  const { stability, readers } = old;
  const until = typeof stability === 'object' ? promisedUntil(old) : undefined;
  const alike = added.find(
    (metric) => metric.kind === old.kind && metric.unit === old.unit && sameList(metric.labels, old.labels),
  );
  const isDue = until !== undefined && today >= until;
  const fix =
    alike !== undefined
      ? `if it is ${alike.name} now, say so there: renamedFrom: { name: ${printValue(old.name)}, until: '<day>' }`
      : until === undefined
        ? "put it back, and deprecate it first: stability: { deprecatedUntil: '<day>' }"
        : `keep it until ${until}, as was promised`;
  return change(
    'diff/removed',
    stability,
    old.name,
    until === undefined ? 'it is gone' : `it is gone; it was promised until ${until}`,
    {
      readers,
      history: 'what was recorded stays in Prometheus under this name, and nothing that is built reads it any more',
      ...(isDue ? { level: 'note' } : { fix }),
    },
  );
}

function compareNames({ old, metric, changes }: Context, today: Day): void {
  const until = metric.renamedFrom?.until ?? today;
  const days = (Date.parse(until) - Date.parse(today)) / 86_400_000;
  const seconds = Math.max(0, ...metric.readers.map((each) => each.seconds ?? 0));
  const isShort = days * 86_400 < seconds;
  const promised = typeof old.stability === 'object' ? old.stability.deprecatedUntil : undefined;
  if (promised !== undefined && promised > until)
    changes.push(
      change(
        'diff/former-name',
        old.stability,
        metric.name,
        `${old.name} ends on ${until}, but was promised until ${promised}`,
        { fix: `keep until: ${printValue(promised)}, or a later day` },
      ),
    );
  if (days <= 0 && old.stability !== 'alpha') {
    changes.push(
      change(
        'diff/renamed',
        old.stability,
        metric.name,
        `it was ${old.name}; its last day, ${until}, is not after today`,
        {
          level: 'error',
          readers: old.readers,
          fix: `set a future day: readers of ${old.name} need notice`,
        },
      ),
    );
    return;
  }
  changes.push(
    change(
      'diff/renamed',
      undefined,
      metric.name,
      `it was ${old.name}; both names are exposed and read until ${until}`,
      {
        ...(isShort
          ? {
              level: old.stability === 'alpha' ? 'note' : 'warning',
              readers: metric.readers.filter((each) => (each.seconds ?? 0) > days * 86_400),
              fix: `keep the former name for ${printDuration(seconds)} at least after the release: a query that looks back so far would start at the renaming`,
            }
          : {}),
        history: `what was recorded as ${old.name} is read until ${until}; what recording rules make of it takes the new name at once`,
      },
    ),
  );
}

/** A former name that the metric did not have: of another metric, which is then gone, or of none. */
function strangeName({ metric, changes }: Context, name: string, other: boolean): void {
  changes.push(
    change(
      'diff/renamed',
      undefined,
      metric.name,
      `renamedFrom names ${name}, which was ${other ? 'a different metric' : 'not in the catalogue'}`,
      {
        level: 'warning',
        fix: other
          ? 'drop renamedFrom: what was recorded of the two would be read as one'
          : 'correct the former name, or drop it: nobody has read the series of that name',
      },
    ),
  );
}

/** The change of a former name that was promised. */
function compareFormer({ old, metric, changes }: Context, today: Day): void {
  const [was, is] = [old.renamedFrom, metric.renamedFrom];
  // Renamed back, it is exposed under that name all the more.
  if (was === undefined || was.name === metric.name) return;
  if (is?.name === was.name) {
    if (is.until < was.until && today < was.until)
      changes.push(
        change(
          'diff/former-name',
          old.stability,
          metric.name,
          `${was.name} ends on ${is.until}, but was promised until ${was.until}`,
          {
            fix: `keep until: ${printValue(was.until)}, or a later day`,
          },
        ),
      );
    return;
  }
  changes.push(
    change('diff/former-name', old.stability, metric.name, `it is no longer exposed and read as ${was.name}`, {
      ...(today >= was.until ? { level: 'note' } : { fix: `keep renamedFrom until ${was.until}, as was promised` }),
      history: readBack(metric.readers, `what was recorded before the renaming is read no more; it mattered`),
    }),
  );
}

function comparePromises({ old, metric, changes }: Context, today: Day): void {
  const { name, readers } = metric;
  const say = (rule: DiffRule, found: string, consequence: Consequence) =>
    changes.push(change(rule, old.stability, name, found, consequence));
  if (old.kind !== metric.kind)
    say('diff/retyped', `${aKind(metric.kind)}, and was ${aKind(old.kind)}`, {
      readers: old.readers,
      history: readBack(readers, `the two kinds are read as one`),
      fix: 'give it another name: what was recorded cannot be read as the new kind',
    });
  if (old.unit !== metric.unit)
    say('diff/unit', `in ${metric.unit}, and was in ${old.unit}`, {
      readers: old.readers,
      history: readBack(readers, 'values of the two units are read as one'),
      fix: 'give it another name: values of the two units would be added up',
    });
  if (old.help !== metric.help) say('diff/help', `${printValue(metric.help)}, and was ${printValue(old.help)}`, {});
  compareStability({ old, metric }, today, say);
}

function compareStability(
  { old, metric }: Pick<Context, 'old' | 'metric'>,
  today: Day,
  say: (rule: DiffRule, found: string, consequence: Consequence) => void,
): void {
  const [was, is] = [old.stability, metric.stability];
  const print = (stability: Stability) =>
    typeof stability === 'object' ? `deprecated until ${stability.deprecatedUntil}` : stability;
  if (print(was) === print(is)) return;
  const isEarlier = typeof was === 'object' && typeof is === 'object' && is.deprecatedUntil < was.deprecatedUntil;
  const isWithdrawn = is === 'alpha';
  const isSudden = was === 'stable' && typeof is === 'object' && is.deprecatedUntil <= today;
  const fix = isEarlier
    ? `keep ${print(was)}, or say a later day`
    : isSudden
      ? 'set a future day: its readers need notice'
      : 'leave it stable: a promise is not taken back';
  say('diff/stability', `${print(is)}, and was ${print(was)}`, {
    readers: typeof is === 'object' ? metric.readers : [],
    ...(isEarlier || isWithdrawn || isSudden ? { fix } : { level: 'note' }),
  });
}

function compareLabels({ old, metric, before, after, changes }: Context): void {
  const say = (rule: DiffRule, found: string, consequence: Consequence) =>
    changes.push(change(rule, old.stability, metric.name, found, consequence));
  const by = (label: string, readers: readonly ReaderSnapshot[]) =>
    readers.filter((each) => each.labels?.includes(label));
  for (const label of old.labels.filter((each) => !metric.labels.includes(each)))
    say('diff/label-removed', `no label ${label} any more`, {
      readers: by(label, old.readers),
      history: 'what was recorded has the label still: series of before and after stand side by side, and add up',
      fix: 'keep the label, or give the metric another name',
    });
  for (const label of metric.labels.filter((each) => !old.labels.includes(each)))
    say('diff/label-added', `a new label ${label}`, {
      history:
        readBack(by(label, metric.readers), `what was recorded has no ${label}, and is shown under none`) ??
        `what was recorded has no ${label}`,
      fix: 'nothing that is built breaks; look at queries that were written elsewhere and match one to one',
    });
  for (const name of metric.labels.filter((each) => old.labels.includes(each))) {
    const [was, is] = [labelNamed(before, name), labelNamed(after, name)];
    if (was === undefined || is === undefined) continue;
    const decided = { was: deciderOf(was, old), is: deciderOf(is, metric) };
    compareValues(name, was, is, decided, (rule, found, consequence) =>
      say(rule, found, { ...consequence, readers: affected(rule, name, was, is, old.readers) }),
    );
  }
}

/** The label that decides another one on a metric; nothing where the metric lacks it. */
function deciderOf({ decidedBy }: LabelSnapshot, { labels }: MetricSnapshot): LabelSnapshot['decidedBy'] {
  return decidedBy !== undefined && labels.includes(decidedBy.label) ? decidedBy : undefined;
}

function labelNamed({ labels }: SystemSnapshot, name: string): LabelSnapshot | undefined {
  return labels.find((each) => each.name === name);
}

function affected(
  rule: DiffRule,
  label: string,
  was: LabelSnapshot,
  is: LabelSnapshot,
  readers: readonly ReaderSnapshot[],
): readonly ReaderSnapshot[] {
  if (rule === 'diff/values-widened') return [];
  const reading = readers.filter((each) => each.labels?.includes(label));
  if (rule !== 'diff/values-narrowed' || was.values === undefined) return reading;
  const gone = was.values.filter((value) => is.values?.includes(value) === false);
  const naming = reading.filter((each) => each.values?.[label]?.some((value) => gone.includes(value)));
  return naming;
}

function compareValues(
  name: string,
  was: LabelSnapshot,
  is: LabelSnapshot,
  decided: { readonly was: LabelSnapshot['decidedBy']; readonly is: LabelSnapshot['decidedBy'] },
  say: (rule: DiffRule, found: string, consequence: Consequence) => void,
): void {
  const list = (values: readonly string[]) =>
    values.length > 6
      ? `${values.slice(0, 6).map(printValue).join(', ')} and ${values.length - 6} more`
      : values.map(printValue).join(', ');
  if (was.values === undefined && is.values !== undefined)
    say('diff/values-narrowed', `${name} has a list of values now, and was open`, {
      fix: 'leave it open, or make sure that no recorder gives another value',
    });
  if (was.values !== undefined && is.values === undefined)
    say('diff/values-widened', `${name} is open now, and had a list of values`, {});
  const gone = was.values?.filter((value) => is.values?.includes(value) === false) ?? [];
  const more = is.values?.filter((value) => was.values?.includes(value) === false) ?? [];
  if (gone.length > 0)
    say('diff/values-narrowed', `${name} has no ${list(gone)} any more`, {
      history: 'what was recorded has the value still, and is no longer chosen by it',
      fix: `keep the value${gone.length === 1 ? '' : 's'} until nothing outside reads ${gone.length === 1 ? 'it' : 'them'}`,
    });
  if (more.length > 0) say('diff/values-widened', `${name} can be ${list(more)} too`, {});
  if (was.fallback !== is.fallback)
    say(
      'diff/recorded-otherwise',
      `any other ${name} is recorded as ${printValue(is.fallback)}, and was as ${printValue(was.fallback)}`,
      {
        fix: 'check what reads either value: one is no longer recorded, the other counts more than before',
      },
    );
  if ((is.atMost ?? 0) < (was.atMost ?? 0))
    say(
      'diff/recorded-otherwise',
      `${is.atMost} values of ${name} are recorded, ${was.atMost} before: the others are recorded as one`,
      {
        fix: 'set atMost to the number of values',
      },
    );
  if (decided.was?.label !== decided.is?.label)
    say(
      'diff/decided-otherwise',
      decided.is === undefined
        ? `${name} is no longer decided by ${decided.was?.label}: a recorder gives it`
        : `${name} is decided by ${decided.is.label}${decided.was === undefined ? ', and was given' : `, and was by ${decided.was.label}`}`,
      { history: `what was recorded keeps its ${name}` },
    );
  const moved = Object.entries(decided.is?.valueOf ?? {}).filter(([decider, value]) => {
    const old = decided.was?.valueOf[decider];
    return old !== undefined && old !== value;
  });
  if (moved.length > 0)
    say(
      'diff/decided-otherwise',
      `${name} changed for ${decided.is?.label} ${list(moved.map(([decider]) => decider))}`,
      {
        history: `what was recorded stays under the ${name} of before`,
        fix: `if the ${decided.is?.label} should count elsewhere from now on, do nothing`,
      },
    );
}

function compareBounds({ old, metric, changes }: Context): void {
  const gone = (old.bounds ?? []).filter((bound) => metric.bounds?.includes(bound) === false);
  const more = (metric.bounds ?? []).filter((bound) => old.bounds?.includes(bound) === false);
  const buckets = (readers: readonly ReaderSnapshot[]) => readers.filter((each) => each.buckets === true);
  const mixed = readBack(
    buckets(metric.readers),
    'windows hold buckets of before and after, and quantiles are between the two',
  );
  if (gone.length > 0)
    changes.push(
      change('diff/bounds-removed', old.stability, metric.name, `no bucket up to ${gone.join(', ')} any more`, {
        readers: buckets(old.readers),
        history: mixed,
        fix: 'keep the bounds, or give the metric another name',
      }),
    );
  if (more.length > 0)
    changes.push(
      change('diff/bounds-added', old.stability, metric.name, `a new bucket up to ${more.join(', ')}`, {
        readers: buckets(metric.readers).filter((each) => each.bounds?.some((bound) => more.includes(bound))),
        history: mixed,
        fix: 'start an objective on a new bound one full window after the change',
      }),
    );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}
