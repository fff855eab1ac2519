export type {
  ExistingBoard,
  ExistingBoardDefinition,
  ExistingPanel,
  ExistingQuery,
  ExistingVariable,
} from './board.js';
export { defineExistingBoard, defineExistingRules } from './define.js';
export type { ExistingGroup, ExistingRule, ExistingRules, ExistingRulesDefinition } from './rules.js';
