import type { DoubtRule, LintRule } from 'lockstep-exporter/internal';
import type { System } from '../config/config.js';
import type { Remark as OwnRemark, OwnRule } from '../config/own-rule.js';
import type { PlannedFile } from '../emit/plan.js';
import type { LintSeverity, Span } from './finding.js';
import type { Standing } from './standing.js';
import type { Board, BoardPanel, GroupAlert, LintedGroup, Subject } from './subject.js';

/** A remark of a check about the thing that it was given. Its steps lead on from there. */
export interface LintRemark extends OwnRemark {
  /** The part of the text at {@link OwnRemark.at}. */
  readonly span?: Span;
  /** Whose definition may exempt it, where it is not that of the panel, alert or resource that was given. */
  readonly owner?: string;
  /** Instead of the rule's own. */
  readonly severity?: LintSeverity;
}

type Remarks = readonly LintRemark[];

/**
 * A rule of `lockstep lint`: its texts, of which docs/lint.md and `--explain` are made, and its checks. Each check is
 * called for each thing of its kind that would be committed.
 */
export interface Rule extends Pick<OwnRule, 'about' | 'example' | 'fix'> {
  /** `error` is what shows or tells something false; `warning` what will, or what nobody can read. */
  readonly severity: LintSeverity;
  readonly board?: (board: Board, subject: Subject) => Remarks;
  /** Not called for rows. */
  readonly panel?: (panel: BoardPanel, board: Board, subject: Subject) => Remarks;
  readonly alert?: (alert: GroupAlert, group: LintedGroup, subject: Subject) => Remarks;
  /** The PromQL of a panel or of an alert, whatever wrote it. Steps are not given; the span is one of the text. */
  readonly text?: (promql: string, subject: Subject) => Remarks;
  /** A query, variable or rule that stood already, by its definition. Steps begin at the resource. */
  readonly standing?: (standing: Standing) => Remarks;
  readonly file?: (file: PlannedFile, subject: Subject) => Remarks;
  /** The metrics of a system. Each remark names its owner. */
  readonly system?: (system: System, subject: Subject) => Remarks;
  readonly exemption?: (exemption: Exemption, isUsed: boolean) => Remarks;
}

/** A finding that a definition says is meant to be. */
export interface Exemption {
  readonly file: string;
  /** Whose finding is exempted; empty for every one about the file. */
  readonly owner: string;
  readonly rule: LintRule | DoubtRule | OwnRule['id'];
  readonly reason: string;
}
