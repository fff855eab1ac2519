import { LINT_RULES } from 'lockstep-exporter/internal';
import type { Finding } from './finding.js';
import { locate } from './locate.js';

/** Where the rules are described, one section each. */
const DOCS = 'docs/lint.md';
/** So much of a long line is shown, around what is meant. */
const SHOWN = 100;

/** Findings as a person reads them: what, where, the line, and a caret at the place. */
export function printFinding(finding: Finding, text: string | undefined): string {
  const { rule, severity, file, owner, found, fix } = finding;
  const place = text === undefined ? undefined : locate(finding, text);
  const where = place === undefined ? file : `${file}:${place.line}:${place.column}`;
  const lines = [`${severity}[${rule}] ${where}${owner === '' ? '' : `  ${owner}`}`];
  if (place !== undefined) {
    const from = Math.max(0, Math.min(place.column - 1 - 20, place.text.length - SHOWN));
    const shown = place.text.slice(from, from + SHOWN);
    const caret = place.column - 1 - from;
    const number = String(place.line);
    lines.push(
      `  ${number} | ${from > 0 ? '...' : ''}${shown}${from + SHOWN < place.text.length ? '...' : ''}`,
      `  ${' '.repeat(number.length)} | ${' '.repeat(caret + (from > 0 ? 3 : 0))}${'^'.repeat(Math.max(1, Math.min(place.length, SHOWN - caret)))}`,
    );
  }
  lines.push(`  found  ${found}`, `  fix    ${fix}`);
  return lines.join('\n');
}

/**
 * Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts and editors read.
 *
 * @param textOf  the text of a file, for its lines
 * @param uriOf   the path by which the host knows a file
 */
export function toSarif(
  findings: readonly Finding[],
  version: string,
  textOf: (file: string) => string | undefined,
  uriOf: (file: string) => string,
): unknown {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'lockstep',
            version,
            rules: Object.entries(LINT_RULES).map(([id, severity]) => ({
              id,
              defaultConfiguration: { level: severity },
              help: { text: `${DOCS}#${anchorOf(id)}` },
            })),
          },
        },
        results: findings.map((finding) => {
          const text = textOf(finding.file);
          const place = text === undefined ? undefined : locate(finding, text);
          return {
            ruleId: finding.rule,
            level: finding.severity,
            message: { text: `${finding.owner === '' ? '' : `${finding.owner}: `}${finding.found}. ${finding.fix}` },
            ...(text === undefined
              ? {}
              : {
                  locations: [
                    {
                      physicalLocation: {
                        artifactLocation: { uri: uriOf(finding.file) },
                        region: {
                          startLine: place?.line ?? 1,
                          startColumn: place?.column ?? 1,
                          endColumn: (place?.column ?? 1) + (place?.length ?? 1),
                        },
                      },
                    },
                  ],
                }),
          };
        }),
      },
    ],
  };
}

/** The heading of a rule's section, as GitHub makes an anchor of it. */
export function anchorOf(rule: string): string {
  return rule.replace('/', '');
}
