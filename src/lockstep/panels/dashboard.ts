import type { Catalogue } from 'lockstep-exporter/catalogue';
import type { Exemptions } from 'lockstep-exporter/internal';
import type { LabelVariable } from '../promql/expression.js';
import type { Duration } from '../promql/window.js';
import type { Colour, Link, Panel, Query } from './panel.js';
import type { FreeVariable, Variable } from './variable.js';

/** A titled section of a dashboard; its panels flow from left to right and wrap at 24 columns. */
export interface Row {
  /** Its title. */
  readonly title: string;
  /** From left to right, and on to the next line where the 24 columns are full. */
  readonly panels: readonly Panel[];
  /** Closed until the reader opens it: for details that an incident does not begin with. */
  readonly collapsed?: boolean;
  /** Show the row once for each value that is chosen of a variable. Queries of its panels match that variable. */
  readonly repeat?: LabelVariable<string>;
}

/** Moments that every chart of the dashboard marks: releases, deployments. */
export interface Annotation {
  /** The name of the marks, plural: `Releases`. */
  readonly title: string;
  /** A mark stands wherever it is above zero. Its legend is the mark's text. */
  readonly query: Query;
  /** The colour of the marks, by Grafana's name. */
  readonly colour: Colour;
  /**
   * The step in which it is asked, e.g. `10m`. The query's windows are as long, or events would be missed or marked
   * twice.
   */
  readonly step: Duration;
}

export interface Dashboard {
  /** The metrics that it reads. */
  readonly catalogue: Catalogue;
  /** The part of the system that is shown, kebab case: `overview` gives the uid `<system>-overview`. */
  readonly facet: string;
  /** Says what the board answers. */
  readonly description: string;
  /** Shown at the top. Default: `<system> — <facet>`. */
  readonly title?: string;
  /** How often an open board asks anew, e.g. `1m`. Default `30s`. */
  readonly refresh?: Duration;
  /** The time range that is shown at first, up to now, e.g. `24h`. Default `6h`. */
  readonly range?: Duration;
  /** Tags beside the system's name and those of the house (`target.house.tags`). */
  readonly tags: readonly string[];
  /**
   * The choices at the top: `labelVariable()`; for links, texts and queries of other datasources also
   * `customVariable()`, `constantVariable()`, `intervalVariable()`, `textVariable()` and `datasourceVariable()`.
   */
  readonly variables: readonly (Variable | FreeVariable)[];
  /**
   * The least step between two points of every time series panel that has none of its own, e.g. `2m`: a point that no
   * report lies between costs as much as one that shows something.
   */
  readonly minStep?: Duration;
  /** Moments that every chart marks. */
  readonly annotations?: readonly Annotation[];
  /** In the order in which they are read in an incident. */
  readonly rows: readonly Row[];
  /** Links at the top, after those to runbooks and alerts. */
  readonly links?: readonly Link[];
  /** `folderRef`: the GrafanaFolder resource that holds the board. Default: `target.folder`. */
  readonly folder?: string;
  /** `folderUID`: the folder of Grafana that holds the board, in place of `folder`. */
  readonly folderUid?: string;
  /** Findings of `lockstep lint` anywhere on it that are meant to be, with the reasons. */
  readonly exempt?: Exemptions;
}

/** The panels of a dashboard, row by row. */
export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return dashboard.rows.flatMap(({ panels }) => panels);
}
