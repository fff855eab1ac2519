import { refuse } from 'lockstep-exporter/internal';
import type { Dashboard } from './dashboard.js';
import { lintDashboard } from './rules.js';

/**
 * Checks a dashboard and returns it.
 *
 * @throws ProblemsError with every problem of every panel: see {@link lintDashboard}.
 */
export function defineDashboard(dashboard: Dashboard): Dashboard {
  refuse(lintDashboard(dashboard));
  return dashboard;
}
