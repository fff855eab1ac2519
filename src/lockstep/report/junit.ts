import { printPlace } from 'lockstep-exporter/internal';
import type { Finding, Outcome } from './finding.js';
import { toMessage } from './message.js';
import { printFinding } from './text.js';

/**
 * Findings as JUnit's XML, which most CI servers read: a test case for each, and one that passes where there is none.
 * A finding that does not fail the command is a case that passes, with the finding as its output.
 *
 * @param isFailing whether a finding is one for which the command fails
 */
export function toJunit({ command, ok, findings }: Outcome, isFailing: (finding: Finding) => boolean): string {
  const cases = findings.map((each) => toCase(each, isFailing(each)));
  if (findings.length === 0) cases.push(`    <testcase classname="lockstep" name="${command}"/>`);
  const failing = findings.filter(isFailing).length;
  // A command may fail for what is no finding of its own, such as a rule that is not proven.
  const more = !ok && failing === 0 ? 1 : 0;
  if (more > 0)
    cases.push(
      `    <testcase classname="lockstep" name="${command}"><failure message="${command} failed"/></testcase>`,
    );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lockstep" tests="${cases.length}" failures="${failing + more}">`,
    `  <testsuite name="lockstep ${toXml(command)}" tests="${cases.length}" failures="${failing + more}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
  ].join('\n');
}

function toCase(finding: Finding, isFailure: boolean): string {
  const { id, where, at } = finding;
  const place = at === undefined ? '' : ` file="${toXml(at.file)}" line="${at.line ?? 1}"`;
  const name = toXml(where === '' ? (at === undefined ? id : printPlace(at)) : where);
  const text = toXml(printFinding(finding));
  const inner = isFailure
    ? `<failure type="${toXml(id)}" message="${toXml(toMessage(finding))}">${text}</failure>`
    : `<system-out>${text}</system-out>`;
  return `    <testcase classname="${toXml(id)}" name="${name}"${place}>${inner}</testcase>`;
}

/** Text as XML 1.0 may hold it: what it may not hold at all becomes U+FFFD. */
function toXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, (each) => `&#${each.charCodeAt(0)};`);
}
