import { made } from 'lockstep-exporter/internal';
import type { Selectable, Series } from '../promql/expression.js';
import { select } from '../promql/expression.js';
import type { Duration } from '../promql/window.js';

/** Events of one kind, or the level of a gauge, over a stretch of a scenario. */
export interface Traffic {
  /** Which series; where its labels are not said, they are any that the catalogue allows together. */
  readonly of: Series;
  /** From when on, after the scenario has begun; from the beginning, if not said. */
  readonly from: Duration | undefined;
  /** Until when, after the scenario has begun; to its end, if not said. */
  readonly until: Duration | undefined;
  /** How often something happens; once a minute, if not said. */
  readonly every: Duration | undefined;
  /**
   * How many events each time, or the level of a gauge or of the quantile of a summary; 1 if not said. A level that is
   * a time is in seconds after the beginning of the scenario.
   */
  readonly count: number;
  /** The observation of a histogram or a summary, in its unit. */
  readonly value: number | undefined;
}

/**
 * Something that may happen to the system, and what the rule has to say to it: the proof of a rule that is not derived
 * from an SLO. The exact minute is computed from the events; what is said here is what a person would swear to.
 */
export interface Scenario {
  /** `a quiet night`. */
  readonly name: string;
  /** How long it goes on. */
  readonly lasts: Duration;
  /** Everything that happens in it; nothing else does. */
  readonly traffic: readonly Traffic[];
  /** Processes report until then, and not after; to the end, if not said. */
  readonly vanishes?: Duration;
  /** When the rule fires: never, or between these times after the scenario has begun. */
  readonly fires:
    | 'never'
    | {
        /** It must not fire before this time. */
        readonly notBefore: Duration;
        /** It must fire by this time. */
        readonly by: Duration;
        /** It must be over by this time; to the end of the scenario it may fire, if not said. */
        readonly overBy?: Duration;
      };
}

/** Events of a scenario: one a minute from beginning to end, unless more is said. */
export function traffic(of: Selectable, how: Partial<Omit<Traffic, 'of'>> = {}): Traffic {
  const { from, until, every, count = 1, value } = how;
  return made({ of: 'node' in of ? of : select(of, {}), from, until, every, count, value });
}
