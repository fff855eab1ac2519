import type { Catalogue } from 'lockstep-exporter/catalogue';
import { made, refuse } from 'lockstep-exporter/internal';
import { readQuery } from '../promql/text.js';
import type { TextNode } from '../promql/tree.js';
import type { ExistingAlerts, ExistingAlertsDefinition } from './alerts.js';
import type { ExistingBoard, ExistingBoardDefinition } from './board.js';
import type { Read } from './read.js';
import type { ExistingRules, ExistingRulesDefinition } from './rules.js';
import { validateExistingAlerts, validateExistingBoard, validateExistingRules } from './validate.js';

/**
 * Takes in a board that stands already, in Grafana's own terms. Its queries are held to the catalogue; all else is
 * written as it is, and `lockstep lint` says what of it misleads.
 *
 * @throws ProblemsError with every query that reads what the catalogue does not have
 */
export function defineExistingBoard(board: ExistingBoardDefinition): ExistingBoard {
  const { readings, read } = reading(board?.catalogue);
  refuse(validateExistingBoard(board, read));
  return made({ ...board, readings });
}

/**
 * Takes in rules that stand already, for a Prometheus ruler. Their expressions are held to the catalogue; nothing
 * proves when they fire.
 *
 * @throws ProblemsError with every expression that reads what the catalogue does not have
 */
export function defineExistingRules(rules: ExistingRulesDefinition): ExistingRules {
  const { readings, read } = reading(rules?.catalogue);
  refuse(validateExistingRules(rules, read));
  return made({ ...rules, readings });
}

/**
 * Takes in a group of rules that Grafana evaluates and that stands already. Their queries are held to the catalogue;
 * nothing proves when they fire.
 *
 * @throws ProblemsError with every query that reads what the catalogue does not have
 */
export function defineExistingAlerts(group: ExistingAlertsDefinition): ExistingAlerts {
  const { readings, read } = reading(group?.catalogue);
  refuse(validateExistingAlerts(group, read));
  return made({ ...group, readings });
}

/** Reads each text once. */
export function reading(catalogue: Catalogue): {
  readonly readings: ReadonlyMap<string, TextNode>;
  readonly read: Read;
} {
  const readings = new Map<string, TextNode>();
  const read: Read = (text) => {
    const node = readings.get(text) ?? readQuery(catalogue, text);
    readings.set(text, node);
    return node;
  };
  return { readings, read };
}
