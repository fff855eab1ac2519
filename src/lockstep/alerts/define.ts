import { made, refuse } from 'lockstep-exporter/internal';
import { problemsOnce } from '../checked.js';
import type { AlertGroup } from './alert.js';
import { validateAlertGroup } from './rules.js';

/**
 * Checks an alert group and returns it, frozen with all its parts.
 *
 * @throws ProblemsError with every problem of every rule: see {@link validateAlertGroup}.
 */
export function defineAlertGroup(group: AlertGroup): AlertGroup {
  refuse(problemsOnce(group, validateAlertGroup));
  return made(group);
}
