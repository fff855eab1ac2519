import { existsSync, readFileSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Place, Problem } from 'lockstep-exporter/internal';
import {
  alsoElsewhere,
  collectProblems,
  isProblemsError,
  OWN_COPY,
  printPlace,
  printValue,
  stackOf,
  traceDefinitions,
  uniqueProblems,
} from 'lockstep-exporter/internal';
import type { Config } from './config.js';
import type { Token } from './place.js';
import { placeWithin, stepsOf, tokensOf } from './place.js';

/** Replaced when the bundle is made; from its sources lockstep takes the package that builds it. */
declare const LOCKSTEP_ESBUILD: string | undefined;
const SHIPPED_ESBUILD = typeof LOCKSTEP_ESBUILD === 'string' ? LOCKSTEP_ESBUILD : 'esbuild';

/** Looked for in the working directory, in this order. */
export const CONFIG_NAMES = ['lockstep.config.ts', 'lockstep.config.mts', 'lockstep.config.js', 'lockstep.config.mjs'];

/** A configuration as it was loaded, with the problems that its definitions had. */
export interface LoadedConfig {
  readonly config: Config | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Gives each problem the author's own line: that of the panel, query, metric or field that is wrong. To find it, the
 * configuration is read once more, with a note of the call that made each definition.
 *
 * @param problems those that {@link loadConfig} gave, and those of its plan
 * @param plan finds the problems of a configuration that are not found while it is read
 */
export async function placeProblems(
  folder: string,
  path: string | undefined,
  problems: readonly Problem[],
  plan: (config: Config) => readonly Problem[] = () => [],
): Promise<readonly Problem[]> {
  return onePerSlip(await placeEach(folder, path, problems, plan));
}

/** The same, with as many problems as there were, in their order. */
export async function placeEach(
  folder: string,
  path: string | undefined,
  problems: readonly Problem[],
  plan: (config: Config) => readonly Problem[],
): Promise<readonly Problem[]> {
  const file = configFile(folder, path);
  if (file === undefined || problems.every(({ code }) => UNREAD.has(code))) return problems;
  const { text, toSource } = await bundleWithPlaces(file);
  const traced = await traceDefinitions(async () => {
    const { config, problems: found } = await evaluateConfig(file, folder, text);
    // A problem knows its definition only while definitions are traced.
    return uniqueProblems([...found, ...(config === undefined ? [] : plan(config))]);
  });
  const keyOf = ({ code, where, found }: Problem) => JSON.stringify([code, where, found]);
  const stacks = new Map(traced.map((each) => [keyOf(each), stackOf(each)]));
  const known = new Map<string, readonly Token[]>();
  return problems.map((problem) => {
    if (problem.at !== undefined) return problem;
    const call = firstPlace(stacks.get(keyOf(problem)) ?? '', toSource);
    if (call === undefined) return problem;
    const tokens = known.get(call.file) ?? tokensOf(readFileSync(call.file, 'utf8'));
    known.set(call.file, tokens);
    const at = placeWithin(tokens, call, stepsOf(problem.where));
    return { ...problem, at: { ...at, file: shownPath(folder, at.file) } };
  });
}

/** These problems say their place themselves: the configuration gave no definitions. */
const UNREAD = new Set(['config/missing', 'config/load', 'config/export']);

/** Merges the problems of one line that is wrong in one way: a label of three metrics, a panel of two boards. */
function onePerSlip(problems: readonly Problem[]): readonly Problem[] {
  const alike = new Map<string, Problem[]>();
  for (const problem of problems) {
    const { code, at, found, where } = problem;
    const key = JSON.stringify(at === undefined ? problem : [code, at, found, stepsOf(where).at(-1)]);
    alike.set(key, [...(alike.get(key) ?? []), problem]);
  }
  return [...alike.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [others.length === 0 ? first : { ...first, where: alsoElsewhere(first, others.length) }],
  );
}

/** The innermost line of the author's in a stack. */
function firstPlace(stack: string, toSource: ToSource): Place | undefined {
  const [, row, column] = IN_MEMORY.exec(stack) ?? [];
  return row === undefined ? undefined : toSource(Number(row), Number(column));
}

function shownPath(folder: string, file: string): string {
  return relative(folder, file).replaceAll('\\', '/');
}

function configFile(folder: string, path: string | undefined): string | undefined {
  return path === undefined
    ? CONFIG_NAMES.map((name) => resolve(folder, name)).find(existsSync)
    : resolve(folder, path);
}

/**
 * Loads a configuration, in TypeScript or JavaScript, without a build step of its author's and on any supported Node:
 * esbuild bundles it in memory (`.js` imports of `.ts` files, enums and path-less tsconfigs included), and packages it
 * imports are left to Node.
 *
 * @param path the file; by default the first of {@link CONFIG_NAMES} in `folder`
 */
export async function loadConfig(folder: string, path: string | undefined): Promise<LoadedConfig> {
  const file = configFile(folder, path);
  if (file === undefined)
    return failed(
      'config/missing',
      folder,
      `none of ${CONFIG_NAMES.join(', ')}`,
      'run in the folder of the configuration, or name it with --config',
    );
  if (!existsSync(file)) return failed('config/missing', file, 'no such file', 'correct the path that --config names');
  return await evaluateConfig(file, folder);
}

/** @param bundled the text to run, if `file` has been bundled already */
async function evaluateConfig(file: string, folder: string, bundled?: string): Promise<LoadedConfig> {
  const { problems, value, error } = await collectProblems(async () =>
    importText(bundled ?? (await bundle(file)).text),
  );
  if (error !== undefined) {
    // A definition that loads another copy of lockstep throws that one's.
    if (isProblemsError(error)) return { config: undefined, problems: [...problems, ...error.problems] };
    // With problems before it, the crash is most likely their consequence, and would only distract.
    if (problems.length > 0) return { config: undefined, problems };
    const { toSource } = await bundleWithPlaces(file);
    const place =
      error instanceof Error ? (unreadable.get(error) ?? firstPlace(error.stack ?? '', toSource)) : undefined;
    const at = place === undefined ? undefined : { ...place, file: shownPath(folder, place.file) };
    return failed('config/load', file, describe(error, toSource), 'correct the file; nothing was built', at);
  }
  const config = (value as { readonly default?: Config } | undefined)?.default;
  if (config === null || typeof config !== 'object' || !hasSystems(config))
    return {
      config: undefined,
      problems: [
        ...problems,
        problem(
          'config/export',
          file,
          `a default export of ${printValue(config)}`,
          'export default defineConfig({ ... })',
        ),
      ],
    };
  return { config, problems };
}

/** Anything that a configuration exports may throw. */
function hasSystems(config: object): boolean {
  try {
    return 'systems' in config;
  } catch {
    return false;
  }
}

function problem(code: string, where: string, found: string, fix: string): Problem {
  return { code, where, found, fix };
}

function failed(code: string, where: string, found: string, fix: string, at?: Place): LoadedConfig {
  return { config: undefined, problems: [{ ...problem(code, where, found, fix), at }] };
}

/** A thrown value that is not an error; reading it may throw again. */
function printThrown(value: unknown): string {
  try {
    return `${printValue(value)}, thrown`;
  } catch {
    return 'something thrown that cannot be shown';
  }
}

/** A message and the author's own lines that led to it; lockstep's and Node's are left out. */
function describe(error: unknown, toSource: ToSource): string {
  if (!(error instanceof Error)) return printThrown(error);
  const own = [new URL('.', import.meta.url).href, pathToFileURL(`${OWN_COPY}/`).href];
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) =>
      line.replace(IN_MEMORY, (whole, row, column) => printSource(toSource(Number(row), Number(column))) ?? whole),
    )
    .filter(
      (line) =>
        /\.[cm]?[jt]sx?:\d+/.test(line) && !/\(?(data|node):/.test(line) && !own.some((each) => line.includes(each)),
    );
  return [error.message.trim(), ...frames.slice(0, 3).map((line) => line.trim())].join('\n           ');
}

function printSource(place: Place | undefined): string | undefined {
  return place === undefined ? undefined : printPlace(place);
}

/** The place of the author's file behind a place of what was imported from memory. */
type ToSource = (line: number, column: number) => Place | undefined;
const IN_MEMORY = /data:text\/javascript;base64,[\w+/=]*:(\d+):(\d+)/;

interface Bundled {
  /** Nothing if the file cannot be bundled. */
  readonly text: string | undefined;
  readonly toSource: ToSource;
}

/** Bundles with a source map. That takes longer, so it is done only when there is an error to look up. */
async function bundleWithPlaces(file: string): Promise<Bundled> {
  try {
    const { text, map } = await bundle(file, true);
    const sources = new SourceMap(JSON.parse(map));
    const toSource: ToSource = (line, column) => {
      const entry = sources.findEntry(line - 1, column - 1);
      return 'originalSource' in entry
        ? {
            file: resolve(dirname(file), entry.originalSource),
            line: entry.originalLine + 1,
            column: entry.originalColumn + 1,
          }
        : undefined;
    };
    return { text, toSource };
  } catch {
    return { text: undefined, toSource: () => undefined };
  }
}

let reads = 0;

/** Node runs a module once per address. Another read must have another address, or it gets the handles of before. */
async function importText(code: string): Promise<unknown> {
  reads += 1;
  const text = reads === 1 ? code : `${code}\n//${reads}`;
  return await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`);
}

/** Where esbuild stopped reading. */
const unreadable = new WeakMap<Error, Place>();

async function bundle(file: string, sourcemap = false): Promise<{ readonly text: string; readonly map: string }> {
  const esbuild = loadEsbuild();
  try {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: dirname(file),
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      charset: 'utf8',
      logLevel: 'silent',
      outdir: dirname(file),
      sourcemap: sourcemap ? 'external' : false,
      sourcesContent: false,
      banner: { js: REQUIRE },
      plugins: [packagesStayOutside, locations],
    });
    const textOf = (ending: RegExp) => outputFiles.find(({ path }) => ending.test(path))?.text ?? '';
    return { text: textOf(/\.js$/), map: textOf(/\.map$/) };
  } catch (error) {
    const errors = (error as { readonly errors?: readonly import('esbuild').Message[] }).errors;
    if (errors === undefined) throw error;
    const message = errors
      .map(({ text, location }) =>
        location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`,
      )
      .join('\n           ');
    // Where the author's file cannot be read it is not run either: no stack has anything to add.
    const unread = Object.assign(new Error(message), { stack: '' });
    const { location } = errors[0] ?? {};
    if (location)
      unreadable.set(unread, {
        file: resolve(dirname(file), location.file),
        line: location.line,
        column: location.column + 1,
      });
    throw unread;
  }
}

/**
 * esbuild's program, in the package for this platform. The package `esbuild` itself asks everybody to approve an
 * install script, and holds the program a second time; so its JavaScript is shipped with lockstep.
 */
function esbuildProgram(): string | undefined {
  const path = process.platform === 'win32' ? 'esbuild.exe' : 'bin/esbuild';
  const resolve = createRequire(import.meta.url).resolve;
  try {
    return resolve(`@esbuild/${process.platform}-${process.arch}/${path}`);
  } catch {
    return undefined;
  }
}

/** @throws Error if the program for this platform is not installed */
function loadEsbuild(): typeof import('esbuild') {
  const program = esbuildProgram();
  if (program === undefined)
    throw new Error(
      `@esbuild/${process.platform}-${process.arch}, which reads TypeScript, is not installed; npm installs it unless told to omit optional dependencies`,
    );
  const { ESBUILD_BINARY_PATH: before } = process.env;
  // esbuild reads it while it is loaded.
  process.env['ESBUILD_BINARY_PATH'] = program;
  try {
    // Required and not imported: Node searches the exports of a CommonJS module that is imported, for 5 ms.
    return createRequire(import.meta.url)(SHIPPED_ESBUILD);
  } finally {
    if (before === undefined) delete process.env['ESBUILD_BINARY_PATH'];
    else process.env['ESBUILD_BINARY_PATH'] = before;
  }
}

/**
 * `import x = require('...')` and CommonJS among the author's files ask for it, and what is imported from memory has
 * none.
 */
const REQUIRE =
  "import{createRequire as lockstepRequire}from'node:module';const require=lockstepRequire(process.cwd()+'/');";

/**
 * Leaves packages to Node, by address, since what is imported from memory has no place to look them up from.
 * `lockstep/...` and `lockstep-exporter` are always this very copy: a handle of another one would be another metric.
 */
const packagesStayOutside: Plugin = {
  name: 'packages-stay-outside',
  setup(build) {
    const own = createRequire(import.meta.url);
    build.onResolve({ filter: /^lockstep(-exporter)?(\/|$)/ }, ({ path }) => {
      try {
        return { path: pathToFileURL(own.resolve(path)).href, external: true };
      } catch {
        const [name] = path.split('/');
        return { errors: [{ text: `there is no ${path}; see "exports" in ${name}'s package.json` }] };
      }
    });
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...rest }) => {
      if (
        rest.kind === 'entry-point' ||
        pluginData === RESOLVING ||
        path.startsWith('node:') ||
        /^[a-zA-Z]:[\\/]/.test(path)
      )
        return undefined;
      const found = await build.resolve(path, {
        kind: rest.kind,
        importer: rest.importer,
        resolveDir: rest.resolveDir,
        pluginData: RESOLVING,
      });
      if (found.errors.length > 0 || found.external) return found;
      // A path alias of the author's tsconfig is a file of theirs, and is bundled; so is a package of a workspace.
      return found.path.includes('/node_modules/') && !found.path.endsWith('.json')
        ? { path: pathToFileURL(found.path).href, external: true }
        : { path: found.path };
    });
  },
};
const RESOLVING = Symbol('resolving');

/** Gives `import.meta.url`, `.dirname` and `.filename` the values that they have in the author's file. */
const locations: Plugin = {
  name: 'locations',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.')) return undefined;
      const contents = text
        .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
        .replaceAll(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)))
        .replaceAll(/\bimport\.meta\.filename\b/g, JSON.stringify(path));
      return {
        contents,
        loader: /x$/.test(path) ? 'tsx' : /\.[cm]?ts$/.test(path) ? 'ts' : 'js',
        resolveDir: dirname(path),
      };
    });
  },
};
