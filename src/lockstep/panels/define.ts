import { made, refuse } from 'lockstep-exporter/internal';
import { problemsOnce } from '../checked.js';
import type { Dashboard } from './dashboard.js';
import { validateDashboard } from './rules.js';

/**
 * Checks a dashboard and returns it, frozen with all its parts.
 *
 * @throws ProblemsError with every problem of every panel: see {@link validateDashboard}.
 */
export function defineDashboard(dashboard: Dashboard): Dashboard {
  refuse(problemsOnce(dashboard, validateDashboard));
  return made(dashboard);
}
