import { DOUBT_RULES } from 'lockstep-exporter/internal';
import type { OwnRule } from '../config/own-rule.js';
import { isStanding } from '../emit/resource.js';
import { exemptionsOf } from './exemptions.js';
import type { LintFinding, Path } from './finding.js';
import { ownerOf } from './finding.js';
import { toRule } from './own-rule.js';
import type { Exemption, LintRemark, Rule } from './rule.js';
import { RULES } from './rules/index.js';
import { standingInRules, standingOnBoard } from './standing.js';
import type { Board, LintedGroup, Subject } from './subject.js';

type Rules = readonly (readonly [id: LintFinding['rule'], rule: Rule])[];

/**
 * Every finding about what would be committed, less what the definitions exempt; and every exemption that no longer
 * applies, or says no reason.
 */
export function lintPlan(subject: Subject): readonly LintFinding[] {
  const { boards, groups, config, files } = subject;
  const rules: Rules = [
    ...(Object.entries(RULES) as [keyof typeof RULES, Rule][]),
    ...(config.lint?.rules ?? []).map((own): [OwnRule['id'], Rule] => [own.id, toRule(own)]),
  ];
  const about = (file: string, owner: string, check: (rule: Rule) => readonly LintRemark[] | undefined) =>
    findings(rules, { file, owner, base: [] }, check);
  const found = [
    ...boards.flatMap((board) => lintBoard(rules, board, subject)),
    ...groups.flatMap((group) => lintGroup(rules, group, subject)),
    ...files.flatMap((file) =>
      (file.kind === 'board' || !isStanding(file.definition) ? [] : standingInRules(file.definition)).flatMap((each) =>
        about(file.path, each.owner, ({ standing }) => standing?.(each)),
      ),
    ),
    ...config.systems.flatMap((system) =>
      about(`catalogue ${system.catalogue.name}`, '', (rule) => rule.system?.(system, subject)),
    ),
    ...files.flatMap((file) => about(file.path, '', (rule) => rule.file?.(file, subject))),
  ];
  const exemptions = exemptionsOf(subject);
  const applies = ({ file, owner, rule }: Exemption, finding: LintFinding) =>
    finding.file === file && finding.rule === rule && (finding.owner === owner || owner === '');
  return [
    ...found.filter((finding) => !exemptions.some((each) => applies(each, finding))),
    ...exemptions.flatMap((each) => {
      const isUsed = isOfVerify(each) || found.some((finding) => applies(each, finding));
      return about(each.file, each.owner, ({ exemption }) => exemption?.(each, isUsed));
    }),
  ];
}

/** `lockstep verify` knows by itself whether it applies: it needs what a server says. */
function isOfVerify({ owner, rule }: Exemption): boolean {
  return owner.startsWith('metric ') && DOUBT_RULES.some((each) => each === rule);
}

function lintBoard(rules: Rules, board: Board, subject: Subject): readonly LintFinding[] {
  const { file, panels } = board;
  const base = ['spec', 'json'];
  const ownerAt = (path: Path) => {
    // The innermost: a closed row holds its panels.
    const within = panels.findLast((each) => each.path.every((step, index) => step === path[index]));
    return within === undefined ? '' : ownerOf(within.panel);
  };
  return [
    ...findings(rules, { file: file.path, owner: '', base }, (rule) =>
      rule.board?.(board, subject).map((remark) => ({ owner: ownerAt(remark.at ?? []), ...remark })),
    ),
    ...panels
      .filter(({ panel }) => panel.type !== 'row')
      .flatMap((placed) => {
        const at = { file: file.path, owner: ownerOf(placed.panel), base: [...base, ...placed.path] };
        return [
          ...findings(rules, at, (rule) => rule.panel?.(placed, board, subject)),
          ...(placed.panel.targets ?? []).flatMap(({ expr }, index) =>
            expr === undefined
              ? []
              : findings(rules, { ...at, base: [...at.base, 'targets', index, 'expr'] }, (rule) =>
                  rule.text?.(expr, subject),
                ),
          ),
        ];
      }),
    ...(isStanding(file.definition) ? standingOnBoard(file.definition, panels) : []).flatMap((each) =>
      findings(rules, { file: file.path, owner: each.owner, base: [] }, ({ standing }) => standing?.(each)),
    ),
  ];
}

function lintGroup(rules: Rules, group: LintedGroup, subject: Subject): readonly LintFinding[] {
  return group.alerts.flatMap((alert) => {
    const at = { file: group.file.path, owner: `rule ${alert.rule.uid}`, base: alert.path };
    return [
      ...findings(rules, at, (rule) => rule.alert?.(alert, group, subject)),
      ...alert.rule.data.flatMap(({ model }, index) => {
        const expr = model?.expr;
        if (expr === undefined) return [];
        const base = [...at.base, ...(group.file.kind === 'group' ? ['data', index, 'model', 'expr'] : ['expr'])];
        return findings(rules, { ...at, base }, (rule) => rule.text?.(expr, subject));
      }),
    ];
  });
}

/** The findings of one check of each rule, about one thing. */
function findings(
  rules: Rules,
  thing: { readonly file: string; readonly owner: string; readonly base: Path },
  check: (rule: Rule) => readonly LintRemark[] | undefined,
): readonly LintFinding[] {
  return rules.flatMap(([id, rule]) =>
    (check(rule) ?? []).map(({ found, fix = rule.fix, at = [], owner = thing.owner, severity, span }) => ({
      rule: id,
      severity: severity ?? rule.severity,
      file: thing.file,
      path: [...thing.base, ...at],
      owner,
      found,
      fix,
      ...(span && { span }),
    })),
  );
}
