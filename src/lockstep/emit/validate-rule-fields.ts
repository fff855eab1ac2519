import type { Problem } from 'lockstep-exporter/internal';
import { about, definitionPath, printValue } from 'lockstep-exporter/internal';
import type { AlertGroup } from '../alerts/alert.js';
import type { System, Target } from '../config/config.js';
import { evaluatorOf } from '../config/config.js';
import type { GrafanaTarget } from '../grafana/index.js';
import { GRAFANA_VERSIONS, RULE_FIELDS_SINCE } from '../grafana/index.js';
import { alertGroupResource } from './alert-group.js';

const versions: readonly (readonly [string, GrafanaTarget])[] = Object.entries(GRAFANA_VERSIONS);

/** A Grafana drops the fields that it does not read, and tells nobody: such a rule is not built for it. */
export function validateRuleFields(system: System, target: Target): Problem[] {
  const { grafana } = target;
  const { ruleFields }: GrafanaTarget = GRAFANA_VERSIONS[grafana];
  const isOfRuler = (group: AlertGroup) => evaluatorOf(target, alertGroupResource(group)) === 'ruler';
  return system.alerts.flatMap((group) =>
    isOfRuler(group)
      ? fieldsOfGrafana(group)
      : group.rules.flatMap((rule) =>
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

/** Fields of a rule that only Grafana reads: a ruler has none of them. */
const GRAFANA_ONLY = ['missingSeriesEvalsToResolve', 'notificationSettings'] as const;

function fieldsOfGrafana(group: AlertGroup): Problem[] {
  const name = alertGroupResource(group);
  return group.rules.flatMap((rule) =>
    about(
      rule,
      GRAFANA_ONLY.filter((field) => rule[field] !== undefined).map((field) => ({
        code: 'alerts/ruler',
        where: definitionPath(`alerts/${name}`, rule.title, field),
        found: 'a field that only Grafana reads, in a group that the ruler alone evaluates',
        fix: `leave it out, or have Grafana evaluate the group: target › ruler › groups: { '${name}': 'both' }`,
      })),
    ),
  );
}
