// Finds the real servers that the tests run against, or prepares them: an environment variable, PATH, the cache, Debian's package unpacked
// into the cache, a Go build into the cache, in this order. `npm run engines` shows or prepares all of them.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Prometheus 3 that is built: its Go module is v0.<minor>.<patch> of 3.<minor>.<patch>. */
const PROMETHEUS_3 = { version: '3.16.0', module: 'github.com/prometheus/prometheus', moduleVersion: 'v0.316.0' };

/**
 * The OpenTelemetry Collector that is built, with the components that fab's cluster has between a program and its Prometheus, and the one that
 * adds deltas up. Core and contrib components are released together under one version.
 */
const COLLECTOR = {
  version: '0.165.0',
  core: 'go.opentelemetry.io/collector',
  contrib: 'github.com/open-telemetry/opentelemetry-collector-contrib',
};

/**
 * @typedef {object} Engine
 * @property {string} name
 * @property {string} program   the name of its executable
 * @property {string} variable  the environment variable that may name it
 * @property {RegExp} version   what `--version` says of one that will do
 * @property {string} cache     folder in the cache that holds it, once it is prepared
 * @property {(folder: string) => Promise<void>} prepare  puts it, and what comes with it, there
 * @property {string} needs     what preparing it takes, in words
 */

/** @type {readonly Engine[]} */
export const ENGINES = [
  ...['prometheus', 'promtool'].map((program) => ({
    name: `${program} 2`,
    program,
    variable: `LOCKSTEP_${program.toUpperCase()}2`,
    version: new RegExp(`^${program}, version 2\\.`),
    cache: 'debian-prometheus-2',
    prepare: (/** @type {string} */ folder) => unpackDebian('prometheus', folder),
    needs: 'Debian with apt-get and dpkg',
  })),
  ...['prometheus', 'promtool'].map((program) => ({
    name: `${program} 3`,
    program,
    variable: `LOCKSTEP_${program.toUpperCase()}3`,
    version: new RegExp(`^${program}, version 3\\.`),
    cache: `go-prometheus-${PROMETHEUS_3.version}`,
    prepare: buildPrometheus3,
    needs: 'Go 1.25 or later',
  })),
  {
    name: 'pushgateway',
    program: 'prometheus-pushgateway',
    variable: 'LOCKSTEP_PUSHGATEWAY',
    version: /^(prometheus-)?pushgateway, version 1\./,
    cache: 'debian-pushgateway-1',
    prepare: (/** @type {string} */ folder) => unpackDebian('prometheus-pushgateway', folder),
    needs: 'Debian with apt-get and dpkg',
  },
  {
    name: 'collector',
    program: 'otelcol-contrib',
    variable: 'LOCKSTEP_COLLECTOR',
    version: /^otelcol-contrib version v?0\.(1[6-9]|[2-9])\d/,
    cache: `go-collector-${COLLECTOR.version}`,
    prepare: buildCollector,
    needs: 'Go 1.25 or later',
  },
  {
    name: 'chromium',
    program: 'chromium',
    variable: 'LOCKSTEP_CHROMIUM',
    version: /^(Chromium|Google Chrome|Headless Chrome)/,
    cache: 'debian-chromium',
    prepare: installChromium,
    needs: 'Debian with apt-get, as root',
  },
];

/** @returns {string} */
export function cacheRoot() {
  return resolve(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lockstep', 'engines');
}

/**
 * The path of an engine that is there already, or `undefined`.
 * @param {Engine} engine
 * @returns {string | undefined}
 */
export function findEngine(engine) {
  const named = process.env[engine.variable];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`${engine.variable} names ${named}, which is no program that can be run`);
    return resolve(named);
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, engine.program);
    if (folder !== '' && isExecutable(path) && engine.version.test(versionOf(path))) return path;
  }
  const cached = join(cacheRoot(), engine.cache, engine.program);
  return isExecutable(cached) ? cached : undefined;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} path */
function versionOf(path) {
  const { stdout, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

/**
 * The path of an engine, prepared if need be.
 * @param {Engine} engine
 * @param {(line: string) => void} say
 * @returns {Promise<{ readonly path: string } | { readonly missing: string }>}
 */
export async function ensureEngine(engine, say) {
  const found = findEngine(engine);
  if (found !== undefined) return { path: found };
  const folder = join(cacheRoot(), engine.cache);
  mkdirSync(cacheRoot(), { recursive: true });
  const unlock = await lock(`${folder}.lock`, say);
  try {
    const meanwhile = findEngine(engine);
    if (meanwhile !== undefined) return { path: meanwhile };
    const staging = mkdtempSync(`${folder}.`);
    try {
      await withProgress(`preparing ${engine.name}`, say, () => engine.prepare(staging));
      chmodSync(staging, 0o755);
      rmSync(folder, { recursive: true, force: true });
      renameSync(staging, folder);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    const path = findEngine(engine);
    return path === undefined ? { missing: `${engine.program} is not in what was prepared` } : { path };
  } catch (error) {
    const [line = ''] = String(error instanceof Error ? error.message : error)
      .trim()
      .split('\n');
    return { missing: `${line} (it takes ${engine.needs})` };
  } finally {
    unlock();
  }
}

/**
 * A line when something begins that may take long, and one every 20 seconds until it is done.
 * @param {string} what
 * @param {(line: string) => void} say
 * @param {() => Promise<void>} work
 */
async function withProgress(what, say, work) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  say(`${what} ...`);
  const timer = setInterval(() => say(`${what} ... ${seconds()} s`), 20_000);
  try {
    await work();
    say(`${what}: done in ${seconds()} s`);
  } finally {
    clearInterval(timer);
  }
}

/**
 * Waits until nobody else prepares the same engine. A lock whose holder is gone is taken over.
 * @param {string} path
 * @param {(line: string) => void} say
 * @returns {Promise<() => void>}
 */
async function lock(path, say) {
  for (let tries = 0; ; tries++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    const holder = Number(existsSync(path) ? readFileSync(path, 'utf8') : Number.NaN);
    if (Number.isInteger(holder) && holder > 0 && !isAlive(holder)) rmSync(path, { force: true });
    else {
      if (tries === 0) say(`waiting for process ${holder}, which prepares the same engine`);
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Runs a program without blocking, so that progress is said meanwhile.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<void>}
 */
function run(program, args, cwd, env = process.env) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors = (errors + text).slice(-4000);
    });
    child.once('error', fail);
    child.once('close', (code) => {
      if (code === 0) done();
      else
        fail(
          new Error(
            `${program} ${args.join(' ')} ended with ${code}: ${errors.trim().split('\n').slice(-3).join(' | ')}`,
          ),
        );
    });
  });
}

/**
 * Puts the programs of a Debian package into a folder: no root, no service.
 * @param {string} name
 * @param {string} folder
 */
async function unpackDebian(name, folder) {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-deb-'));
  try {
    try {
      await run('apt-get', ['download', name], work);
    } catch (error) {
      // The package lists may be empty or old; only root can renew them.
      if (process.getuid?.() !== 0) throw error;
      await run('apt-get', ['update'], work);
      await run('apt-get', ['download', name], work);
    }
    const [deb] = readdirSync(work).filter((file) => file.endsWith('.deb'));
    if (deb === undefined) throw new Error(`apt-get downloaded no ${name}`);
    await run('dpkg', ['-x', deb, 'root'], work);
    cpSync(join(work, 'root', 'usr', 'bin'), folder, { recursive: true });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Chromium needs some fifty libraries beside it: Debian's package brings them, and puts the program on PATH.
 * @param {string} folder  where nothing is put
 */
async function installChromium(folder) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], folder, env);
  try {
    await install();
  } catch (error) {
    if (process.getuid?.() !== 0) throw error;
    await run('apt-get', ['update'], folder, env);
    await install();
  }
}

/** @param {string} folder */
async function buildPrometheus3(folder) {
  execFileSync('go', ['version'], { stdio: 'ignore' });
  const work = mkdtempSync(join(tmpdir(), 'lockstep-go-'));
  const { module, moduleVersion } = PROMETHEUS_3;
  // The tests name every target themselves. The clients of thirty clouds are most of what there is to compile.
  const env = { ...process.env, GOFLAGS: '-mod=mod -tags=remove_all_sd', GOWORK: 'off' };
  try {
    // `go install module@version` refuses a module with replace directives; as tools of a module of our own they build.
    await run('go', ['mod', 'init', 'lockstep.engines/prometheus'], work, env);
    await run(
      'go',
      ['get', '-tool', `${module}/cmd/prometheus@${moduleVersion}`, `${module}/cmd/promtool@${moduleVersion}`],
      work,
      env,
    );
    await run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', `${folder}/`, 'tool'], work, env);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function buildCollector(folder) {
  execFileSync('go', ['version'], { stdio: 'ignore' });
  const work = mkdtempSync(join(tmpdir(), 'lockstep-go-'));
  const { version, core, contrib } = COLLECTOR;
  const component = (/** @type {string} */ path) => ({ gomod: `${path} v${version}` });
  const config = {
    dist: {
      name: 'otelcol-contrib',
      description: 'for the tests of lockstep',
      version,
      output_path: join(work, 'dist'),
    },
    receivers: [component(`${core}/receiver/otlpreceiver`)],
    processors: [
      component(`${core}/processor/batchprocessor`),
      component(`${contrib}/processor/deltatocumulativeprocessor`),
    ],
    exporters: [
      component(`${core}/exporter/debugexporter`),
      component(`${contrib}/exporter/prometheusremotewriteexporter`),
    ],
  };
  const env = { ...process.env, GOFLAGS: '-mod=mod', GOWORK: 'off' };
  try {
    writeFileSync(join(work, 'builder.yaml'), JSON.stringify(config));
    await run('go', ['run', `${core}/cmd/builder@v${version}`, '--config', 'builder.yaml'], work, env);
    cpSync(join(work, 'dist', 'otelcol-contrib'), join(folder, 'otelcol-contrib'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  let missing = 0;
  for (const engine of ENGINES) {
    const found = await ensureEngine(engine, (line) => process.stderr.write(`${line}\n`));
    if ('missing' in found) missing += 1;
    process.stdout.write(
      `${engine.name.padEnd(14)} ${'path' in found ? found.path : `missing: ${found.missing}; or name one with ${engine.variable}`}\n`,
    );
  }
  process.exitCode = missing === 0 ? 0 : 1;
}
