import type { System } from '../config/config.js';
import type { BoardModel } from '../config/own-rule.js';
import type { PlannedFile } from '../emit/plan.js';
import type { ExistingAlerts, ExistingRules } from '../existing/index.js';
import type { Read, StandingRule } from '../existing/read.js';
import { everyPanel, isOfGrafana, kindOf, readerOf, standingRules } from '../existing/read.js';
import { strangeAlertLabels, strangeLegendLabels, strangeTemplateLabels } from '../existing/slips.js';
import { placedModels } from '../panels/models.js';
import type { Path } from './finding.js';
import { ownerOf } from './finding.js';

/** A fault in the PromQL of something that stood already, with the steps to it from the `spec`. */
interface Fault {
  readonly at: Path;
  readonly found: string;
  readonly fix: string;
}

/** A panel's query, a variable or a rule of what stood already, by its definition. */
export interface Standing {
  readonly file: PlannedFile;
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

/** All of a board that stood already; nothing of any other. */
export function standingOnBoard(file: PlannedFile, { boards = [] }: System, model: BoardModel): readonly Standing[] {
  const placed = placedModels(model);
  const base = ['spec', 'json'];
  return boards
    .filter(({ uid }) => uid === model.uid)
    .flatMap((board) => {
      const read = readerOf(board);
      const ofPanels = everyPanel(board.panels).flatMap(({ queries = [] }, index) => {
        const found = placed[index];
        if (found === undefined) return [];
        return queries.map((query, which): Standing => {
          const at = [...base, ...found.path, 'targets', which];
          return {
            file,
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
        return [{ file, owner: `variable ${name}`, unchecked, faults: [], legend: [], template: [] }];
      });
      return [...ofPanels, ...ofVariables];
    });
}

/** The definitions of rules that stood already, each with its file. */
export function standingRuleFiles(
  systems: readonly System[],
  files: readonly PlannedFile[],
): readonly { readonly rules: ExistingRules | ExistingAlerts; readonly file: PlannedFile }[] {
  return systems
    .flatMap(({ rules = [] }) => rules)
    .flatMap((rules) => {
      const file = files.find(
        ({ resource: { kind, metadata } }) =>
          kind === kindOf(rules) && (metadata as { readonly name?: string }).name === rules.name,
      );
      return file === undefined ? [] : [{ rules, file }];
    });
}

/** Every rule that stood already. */
export function standingInRules(systems: readonly System[], files: readonly PlannedFile[]): readonly Standing[] {
  return standingRuleFiles(systems, files).flatMap(({ rules, file }) => {
    const read = readerOf(rules);
    const strange = isOfGrafana(rules)
      ? rules.alerts.map((alert) => strangeAlertLabels(read, alert))
      : rules.groups.flatMap((group) => group.rules.map((rule) => strangeTemplateLabels(read, rule)));
    return standingRules(rules).map(({ owner, path, texts }, index): Standing => {
      const at = ['spec', ...path];
      return {
        file,
        owner,
        unchecked: texts.flatMap(({ unchecked: reason, path: inner }) =>
          reason === undefined ? [] : [{ at: [...at, ...inner], noun: 'an expression', reason }],
        ),
        faults: texts.flatMap((text) => faultsOf(read, text, [...at, ...text.path])),
        legend: [],
        template: (strange[index] ?? []).map(({ field, ...each }) => ({ ...each, at: [...at, ...field] })),
      };
    });
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
