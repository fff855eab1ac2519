import { refuse } from 'lockstep-exporter/internal';
import type { AlertGroup } from './alert.js';
import { lintAlertGroup } from './rules.js';

/**
 * Checks an alert group and returns it.
 *
 * @throws ProblemsError with every problem of every rule: see {@link lintAlertGroup}.
 */
export function defineAlertGroup(group: AlertGroup): AlertGroup {
  refuse(lintAlertGroup(group));
  return group;
}
