import type { Catalogue } from 'lockstep-exporter/catalogue';
import { allMetrics, printValue, suggest } from 'lockstep-exporter/internal';
import { EXPRESSION_SOURCE } from '../grafana/index.js';
import { legendLabels } from '../panels/names.js';
import type { TextSlip } from '../promql/tree.js';
import { labelsOf, TARGET } from '../promql/tree.js';
import type { ExistingAlert } from './alerts.js';
import type { ExistingQuery, ExistingVariable } from './board.js';
import type { Read } from './read.js';
import { labelOf, promqlOf } from './read.js';
import type { ExistingRule } from './rules.js';

// Finds what is wrong with a query, a variable or a rule, as far as the catalogue knows.

/** Its result has labels of its selector, which nothing here follows. */
const ABSENT = /\babsent(_over_time)?\s*\(/;

/** The labels that a text names as `$labels.role` or `.Labels.role`, whatever is done with them. */
export function templateLabels(text: string): readonly string[] {
  return [...text.matchAll(/(?:\$labels|\.Labels)\.([a-zA-Z_]\w*)/g)].map((match) => match[1] ?? '');
}

/** A label that is named where it cannot be. */
interface Strange {
  readonly found: string;
  readonly fix: string;
}

/** The labels that the legend of a query names and that the query does not return: nothing stands in their place. */
export function strangeLegendLabels(read: Read, query: ExistingQuery): readonly Strange[] {
  const { promql, legend, unchecked } = query;
  if (promql === undefined || legend === undefined || unchecked !== undefined) return [];
  const returned = returnedBy(read, promql);
  return legendLabels(legend)
    .filter((label) => label !== '__name__' && !returned.includes(label))
    .map((label) => ({
      found: `{{${label}}}, which the query does not return: it returns ${returned.join(', ') || 'no label'}`,
      fix: suggest(label, returned, 'name a label that the query is grouped by: the text would have a gap there'),
    }));
}

/** The labels that the texts of an alert name and that its expression does not return, with the field of each text. */
export function strangeTemplateLabels(
  read: Read,
  rule: ExistingRule,
): readonly (Strange & { readonly field: readonly string[] })[] {
  if (rule.alert === undefined || rule.unchecked !== undefined || ABSENT.test(rule.promql)) return [];
  return strangeIn(rule, [...returnedBy(read, rule.promql), ...Object.keys(rule.labels ?? {}), 'alertname']);
}

/** As {@link strangeTemplateLabels}, of a rule that Grafana evaluates; nothing where a query of it is not looked up. */
export function strangeAlertLabels(
  read: Read,
  alert: ExistingAlert,
): readonly (Strange & { readonly field: readonly string[] })[] {
  const texts = alert.queries.filter(({ datasource }) => datasource !== EXPRESSION_SOURCE);
  if (texts.some(({ promql, unchecked }) => promql === undefined || unchecked !== undefined || ABSENT.test(promql)))
    return [];
  return strangeIn(alert, [
    ...new Set(texts.flatMap(({ promql = '' }) => returnedBy(read, promql))),
    ...Object.keys(alert.labels ?? {}),
    'alertname',
    'grafana_folder',
  ]);
}

function strangeIn(
  rule: Pick<ExistingAlert, 'labels' | 'annotations'>,
  returned: readonly string[],
): readonly (Strange & { readonly field: readonly string[] })[] {
  return (['labels', 'annotations'] as const).flatMap((part) =>
    Object.entries(rule[part] ?? {}).flatMap(([name, text]) =>
      [...new Set(templateLabels(String(text)))]
        .filter((label) => !returned.includes(label))
        .map((label) => ({
          field: [part, name],
          found: `$labels.${label}, which the expression does not return: it returns ${returned.join(', ')}`,
          fix: suggest(label, returned, 'group by it, or leave it out: the text would have a gap there'),
        })),
    ),
  );
}

export function slipsOfQuery(read: Read, { promql }: Pick<ExistingQuery, 'promql'>): readonly TextSlip[] {
  return promql === undefined ? [] : read(promql).slips;
}

export function slipsOfRule(read: Read, { promql }: ExistingRule): readonly TextSlip[] {
  return read(promql).slips;
}

export function slipsOfVariable(read: Read, catalogue: Catalogue, variable: ExistingVariable): readonly TextSlip[] {
  const text = promqlOf(variable);
  const slips = text === undefined ? [] : read(text).slips;
  const label = labelOf(variable);
  if (slips.length > 0 || label === undefined) return slips;
  const known =
    text === undefined
      ? [...new Set(allMetrics(catalogue).flatMap(({ labels }) => labels.map(({ name }) => name)))]
      : returnedBy(read, text);
  if (known.includes(label)) return [];
  return [
    {
      code: 'board/unknown-label',
      found: `values of the label ${printValue(label)}, which ${text === undefined ? 'no metric of the catalogue has' : `${text} does not have`}`,
      allowed: known.join(', ') || 'none',
      fix: suggest(label, known, 'add the label to the metric'),
    },
  ];
}

function returnedBy(read: Read, text: string): readonly string[] {
  return (labelsOf(read(text)) ?? []).filter((label) => label !== TARGET);
}
