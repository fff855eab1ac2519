import type { AlertGroup, AlertRule, Look } from '../alerts/alert.js';
import { conjuncts } from '../alerts/coverage.js';
import type { System, Target } from '../config/config.js';
import { countersOf } from '../config/config.js';
import { alertGroupResource, runbookFile } from '../emit/alert-group.js';
import { shownOn } from '../panels/layout.js';
import { dashboardTitle, dashboardUid } from '../panels/names.js';
import type { Panel } from '../panels/panel.js';
import { printExpression, printNumber, printRounded } from '../promql/print.js';
import type { Node } from '../promql/tree.js';
import { COMPARISONS, labelsOf } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import { errorBudget, minimumEvents, printClaim } from '../slo/slo.js';
import { blocks, cell, code, fence, table } from './markdown.js';

/** The runbook of a rule: what it means, what it costs, where to look, what to ask, how and when to silence it. */
export function runbookPage(rule: AlertRule, system: System, target: Target): string {
  const { runbook } = rule;
  return blocks(
    `# ${rule.title}`,
    `**${rule.severity === 'page' ? 'Page' : 'Ticket'}**, service ${code(system.catalogue.name)}, component ${code(rule.component)}. ${cell(rule.summary)}.`,
    '## What it means',
    cell(rule.description),
    burnFacts(rule),
    '## What it costs',
    cell(runbook.impact),
    '## Look here first',
    runbook.firstLook.map((look, index) => `${index + 1}. ${lookText(look, system, target)}`).join('\n'),
    '## Queries to run',
    'The whole expression: the rule fires while it is above 0.',
    fence('promql', printExpression({ node: rule.node }, countersOf(target))),
    ...partsOf(rule.node).flatMap(({ node, holds }) => [
      `Part of it, which must be ${holds}:`,
      fence('promql', printExpression({ node }, countersOf(target))),
    ]),
    '## Silence it',
    `In Grafana, _Alerting_, _Silences_, match ${code(`alertname=${rule.title}`)} and ${code(`service=${system.catalogue.name}`)}; give a reason and an end. ${cell(runbook.silence)}`,
  );
}

function burnFacts({ burn, for: pending }: AlertRule): string | undefined {
  if (burn === undefined) return undefined;
  const { slo, window } = burn;
  const limit = window.factor * errorBudget(slo);
  const outage = limit * (durationSeconds(window.long) ?? Number.NaN) + (durationSeconds(pending) ?? Number.NaN);
  const over = (1 - limit) * (durationSeconds(window.short) ?? Number.NaN);
  const minutes = (seconds: number) => `about ${Math.ceil(seconds / 60)} minutes`;
  return table(
    [
      'objective',
      'burn rate above',
      'windows',
      'for',
      'budget spent',
      'fewest events',
      'fires in a total outage after',
      'resolves',
    ],
    [
      [
        `${printNumber(slo.objective * 100)}% in ${slo.window}`,
        `${printRounded(window.factor)} times`,
        `${window.long} and ${window.short}`,
        pending,
        printClaim(slo, window),
        `${minimumEvents(slo, window)} ${slo.events} in ${window.long}`,
        minutes(outage),
        `${minutes(over)} after its end`,
      ],
    ],
  );
}

function lookText({ panel, say }: Look, system: System, target: Target): string {
  if (panel === undefined) return cell(say);
  return `${panelLink(panel, system, target)}: ${cell(say)}`;
}

/** A panel by name, with the address that shows it alone. */
function panelLink(panel: Panel, { dashboards }: System, target: Target): string {
  const title = `_${panel.title}_`;
  const shown = shownOn(panel, dashboards);
  if (shown === undefined) return title;
  const path = `/d/${dashboardUid(shown.dashboard)}?viewPanel=${shown.id}`;
  return target.grafanaUrl === undefined
    ? `${title} (${dashboardTitle(shown.dashboard)}, ${code(path)})`
    : `[${title}](${target.grafanaUrl}${path})`;
}

interface Part {
  readonly node: Node;
  readonly holds: string;
}

/** The comparisons of a rule, each by itself: a person asks for one when the whole is too much. */
function partsOf(root: Node): readonly Part[] {
  return conjuncts(root).flatMap((node): readonly Part[] => {
    if (node.type !== 'binary' || !COMPARISONS.some((each) => each === node.op)) return [];
    if (labelsOf(node.left) === undefined || node.right.type !== 'number') return [];
    const limit = code(`${node.op} ${printNumber(node.right.value)}`);
    return [{ node: node.left, holds: limit }];
  });
}

/** The list of all runbooks. */
export function runbookIndex(groups: readonly { readonly system: System; readonly group: AlertGroup }[]): string {
  return blocks(
    '# Runbooks',
    'One for each alert; its `runbook_url` leads there.',
    ...groups.map(({ group }) =>
      blocks(
        `## ${alertGroupResource(group)}`,
        table(
          ['alert', 'severity', 'says'],
          group.rules.map((rule) => [`[${rule.title}](${runbookFile(rule)})`, rule.severity, rule.summary]),
        ),
      ).trimEnd(),
    ),
  );
}
