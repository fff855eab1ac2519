import { EXPRESSION_SOURCE, RULE_TITLE_LENGTH } from '../grafana/index.js';
import { durationSeconds } from '../promql/window.js';
import type { LintFinding } from './finding.js';
import { sayInto } from './finding.js';
import { lintQueryText, lintRateWindows } from './query-rules.js';
import type { Group, Subject } from './subject.js';

/** Limits of the GrafanaAlertRuleGroup CRD. */
const UID = /^[a-zA-Z0-9-_]{1,40}$/;

/** Every finding about one alert group. */
export function lintGroup({ file, rules }: Group, { config: { target } }: Subject): readonly LintFinding[] {
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
