import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';
import type { PlannedFile } from '../emit/plan.js';
import type { Problem } from '../problem.js';
import { uniqueProblems } from '../problem.js';

/** A configuration and what it would write; or the problems for which it cannot. */
export type Loaded =
  | { readonly problems: readonly []; readonly config: Config; readonly files: readonly PlannedFile[] }
  | { readonly problems: readonly Problem[]; readonly config?: undefined };

/** Loads the configuration and makes the plan; what renders is loaded while esbuild reads the definitions. */
export async function loadPlan(configPath: string | undefined): Promise<Loaded> {
  const loading = loadConfig(process.cwd(), configPath);
  const { planFiles } = await import('../emit/plan.js');
  const { config, problems } = await loading;
  if (config === undefined) return { problems };
  const plan = planFiles(config);
  const all = uniqueProblems([...problems, ...plan.problems]);
  return all.length > 0 ? { problems: all } : { problems: [], config, files: plan.files };
}

/** `out` beside the configuration, unless a folder is named. */
export function outputFolder(named: string | undefined, configPath: string | undefined): string {
  if (named !== undefined) return resolve(named);
  return resolve(configPath === undefined ? '.' : dirname(configPath), 'out');
}

/** Where the documentation is, if the configuration has any. */
export function docsFolder({ docs }: Config, configPath: string | undefined): string | undefined {
  return docs === undefined ? undefined : resolve(configPath === undefined ? '.' : dirname(configPath), docs);
}
