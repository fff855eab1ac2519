import { dirname, resolve } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import { OWN_COPY, otherCopies, uniqueProblems } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { loadConfig, placeProblems } from '../config/load.js';
import type { Plan, PlannedFile } from '../emit/plan.js';
import { takeStrays, withProcessKept } from './own-process.js';

/** A configuration and what it would write; or the problems for which it cannot. */
export type Loaded =
  | { readonly problems: readonly []; readonly config: Config; readonly files: readonly PlannedFile[] }
  | { readonly problems: readonly Problem[]; readonly config?: undefined };

/**
 * Loads the configuration and makes the plan; what renders is loaded while esbuild reads the definitions.
 *
 * @param planner makes the plan; by default everything is planned anew
 */
export async function loadPlan(configPath: string | undefined, planner?: (config: Config) => Plan): Promise<Loaded> {
  const loading = withProcessKept(() => loadConfig(process.cwd(), configPath));
  const { planFiles } = await import('../emit/plan.js');
  const { config, problems } = (await loading) ?? { config: undefined, problems: [] };
  const strays = takeStrays();
  if (strays.length > 0) return { problems: strays.map((each) => ({ ...each, where: configPath ?? each.where })) };
  const failed = async (found: readonly Problem[]): Promise<Loaded> => ({
    problems:
      (await withProcessKept(() =>
        placeProblems(process.cwd(), configPath, found, (config) => attempt(() => planFiles(config)).problems),
      )) ?? found,
  });
  // A metric of another copy is another metric: nothing that was found out about the definitions can be relied on.
  const [copy] = otherCopies();
  if (copy !== undefined) return { problems: [secondCopy(configPath, copy)] };
  if (config === undefined) return failed(problems);
  const plan = attempt(() => (planner ?? planFiles)(config));
  const all = uniqueProblems([...problems, ...plan.problems]);
  return all.length > 0 ? failed(all) : { problems: [], config, files: plan.files };
}

function secondCopy(configPath: string | undefined, copy: string): Problem {
  return {
    code: 'config/second-copy',
    where: configPath ?? 'lockstep.config',
    found: `a catalogue that was made by another copy of lockstep-exporter, in ${copy}; lockstep uses ${OWN_COPY}`,
    fix: 'install one copy for both: see npm ls lockstep-exporter, and npm dedupe',
  };
}

/**
 * A definition that is not of its type can make a rule fall over that relies on it: then the place cannot be named,
 * and the compiler is the one to ask. Types that are talked out of their job are told by the rules themselves wherever
 * that is cheap.
 */
function attempt(plan: () => Plan): Plan {
  try {
    return plan();
  } catch (error) {
    const found = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      files: [],
      problems: [
        {
          code: 'config/not-of-its-type',
          where: 'lockstep.config',
          found: found.split('\n').slice(0, 4).join('\n           '),
          fix: 'run the compiler (tsc): it names the field that is wrong. If it finds nothing, this is a fault of lockstep',
        },
      ],
    };
  }
}

/** The folder that is named on the command line, or by the configuration; `out` beside it if none is. */
export function outputFolder(
  named: string | undefined,
  configPath: string | undefined,
  { out = 'out' }: Config,
): string {
  if (named !== undefined) return resolve(named);
  return resolve(configFolder(configPath), out);
}

/** The folder of the configuration, that paths in it begin at. */
export function configFolder(configPath: string | undefined): string {
  return resolve(configPath === undefined ? '.' : dirname(configPath));
}

/** Where the documentation is, if the configuration has any. */
export function docsFolder({ docs }: Config, configPath: string | undefined): string | undefined {
  return docs === undefined ? undefined : resolve(configFolder(configPath), docs);
}
