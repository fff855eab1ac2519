import type { OnError } from 'lockstep-exporter';
import { createReport, logError } from 'lockstep-exporter';
import type { FollowedFile } from 'lockstep-exporter/files';
import { exposeTotals, followFile } from 'lockstep-exporter/files';
import { fab } from './catalogue.js';

/** How many runs of the merge gate a quality file holds, by decision and profile, as they are written there. */
export interface QualityRuns {
  readonly counts: ReadonlyMap<string, { readonly decision: string; readonly profile: string; readonly runs: number }>;
  /** Numbers of the lines that are no run, from 1; of a file that is being written the last is not among them. */
  readonly unreadable: readonly number[];
}

/** A run is a few hundred bytes; this is years of them. */
const MOST_BYTES = 64_000_000;

/** The runs of a `quality.jsonl`: a JSON object a line, of which `decision` and `profile` are read. Never throws. */
export function parseQualityRuns(text: string): QualityRuns {
  const counts = new Map<string, { decision: string; profile: string; runs: number }>();
  const unreadable: number[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const run = readRun(line);
    if (run === undefined) {
      // Half a line at the end is one that is being written.
      if (index < lines.length - 1) unreadable.push(index + 1);
      return;
    }
    const key = JSON.stringify([run.decision, run.profile]);
    const known = counts.get(key) ?? { ...run, runs: 0 };
    known.runs += 1;
    counts.set(key, known);
  });
  return { counts, unreadable };
}

function readRun(line: string): { readonly decision: string; readonly profile: string } | undefined {
  try {
    const run: unknown = JSON.parse(line);
    if (typeof run !== 'object' || run === null) return undefined;
    const { decision, profile } = run as Readonly<Record<string, unknown>>;
    return typeof decision === 'string' && typeof profile === 'string' ? { decision, profile } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Follows a quality file, to which fab appends a line for each run of the merge gate. Lines that are no run are told
 * once, and passed over.
 */
export function followQualityFile(path: string, onError: OnError = logError): FollowedFile {
  const report = createReport({ onError });
  let known: QualityRuns['counts'] = new Map();
  let startId: string | undefined;
  let lives = 0;
  return followFile(
    path,
    {
      what: 'quality file',
      mostBytes: MOST_BYTES,
      take: (text, idOf) => {
        const { counts, unreadable } = parseQualityRuns(text);
        const [first] = unreadable;
        if (first !== undefined)
          report('unreadable', `${path}: line ${first} is not a run of the merge gate, and is ignored`);
        // A line is only ever added: where there are fewer of a kind, the whole file began anew.
        const shrunk = [...known].some(([key, { runs }]) => (counts.get(key)?.runs ?? 0) < runs);
        if (shrunk) lives += 1;
        if (shrunk || startId === undefined) startId = idOf(lives);
        known = counts;
        return undefined;
      },
      expose: (id) =>
        exposeTotals(fab, { only: ['gateRuns'], own: false, startIdOf: () => startId ?? id, onError }, (record) => {
          // Values that the catalogue does not have are dropped and reported by the recorder.
          for (const { decision, profile, runs } of known.values())
            record.gateRuns.add({ decision: decision as 'approve', profile: profile as 'code' }, runs);
        }),
    },
    onError,
  );
}
