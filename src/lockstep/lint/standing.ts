import type { ExistingAlerts, ExistingBoard, ExistingRules } from '../existing/index.js';
import type { Read, StandingRule } from '../existing/read.js';
import { everyPanel, isOfGrafana, readerOf, standingRules } from '../existing/read.js';
import { strangeAlertLabels, strangeLegendLabels, strangeTemplateLabels } from '../existing/slips.js';
import type { Path } from './finding.js';
import { ownerOf } from './finding.js';
import type { BoardPanel } from './subject.js';

/** A fault in the PromQL of something that stood already, with the steps to it from the `spec`. */
interface Fault {
  readonly at: Path;
  readonly found: string;
  readonly fix: string;
}

/** A panel's query, a variable or a rule of what stood already, by its definition. */
export interface Standing {
  readonly owner: string;
  /** The reason for each PromQL that is not looked up. */
  readonly unchecked: readonly { readonly at: Path; readonly noun: string; readonly reason: string }[];
  /** Faults of PromQL that is looked up, by their code. */
  readonly faults: readonly (Fault & { readonly code: string })[];
  /** Labels that a legend names and its query does not return. */
  readonly legend: readonly Fault[];
  /** Labels that a text of an alert names and its expression does not return. */
  readonly template: readonly Fault[];
}

/** All of a board that stood already. */
export function standingOnBoard(board: ExistingBoard, placed: readonly BoardPanel[]): readonly Standing[] {
  const base = ['spec', 'json'];
  const read = readerOf(board);
  const ofPanels = everyPanel(board.panels).flatMap(({ queries = [] }, index) => {
    const found = placed[index];
    if (found === undefined) return [];
    return queries.map((query, which): Standing => {
      const at = [...base, ...found.path, 'targets', which];
      return {
        owner: ownerOf(found.panel),
        unchecked: query.unchecked === undefined ? [] : [{ at, noun: 'a query', reason: query.unchecked }],
        faults: faultsOf(read, query, [...at, 'expr']),
        legend: strangeLegendLabels(read, query).map((each) => ({ ...each, at: [...at, 'legendFormat'] })),
        template: [],
      };
    });
  });
  const ofVariables = board.variables.flatMap(({ name, unchecked: reason }, index): readonly Standing[] => {
    if (reason === undefined) return [];
    const at = [...base, 'templating', 'list', index];
    const unchecked = [{ at, noun: 'a query', reason }];
    return [{ owner: `variable ${name}`, unchecked, faults: [], legend: [], template: [] }];
  });
  return [...ofPanels, ...ofVariables];
}

/** Every rule that stood already, of a definition. */
export function standingInRules(rules: ExistingRules | ExistingAlerts): readonly Standing[] {
  const read = readerOf(rules);
  const strange = isOfGrafana(rules)
    ? rules.alerts.map((alert) => strangeAlertLabels(read, alert))
    : rules.groups.flatMap((group) => group.rules.map((rule) => strangeTemplateLabels(read, rule)));
  return standingRules(rules).map(({ owner, path, texts }, index): Standing => {
    const at = ['spec', ...path];
    return {
      owner,
      unchecked: texts.flatMap(({ unchecked: reason, path: inner }) =>
        reason === undefined ? [] : [{ at: [...at, ...inner], noun: 'an expression', reason }],
      ),
      faults: texts.flatMap((text) => faultsOf(read, text, [...at, ...text.path])),
      legend: [],
      template: (strange[index] ?? []).map(({ field, ...each }) => ({ ...each, at: [...at, ...field] })),
    };
  });
}

function faultsOf(
  read: Read,
  { promql, unchecked }: Pick<StandingRule['texts'][number], 'promql' | 'unchecked'>,
  at: Path,
): Standing['faults'] {
  if (promql === undefined || unchecked !== undefined) return [];
  return (read(promql).faults ?? []).map(({ code, found, fix }) => ({ code, at, found, fix }));
}
