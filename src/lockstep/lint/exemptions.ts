import type { Exemptions } from 'lockstep-exporter/internal';
import { everyPanel, standingRules } from '../existing/read.js';
import { ownerOf } from './finding.js';
import type { Exemption } from './rule.js';
import { standingRuleFiles } from './standing.js';
import type { Subject } from './subject.js';

/** All that the definitions exempt. */
export function exemptionsOf({ boards, groups, config, files }: Subject): readonly Exemption[] {
  return [
    ...boards.flatMap(({ file: { path }, system, model, definition }) => [
      ...(system.boards ?? [])
        .filter(({ uid }) => uid === model.uid)
        .flatMap(({ exempt, panels }) => [
          ...list(path, '', exempt),
          ...everyPanel(panels).flatMap((panel) => list(path, ownerOf(panel), panel.exempt)),
        ]),
      ...list(path, '', definition?.exempt),
      ...(definition?.rows ?? []).flatMap(({ panels }) =>
        panels.flatMap((panel) => list(path, ownerOf(panel), panel.exempt)),
      ),
    ]),
    ...standingRuleFiles(config.systems, files).flatMap(({ file, rules }) =>
      standingRules(rules).flatMap(({ owner, exempt }) => list(file.path, owner, exempt)),
    ),
    ...groups.flatMap(({ file, alerts }) =>
      alerts.flatMap(({ rule, definition }) => list(file.path, `rule ${rule.uid}`, definition?.exempt)),
    ),
    ...config.systems.flatMap(({ catalogue }) =>
      Object.values(catalogue.metrics).flatMap((metric) =>
        list(`catalogue ${catalogue.name}`, `metric ${metric.name}`, metric.exempt),
      ),
    ),
  ];
}

function list(file: string, owner: string, exempt: Exemptions | undefined): readonly Exemption[] {
  return (
    Object.entries(exempt ?? {})
      // `lockstep diff` knows by itself whether they apply.
      .filter(([rule]) => !rule.startsWith('diff/'))
      .map(([rule, reason]) => ({
        file,
        owner,
        rule: rule as Exemption['rule'],
        reason: typeof reason === 'string' ? reason : '',
      }))
  );
}
