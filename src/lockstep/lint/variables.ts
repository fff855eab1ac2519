import type { Path, Span } from './finding.js';
import type { PlacedText } from './model-texts.js';

/**
 * The variables that Grafana has without a declaration
 * (https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables).
 */
const GRAFANA_VARIABLES = /^(__.*|timeFilter)$/;
/** A group of a pattern, as `label_replace()` has it: Grafana leaves it alone. */
const GROUP = /^\d+$/;
const VARIABLE = /\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g;

/** A place in a model that names a variable. */
export interface VariableUse {
  readonly name: string;
  readonly path: Path;
  readonly span: Span;
}

/** Every place that names a variable of the dashboard's own, but for where it is declared. */
export function variableUses(texts: readonly PlacedText[]): readonly VariableUse[] {
  return texts
    .filter(({ path }) => path[0] !== 'templating' || path.at(-1) !== 'name')
    .flatMap(({ text, path }) =>
      [...text.matchAll(VARIABLE)].map((match) => ({
        name: match[1] ?? match[2] ?? '',
        path,
        span: [match.index, match[0].length] as const,
      })),
    )
    .filter(({ name }) => !GRAFANA_VARIABLES.test(name) && !GROUP.test(name));
}
