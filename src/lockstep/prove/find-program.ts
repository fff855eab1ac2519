import { accessSync, constants, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The variables that may name each program. */
export const PROGRAM_VARIABLES = { promtool: 'LOCKSTEP_PROMTOOL', prometheus: 'LOCKSTEP_PROMETHEUS' } as const;

/**
 * A program of Prometheus: the one that is named, or else by the environment, on PATH, or where lockstep's own `npm
 * run engines` has put one; `undefined` if there is none.
 */
export function findProgram(
  program: keyof typeof PROGRAM_VARIABLES,
  named: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const given = named ?? env[PROGRAM_VARIABLES[program]];
  if (given !== undefined && given !== '') return isExecutable(resolve(given)) ? resolve(given) : undefined;
  const cache = join(cacheFolder(env), 'engines');
  return [...onPath(program, env), ...foldersIn(cache).map((folder) => join(cache, folder, program))].find(
    isExecutable,
  );
}

/** Where lockstep keeps what it can make again: `$XDG_CACHE_HOME/lockstep`, or `~/.cache/lockstep`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lockstep');
}

/** Where a program would be on PATH, first things first. */
export function onPath(program: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program));
}

function foldersIn(path: string): readonly string[] {
  try {
    // The newest first: go-prometheus-3 before debian-prometheus-2.
    return readdirSync(path).sort().reverse();
  } catch {
    return [];
  }
}

/** Whether a file is there and may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
