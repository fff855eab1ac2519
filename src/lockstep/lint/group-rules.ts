import { allMetrics } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import { EXPRESSION_SOURCE, RULE_TITLE_LENGTH } from '../grafana/index.js';
import { durationSeconds } from '../promql/window.js';
import type { LintFinding, Say } from './finding.js';
import { sayInto } from './finding.js';
import { lintQueryText, lintRateWindows } from './query-rules.js';
import type { Group, Subject } from './subject.js';
import { wordSlips } from './word-rules.js';

/** Limits of the GrafanaAlertRuleGroup CRD. */
const UID = /^[a-zA-Z0-9-_]{1,40}$/;

/** Every finding about one alert group. */
export function lintGroup({ file, system, rules }: Group, { config: { target } }: Subject): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const say = sayInto(findings, file.path, ['spec', 'rules']);
  const titles = new Set<string>();
  rules.forEach((rule, index) => {
    const owner = `rule ${rule.uid}`;
    if (!UID.test(rule.uid))
      say('lint/uid', owner, [index, 'uid'], JSON.stringify(rule.uid), 'give 1 to 40 characters of a-z A-Z 0-9 - _');
    if (rule.title.length > RULE_TITLE_LENGTH)
      say(
        'lint/title-length',
        owner,
        [index, 'title'],
        `${rule.title.length} characters`,
        `${RULE_TITLE_LENGTH} at most: the operator refuses the whole group`,
      );
    if (titles.has(rule.title))
      say('lint/duplicate-title', owner, [index, 'title'], `a second rule ${rule.title}`, 'tell them apart');
    titles.add(rule.title);
    const definition = system.alerts.flatMap((group) => group.rules).find(({ uid }) => uid === rule.uid);
    if (definition !== undefined && definition.burn === undefined) lintWords(definition, system, owner, index, say);
    rule.data.forEach((query, at) => {
      const path = [index, 'data', at];
      const { datasourceUid = '', model } = query;
      if (datasourceUid !== target.datasource && datasourceUid !== EXPRESSION_SOURCE)
        say(
          'lint/unwired-datasource',
          owner,
          [...path, 'datasourceUid'],
          `datasource ${JSON.stringify(datasourceUid)}, which nothing wires`,
          `name ${JSON.stringify(target.datasource)}: a rule has no variables`,
        );
      const expr = model?.expr;
      if (expr === undefined) return;
      const scrape = durationSeconds(target.scrapeInterval ?? '1m') ?? 60;
      for (const each of [...lintQueryText(expr), ...lintRateWindows(expr, scrape)])
        say(each.rule, owner, [...path, 'model', 'expr'], each.found, each.fix, each.span);
    });
  });
  return findings;
}

type Rule = System['alerts'][number]['rules'][number];

/** Words of an alert that its expression contradicts. Those of a burn rate are made from its SLO. */
function lintWords(rule: Rule, { catalogue }: System, owner: string, index: number, say: Say): void {
  const meant = { nodes: [rule.node], durations: [rule.for], metrics: allMetrics(catalogue) };
  for (const [field, kind] of [
    ['summary', 'name'],
    ['description', 'description'],
  ] as const)
    for (const { found, fix } of wordSlips({ text: rule[field], kind }, meant))
      say('lint/words', owner, [index, 'annotations', field], found, fix);
}
