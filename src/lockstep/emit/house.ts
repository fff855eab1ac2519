import type { Problem } from 'lockstep-exporter/internal';
import { definitionPath, suggest } from 'lockstep-exporter/internal';
import type { Target } from '../config/config.js';
import type { PanelModel } from '../config/own-rule.js';
import { placedModels } from '../panels/models.js';
import { modelOf } from './resource.js';

/**
 * A variable in a text of a board, in each spelling that Grafana replaces: `$name`, `${name}`, `${name:format}`,
 * `${name.field}`, `[[name]]`.
 */
const VARIABLE = /\$(\w+)|\$\{(\w+)(?:[.:][^}]*)?\}|\[\[(\w+)(?::[^\]]*)?\]\]/g;

/** Grafana's own variables begin so, but for two that are older. */
const isGrafanas = (name: string) => name.startsWith('__') || name === 'timeFilter' || name === 'timeGroup';

/**
 * The variables that a board names, anywhere in its text, and that are neither declared on it nor among those that the
 * house lets pass. Pure.
 */
export function validateHouse(
  boards: readonly { readonly path: string; readonly resource: Parameters<typeof modelOf>[0] }[],
  target: Target,
): Problem[] {
  const builtins = target.house?.builtins;
  return boards.flatMap(({ path, resource }): Problem[] => {
    const { panels = [], ...board } = modelOf(resource);
    const declared = (board.templating?.list ?? []).map(({ name }) => name ?? '');
    const passes = (name: string) =>
      declared.includes(name) || (builtins === undefined ? isGrafanas(name) : builtins.includes(name));
    const places = [
      { where: `out › ${path}`, text: JSON.stringify(board) },
      ...placedModels<PanelModel>({ panels }).map(({ panel: { panels: _, ...panel } }) => ({
        where: definitionPath(`out › ${path}`, panel.title ?? '?'),
        text: JSON.stringify(builtins === undefined ? withoutGroups(panel) : panel),
      })),
    ];
    return places.flatMap(({ where, text }) =>
      [...new Set([...text.matchAll(VARIABLE)].map(([, plain, braced, square]) => plain ?? braced ?? square ?? ''))]
        .filter((name) => !passes(name))
        .map((name) => ({
          code: 'house/variable',
          where,
          found: `$${name}, which the board does not declare${builtins === undefined ? '' : ' and the house does not let pass'}`,
          allowed: [...declared, ...(builtins ?? [])].map((each) => `$${each}`).join(', '),
          fix: suggest(name, [...declared, ...(builtins ?? [])], fixOf(name)),
        })),
    );
  });
}

/** Grafana leaves a group of `label_replace()` alone. A house that reads the whole text may not. */
function withoutGroups(panel: PanelModel): PanelModel {
  const { targets } = panel;
  if (targets === undefined) return panel;
  return {
    ...panel,
    targets: targets.map((target) =>
      target.expr?.includes('label_replace(') ? { ...target, expr: target.expr.replace(GROUP, '') } : target,
    ),
  };
}

const GROUP = /\$(\d+\b|\{\d+\})/g;

function fixOf(name: string): string {
  if (/^\d+$/.test(name))
    return 'take a replacement without a group, or add it to target › house › builtins: the house takes it for a variable';
  return name === '__rate_interval_ms'
    ? "count over '$__interval' or '$__range', or add __rate_interval_ms to target › house › builtins"
    : 'declare the variable, leave it out, or add it to target › house › builtins';
}
