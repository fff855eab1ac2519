import type { Place } from 'lockstep-exporter/internal';
import { VERSION } from 'lockstep-exporter/internal';
import type { Finding, Outcome } from './finding.js';
import { toMessage } from './message.js';

/**
 * Findings as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), which code hosts and editors read.
 *
 * @param helpOf where a rule is described
 */
export function toSarif({ findings }: Outcome, helpOf: (id: string) => string | undefined): string {
  const ids = [...new Set(findings.map(({ id }) => id))].sort();
  return JSON.stringify(
    {
      $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'lockstep',
              version: VERSION,
              rules: ids.map((id) => {
                const help = helpOf(id);
                return { id, ...(help === undefined ? {} : { help: { text: help } }) };
              }),
            },
          },
          results: findings.map(toResult),
        },
      ],
    },
    undefined,
    2,
  );
}

function toResult(finding: Finding): unknown {
  const { id, severity, at, source } = finding;
  return {
    ruleId: id,
    level: severity,
    message: { text: toMessage(finding) },
    ...(at === undefined
      ? {}
      : {
          locations: [toLocation(at)],
        }),
    ...(source === undefined ? {} : { relatedLocations: [toLocation(source)] }),
  };
}

function toLocation({ file, line = 1, column = 1, length = 1 }: Place): unknown {
  return {
    physicalLocation: {
      artifactLocation: { uri: toUri(file) },
      region: { startLine: line, startColumn: column, endColumn: column + length },
    },
  };
}

/** A path may hold what a URI may not. */
function toUri(path: string): string {
  return encodeURI(path.replace(/\p{Surrogate}/gu, '\ufffd'));
}
