import { printPlace } from 'lockstep-exporter/internal';
import type { Finding, Outcome } from './finding.js';
import { toMessage } from './message.js';

/** GitHub shows ten annotations of a step and no more: the first of each file, which are the ones in reading order. */
const MOST_PER_FILE = 5;

/** Workflow commands, one a finding; notes are left out, since GitHub would mark them on the page. */
export function toAnnotations({ findings }: Outcome): readonly string[] {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (const finding of findings.filter(({ severity }) => severity !== 'note')) {
    const file = finding.at?.file;
    const count = (counts.get(file ?? '') ?? 0) + 1;
    counts.set(file ?? '', count);
    if (file === undefined || count <= MOST_PER_FILE) lines.push(toAnnotation(finding));
  }
  for (const [file, count] of counts)
    if (file !== '' && count > MOST_PER_FILE)
      lines.push(annotate('error', 'lockstep', `and ${count - MOST_PER_FILE} more in ${file}`, { file, line: 1 }));
  return lines;
}

function toAnnotation(finding: Finding): string {
  const { id, severity, at, source } = finding;
  const written = source === undefined ? '' : ` (source: ${printPlace(source)})`;
  return annotate(severity === 'error' ? 'error' : 'warning', id, `${toMessage(finding)}${written}`, at);
}

/**
 * A GitHub workflow command (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), escaped
 * as its toolkit does.
 */
function annotate(level: 'error' | 'warning', title: string, message: string, at: Finding['at']): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
  const properties = [
    ...(at === undefined ? [] : [`file=${property(at.file)}`]),
    ...(at?.line === undefined ? [] : [`line=${at.line}`]),
    `title=${property(title)}`,
  ];
  return `::${level} ${properties.join(',')}::${data(message)}`;
}
