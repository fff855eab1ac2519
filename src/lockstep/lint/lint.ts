import type { Exemptions, LintRule } from 'lockstep-exporter/internal';
import { LINT_RULES } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import type { OwnRule } from '../config/own-rule.js';
import { everyPanel, standingRules } from '../existing/read.js';
import { dashboardUid } from '../panels/names.js';
import { lintBoard } from './board-rules.js';
import { lintMetrics } from './catalogue-rules.js';
import { lintExistingRules, standingRuleFiles } from './existing-rules.js';
import { lintFiles } from './file-rules.js';
import type { LintFinding } from './finding.js';
import { lintGroup } from './group-rules.js';
import { lintByOwnRules } from './own-rules.js';
import type { Subject } from './subject.js';

/** A finding that a definition says is meant to be. */
interface Exemption {
  readonly file: string;
  readonly owner: string;
  readonly rule: LintRule | OwnRule['id'];
  readonly reason: string;
}

/**
 * Every finding about what would be committed, less what the definitions exempt; and every exemption that no longer
 * applies, or says no reason.
 */
export function lintPlan(subject: Subject): readonly LintFinding[] {
  const found = [
    ...subject.boards.flatMap((board) => lintBoard(board, subject)),
    ...subject.groups.flatMap((group) => lintGroup(group, subject)),
    ...lintExistingRules(subject),
    ...subject.config.systems.flatMap((system) => lintMetrics(system, subject)),
    ...lintFiles(subject),
    ...lintByOwnRules(subject),
  ];
  const exemptions = exemptionsOf(subject);
  const applies = ({ file, owner, rule }: Exemption, finding: LintFinding) =>
    finding.file === file && finding.rule === rule && (finding.owner === owner || owner === '');
  return [
    ...found.filter((finding) => !exemptions.some((each) => applies(each, finding))),
    ...exemptions.flatMap((each) =>
      exemptionFindings(
        each,
        found.some((finding) => applies(each, finding)),
      ),
    ),
  ];
}

function exemptionFindings({ file, owner, rule, reason }: Exemption, isUsed: boolean): readonly LintFinding[] {
  const say = (
    id: 'lint/unused-exemption' | 'lint/exemption-without-reason',
    found: string,
    fix: string,
  ): LintFinding => ({
    rule: id,
    severity: LINT_RULES[id],
    file,
    path: [],
    owner,
    found,
    fix,
  });
  return [
    ...(isUsed
      ? []
      : [
          say(
            'lint/unused-exemption',
            `an exemption from ${rule}, which finds nothing there`,
            'take it out: the next finding would be passed over',
          ),
        ]),
    ...(reason.trim() === ''
      ? [
          say(
            'lint/exemption-without-reason',
            `an exemption from ${rule} without a reason`,
            'say why it is meant to be',
          ),
        ]
      : []),
  ];
}

function exemptionsOf(subject: Subject): readonly Exemption[] {
  const { boards, groups, config } = subject;
  const list = (file: string, owner: string, exempt: Exemptions | undefined): readonly Exemption[] =>
    Object.entries(exempt ?? {})
      // `lockstep diff` knows by itself whether they apply.
      .filter(([rule]) => !rule.startsWith('diff/'))
      .map(([rule, reason]) => ({
        file,
        owner,
        rule: rule as LintRule,
        reason: typeof reason === 'string' ? reason : '',
      }));
  return [
    ...boards.flatMap(({ file, system, model }) =>
      (system.boards ?? [])
        .filter(({ uid }) => uid === model.uid)
        .flatMap(({ exempt, panels }) => [
          ...list(file.path, '', exempt),
          ...everyPanel(panels).flatMap((panel) =>
            list(file.path, `panel ${JSON.stringify(panel.title ?? '')}`, panel.exempt),
          ),
        ]),
    ),
    ...boards.flatMap(({ file, system, model }) =>
      dashboardOf(system, model.uid).flatMap((dashboard) => [
        ...list(file.path, '', dashboard.exempt),
        ...dashboard.rows.flatMap(({ panels }) =>
          panels.flatMap((panel) => list(file.path, `panel ${JSON.stringify(panel.title)}`, panel.exempt)),
        ),
      ]),
    ),
    ...standingRuleFiles(subject).flatMap(({ file, rules }) =>
      standingRules(rules).flatMap(({ owner, exempt }) => list(file.path, owner, exempt)),
    ),
    ...groups.flatMap(({ file, system, rules }) =>
      system.alerts.flatMap((group) =>
        group.rules
          .filter(({ uid }) => rules.some((rule) => rule.uid === uid))
          .flatMap((rule) => list(file.path, `rule ${rule.uid}`, rule.exempt)),
      ),
    ),
    ...config.systems.flatMap(({ catalogue }) =>
      Object.values(catalogue.metrics).flatMap((metric) =>
        list(`catalogue ${catalogue.name}`, `metric ${metric.name}`, metric.exempt),
      ),
    ),
  ];
}

function dashboardOf({ dashboards }: System, uid: string | undefined): System['dashboards'] {
  return dashboards.filter((dashboard) => dashboardUid(dashboard) === uid);
}
