import type { Catalogue } from 'lockstep-exporter/catalogue';
import { allMetrics } from 'lockstep-exporter/internal';
import type { AlertRule } from '../alerts/alert.js';
import type { SelectorNode } from '../promql/tree.js';
import { selections, selectorsIn } from '../promql/tree.js';
import { durationSeconds } from '../promql/window.js';
import type { LooseEvent } from './delivery.js';
import type { Estimate } from './evaluate.js';
import { unchosenLabels } from './labels.js';
import type { Moment } from './state.js';
import type { World } from './world.js';

/** One thing that happens, and what the rule must be at every evaluation. */
export interface Case {
  readonly name: string;
  /** How it is seen, where the same is seen in several ways. */
  readonly variant: string;
  readonly world: World;
  readonly moments: readonly Moment[];
  /** Steps at which what happens changes: there, if anywhere, a wrong rule shows. */
  readonly marks: readonly number[];
  /**
   * The story for a person: what was wrong from when to when, and how much of the budget it cost by
   * then.
   */
  readonly story: Story | undefined;
  /** Where what was promised of the case and what was computed for it differ. */
  readonly contradictions: readonly string[];
  /** Whether its moments are only claims of a scenario. Nothing was computed for them, so no values are compared. */
  readonly isClaim: boolean;
}

/** How a world is cut, and how it is read. */
export interface Timing {
  /** The length of a step, in seconds. */
  readonly stepSeconds: number;
  /** How far apart the moments are that are judged, in seconds. */
  readonly every: number;
  readonly estimate?: Estimate | undefined;
}

export interface Story {
  /** When it began to be wrong, in seconds. */
  readonly began: number;
  /** When it ended. */
  readonly ended: number | undefined;
  /** The fault: `all self-evaluations fail`. */
  readonly what: string | undefined;
  /** The share of the whole budget that is gone at a moment. */
  readonly spent: ((seconds: number) => number) | undefined;
}

/** The selectors of a rule. */
export function selectorsOf(rule: AlertRule): readonly SelectorNode[] {
  return selectorsIn(rule.node);
}

/** How finely time is cut: so that every minute can be evaluated, or only every step. */
export type Grain = 'fine' | 'coarse';

/**
 * By the longest window of a rule, in seconds: the length of a step where every minute is evaluated, and where only
 * every step is.
 */
const STEPS = [
  { above: 86_400, fine: 600, coarse: 1800 },
  { above: 6 * 3600, fine: 300, coarse: 900 },
  { above: 3600, fine: 60, coarse: 300 },
  { above: 0, fine: 60, coarse: 60 },
] as const;

/**
 * The length of a step, in seconds: short where windows are short, and longer where they are long. A fine one has no
 * sample on the edge of a window at any minute; a coarse one at none that ends a step.
 */
export function stepSecondsFor(rule: AlertRule, grain: Grain): number {
  const windows = [...selections(rule.node)].map(({ window }) =>
    window === undefined ? 0 : (durationSeconds(window) ?? 0),
  );
  const longest = windows.includes(0) ? 0 : Math.max(...windows);
  const pending = durationSeconds(rule.for) ?? 0;
  const found = STEPS.find(({ above }) => longest > above) ?? { fine: 60, coarse: 60 };
  if (grain === 'coarse' && pending > 0 && pending % found.coarse === 0) return found.coarse;
  // A world reports first at the end of its first step: a rule that is pending for less would fire before anything was
  // heard.
  return STEPS.map(({ fine }) => fine).find((fine) => fine <= Math.min(found.fine, pending)) ?? 60;
}

/** How much happens of what a rule must not look at, at each step. */
const NOISE = 7;

/**
 * Traffic that a rule must not see: every other metric of the catalogue, and of its own metrics a series that none of
 * its selectors chooses. A rule that read another metric, or a label too few, would take notice.
 */
export function noise(rule: AlertRule, catalogue: Catalogue, steps: number): readonly LooseEvent[] {
  const selectors = selectorsOf(rule);
  return allMetrics(catalogue).flatMap((metric) => {
    // A promtool before 3.0 cannot write down native histograms: only rules that read some need it to.
    const isPlayed = metric.kind !== 'nativeHistogram' || selectors.some((each) => each.metric.kind === metric.kind);
    const labels = isPlayed ? unchosenLabels(metric, selectors) : undefined;
    if (labels === undefined) return [];
    const count = metric.kind === 'info' || metric.kind === 'stateSet' ? 1 : NOISE;
    return Array.from({ length: steps }, (_, index) => ({
      step: index + 1,
      metric,
      labels,
      count,
      value: metric.bounds.at(-1),
    }));
  });
}
