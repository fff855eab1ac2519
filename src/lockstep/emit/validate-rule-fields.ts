import type { Problem } from 'lockstep-exporter/internal';
import { definitionPath, printValue } from 'lockstep-exporter/internal';
import type { System, Target } from '../config/config.js';
import type { GrafanaTarget } from '../grafana/index.js';
import { GRAFANA_VERSIONS, RULE_FIELDS_SINCE } from '../grafana/index.js';

const versions: readonly (readonly [string, GrafanaTarget])[] = Object.entries(GRAFANA_VERSIONS);

/** A Grafana drops the fields that it does not read, and tells nobody: such a rule is not built for it. */
export function validateRuleFields(system: System, { grafana }: Target): Problem[] {
  const { ruleFields }: GrafanaTarget = GRAFANA_VERSIONS[grafana];
  return system.alerts.flatMap((group) =>
    group.rules.flatMap((rule) =>
      RULE_FIELDS_SINCE.filter((field) => rule[field] !== undefined && !ruleFields.includes(field)).map((field) => {
        const readers = versions.filter(([, target]) => target.ruleFields.includes(field));
        return {
          code: 'alerts/grafana',
          where: definitionPath(`alerts/${group.catalogue.name}-${group.name}`, rule.title, field),
          found: `a field that Grafana ${grafana} does not read`,
          fix: `leave it out, or build for a later Grafana: target › grafana: ${readers.map(([version]) => printValue(version)).join(' or ')}`,
        };
      }),
    ),
  );
}
