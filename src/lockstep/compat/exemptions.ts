import type { DiffRule, Exemptions } from 'lockstep-exporter/internal';
import { DIFF_RULES } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import { standingRules } from '../existing/read.js';
import type { Change } from './compare.js';

/**
 * Changes less what the metrics' own definitions say is meant to be (`exempt: { 'diff/values-narrowed': 'nobody reads
 * them' }`), as notes with the reason; and every such exemption for which there is no change, which is to go once the
 * change is everywhere.
 */
export function exemptChanges(
  changes: readonly Change[],
  systems: readonly System[],
  target: Exemptions = {},
): readonly Change[] {
  const listed = (metric: string, exempt: Exemptions = {}) =>
    Object.entries(exempt)
      .filter(([rule]) => rule in DIFF_RULES)
      .map(([rule, reason]) => ({
        metric,
        rule: rule as DiffRule,
        reason: typeof reason === 'string' ? reason : '',
      }));
  const ofSystems = systems.flatMap(({ catalogue, alerts, rules: standing = [] }) => [
    ...Object.values(catalogue.metrics).flatMap(({ name, exempt }) => listed(name, exempt)),
    ...alerts.flatMap(({ rules, retired = {} }) => [
      ...rules.flatMap(({ title, exempt }) => listed(`alert ${title}`, exempt)),
      ...Object.entries(retired).flatMap(([title, reason]) =>
        listed(`alert ${title}`, { 'diff/alert-removed': reason }),
      ),
    ]),
    ...standing.flatMap((rules) => [
      ...standingRules(rules).flatMap(({ title, isAlert, exempt }) =>
        isAlert ? listed(`alert ${title}`, exempt) : [],
      ),
      ...Object.entries(rules.retired ?? {}).flatMap(([title, reason]) =>
        listed(`alert ${title}`, { 'diff/alert-removed': reason }),
      ),
    ]),
  ]);
  const exemptions = [...ofSystems, ...listed('target', target)];
  const applied = changes.map((change): Change => {
    const exemption = exemptions.find(({ metric, rule }) => metric === change.metric && rule === change.rule);
    if (exemption === undefined || change.level === 'note' || exemption.reason.trim() === '') return change;
    return { ...change, level: 'note', fix: `meant to be: ${exemption.reason}` };
  });
  const unused = exemptions
    .filter(({ metric, rule }) => !changes.some((change) => change.metric === metric && change.rule === rule))
    .map(
      ({ metric, rule }): Change => ({
        rule: 'diff/unused-exemption',
        level: DIFF_RULES['diff/unused-exemption'],
        metric,
        found: `an exemption from ${rule}, which finds nothing`,
        breaks: [],
        history: undefined,
        fix: 'take it out: it would hide the next change',
      }),
    );
  return [...applied, ...unused];
}
