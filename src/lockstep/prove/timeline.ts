import { printRounded } from '../promql/print.js';
import { errorBudget, minimumEvents, printClaim } from '../slo/slo.js';
import type { CaseResult, MutationScore, RuleProof } from './prove.js';

/** The states of a rule in each of its cases, for a person to read. */
export function printTimeline({ subject, cases }: RuleProof): string {
  const { rule, built } = subject;
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  const moments = cases.reduce((sum, each) => sum + each.moments, 0);
  const verdict = failed === 0 ? `proven at ${moments} moments` : `NOT PROVEN in ${failed} of ${cases.length} cases`;
  const lines = [`${rule.title}  ${rule.severity}, for ${rule.for}, as ${built.kind}: ${verdict}`];
  if (rule.burn !== undefined) {
    const { slo, window } = rule.burn;
    lines.push(
      `  burns ${printRounded(window.factor)} times too fast over ${window.long} and ${window.short} (an error ratio above ${printRounded(window.factor * errorBudget(slo) * 100)}%), of ${minimumEvents(slo, window)} ${slo.events} at least; ${printClaim(slo, window)}`,
    );
  }
  for (const same of alike(cases)) lines.push(...printCase(same));
  return lines.join('\n');
}

/** Cases that differ in nothing but how they are seen are told once. */
function alike(cases: readonly CaseResult[]): readonly (readonly [CaseResult, ...CaseResult[]])[] {
  const groups: [CaseResult, ...CaseResult[]][] = [];
  const said = ({ name, failures, spans }: CaseResult) => JSON.stringify([name, failures, spans]);
  for (const each of cases) {
    const last = groups.at(-1);
    if (last !== undefined && said(last[0]) === said(each)) last.push(each);
    else groups.push([each]);
  }
  return groups;
}

function printCase(same: readonly [CaseResult, ...CaseResult[]]): readonly string[] {
  const [{ name, failures, spans, story }] = same;
  const mark = failures.length > 0 ? 'WRONG' : spans.length === 0 ? 'quiet' : 'fires';
  const seen = same.map(({ variant }) => variant).filter((each) => each !== '');
  const how = seen.length === 0 ? '' : `, seen ${seen.join(', or ')}`;
  const lines = [`  ${mark}  ${name}${story?.what === undefined ? '' : `: ${story.what}`}${how}`];
  if (failures.length === 0)
    for (const { from, to } of spans) {
      const since = story?.began ?? 0;
      const spent = story?.spent === undefined ? '' : `, ${printShare(story.spent(from))} of the budget gone`;
      const over =
        to === undefined
          ? 'and until the end'
          : story?.ended !== undefined && to >= story.ended
            ? `over ${printClock(to - story.ended)} after its end`
            : `over at ${printClock(to - since)}`;
      lines.push(`         after ${printClock(from - since)}${spent}; ${over}`);
    }
  for (const failure of failures) lines.push(...failure.split('\n').map((line) => `         ${line}`));
  return lines;
}

function printShare(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`;
}

/** Hours and minutes, as on a clock that began with what is told: `1h46m`. */
function printClock(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes}m` : `${hours}h${String(minutes % 60).padStart(2, '0')}m`;
}

/** How many mutants were killed; whichever were not, one by one. */
export function printScore({ subject, total, survivors }: MutationScore): string {
  const killed = total - survivors.length;
  const lines = [`${subject.rule.title}  ${killed} of ${total} mutants killed`];
  for (const change of survivors) lines.push(`  SURVIVES  ${change}`);
  return lines.join('\n');
}
