import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Problem } from 'lockstep-exporter/internal';
import { showAddress } from 'lockstep-exporter/internal';
import type { Config } from '../config/config.js';
import { computedEverywhere } from '../emit/recorded.js';
import type { Prometheus } from '../preview/ask.js';
import { askPrometheus } from '../preview/ask.js';
import type { DemoServer } from '../preview/demo.js';
import { startDemo } from '../preview/demo.js';
import type { Answers } from '../preview/page.js';
import { loadPage, PAGE_MARK, staticPage } from '../preview/page.js';
import type { EmptyQuery, State } from '../preview/protocol.js';
import { rememberingPlanner } from '../preview/remember.js';
import type { ApiRequest } from '../preview/requests.js';
import { BROWSER_VARIABLE, findBrowser, takeShots } from '../preview/screenshot.js';
import type { Preview } from '../preview/server.js';
import { servePreview } from '../preview/server.js';
import { rememberingViewer } from '../preview/state.js';
import { collectAnswers } from '../preview/static.js';
import { findProgram, PROGRAM_VARIABLES } from '../prove/find-program.js';
import { readText } from '../read.js';
import { printUrl, RequestError } from '../verify/http.js';
import { whyOf } from '../verify/prometheus.js';
import { accessOf, toUrl } from './access.js';
import { followSaves } from './follow.js';
import { commitOf, fileAt } from './git.js';
import { configFolder, loadPlan, outputFolder } from './load.js';
import { EXIT, printBytes, printLine, reportProblems } from './print.js';
import { exitWhenToldToStop, untilToldToStop } from './signal.js';

export interface PreviewCommandOptions {
  readonly config?: string;
  readonly prometheus?: string;
  readonly demo?: boolean;
  readonly awsRegion?: string;
  readonly against?: string;
  readonly ref?: string;
  readonly port: number;
  readonly static?: string;
  readonly screenshot?: string;
  readonly open?: boolean;
}

/** `lockstep preview`: the boards and alerts on the writer's own screen, with live data, following every save. */
export async function preview(options: PreviewCommandOptions): Promise<number> {
  let url = options.prometheus === undefined ? undefined : toUrl(options.prometheus);
  const refuse = (problem: Problem) => reportProblems('preview', [problem], 'text');
  if (options.prometheus !== undefined && options.demo === true)
    return refuse({
      code: 'preview/usage',
      where: '--prometheus, --demo',
      found: 'both',
      fix: 'name one: a Prometheus, or the demo that brings its own',
    });
  if (options.prometheus !== undefined && url === undefined)
    return refuse({
      code: 'preview/usage',
      where: '--prometheus',
      found: showAddress(options.prometheus),
      fix: 'give a http or https address',
    });
  const access = accessOf({
    timeout: '60s',
    tries: 1,
    ...(options.awsRegion === undefined ? {} : { awsRegion: options.awsRegion }),
  });
  if ('code' in access) return refuse(access);

  const folder = configFolder(options.config);
  const named = options.ref === undefined ? undefined : await commitOf(folder, options.ref);
  if (named !== undefined && !('commit' in named))
    return refuse({ code: 'preview/usage', where: '--ref', found: `${options.ref}: ${named.found}`, fix: named.fix });
  const shownFolder = (out: string) =>
    `${relative(process.cwd(), out) || '.'}${options.ref === undefined ? '' : ` at ${options.ref}`}`;
  /** Reads what is checked in, in the folder that the configuration names now. */
  const readers = new Map<string, CheckedIn>();
  const readerOf = (out: string) => {
    const reader = readers.get(out) ?? (named === undefined ? inFolder(out) : atCommit(folder, named.commit, out));
    readers.set(out, reader);
    return reader;
  };
  let config: Config | undefined;
  let state: State = {
    version: 0,
    problems: [],
    boards: [],
    groups: [],
    scrapeSeconds: 60,
    source: url === undefined ? undefined : printUrl(url),
    against: '',
  };
  const planner = rememberingPlanner();
  const viewer = rememberingViewer();
  /** Loads the definitions as they are now, and gives their problems. */
  const load = async (): Promise<readonly Problem[]> => {
    const loaded = await loadPlan(options.config, planner);
    const version = state.version + 1;
    if (loaded.config === undefined) {
      // Beside the page nothing says where the command was started.
      const problems = loaded.problems.map((each) =>
        each.at === undefined ? each : { ...each, at: { ...each.at, file: resolve(each.at.file) } },
      );
      state = { ...state, version, problems };
      return loaded.problems;
    }
    config = loaded.config;
    const texts = new Map<string, string | undefined>();
    const out = outputFolder(options.against, options.config, loaded.config);
    for (const { path } of loaded.files) texts.set(path, await readerOf(out)(path));
    state = {
      ...state,
      version,
      problems: [],
      against: shownFolder(out),
      ...viewer(loaded.config, loaded.files, (path) => texts.get(path)),
    };
    return [];
  };
  let server: Preview | undefined;
  let begin = () => {};
  const begun = new Promise<void>((done) => {
    begin = done;
  });
  // A save while the definitions are loaded and the demo begins is shown as soon as there is somebody to show
  // it to.
  const following =
    options.static === undefined && options.screenshot === undefined
      ? followSaves(folder, async () => {
          await begun;
          if (server === undefined) return;
          await load();
          server.show(state);
        })
      : undefined;
  let demo: DemoServer | Problem | undefined;
  const goOn = exitWhenToldToStop();
  try {
    await following?.ready;
    const problems = await load();
    // Definitions that were never good have nothing to show; after that, problems are shown over the last good board.
    if (config === undefined) return reportProblems('preview', problems, 'text');

    demo = options.demo === true ? await beginDemo(config) : undefined;
    if (demo !== undefined && 'code' in demo) return refuse(demo);
    if (demo !== undefined) {
      url = demo.url;
      state = { ...state, now: demo.now, source: 'a made-up past (--demo)' };
    }
    // The demo has no ruler: what a board reads as recorded is computed there.
    const instead = (promql: string) => (config === undefined ? promql : computedEverywhere(config)(promql));
    const prometheus = url === undefined ? undefined : { url, access, ...(demo === undefined ? {} : { instead }) };
    const why = async ({ from, to, ...query }: EmptyQuery) => {
      if (config === undefined || prometheus === undefined) return undefined;
      const rateInterval = 4 * state.scrapeSeconds;
      return whyOf(config, query, { ...prometheus, rateInterval, range: Math.round(to - from), time: to });
    };
    if (following === undefined) return await writePages(state, prometheus, why, options, refuse);
    server = await servePreview(state, { port: options.port, page: loadPage(), prometheus, why });
    const told = untilToldToStop();
    goOn();
    begin();
    printLine(
      `${server.url}\n${state.source === undefined ? 'no data: name a Prometheus with --prometheus URL' : `data from ${state.source}`}; stop with Ctrl-C`,
    );
    if (options.open === true) openBrowser(server.url);
    await told;
    return EXIT.fine;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return refuse({
      code: 'preview/port',
      where: '--port',
      found: `${options.port}, which is taken`,
      fix: 'name another, or 0 for a free one',
    });
  } finally {
    goOn();
    begin();
    await following?.stop();
    await server?.close();
    if (demo !== undefined && 'stop' in demo) demo.stop();
  }
}

/** The text of a generated file as it is checked in, by its path below the output folder. */
type CheckedIn = (path: string) => Promise<string | undefined>;

function inFolder(out: string): CheckedIn {
  return async (path) => readText(join(out, path), out)?.text;
}

/** A commit does not change: each file is asked for once, however often definitions are saved. */
function atCommit(folder: string, commit: string, out: string): CheckedIn {
  const known = new Map<string, Promise<string | undefined>>();
  return (path) => {
    const text = known.get(path) ?? fileAt(folder, commit, relative(folder, join(out, path)).replaceAll('\\', '/'));
    known.set(path, text);
    return text;
  };
}

/** How high a picture is: the whole of a board, and so much of the alerts. */
const ALERTS_HEIGHT = 1800;
const HEAD_HEIGHT = 220;
const GRID_ROW = 38;

/** Writes the page that opens without a server, and pictures of it. */
async function writePages(
  shown: State,
  prometheus: Prometheus | undefined,
  why: (query: EmptyQuery) => Promise<string | undefined>,
  options: PreviewCommandOptions,
  refuse: (problem: Problem) => number,
): Promise<number> {
  if (prometheus === undefined)
    return refuse({
      code: 'preview/usage',
      where: options.static === undefined ? '--screenshot' : '--static',
      found: 'no data to put into it',
      fix: 'name a Prometheus with --prometheus URL, or start with --demo',
    });
  const browser = options.screenshot === undefined ? undefined : findBrowser();
  if (options.screenshot !== undefined && browser === undefined)
    return refuse({
      code: 'preview/no-browser',
      where: '--screenshot',
      found: 'no Chromium on this machine',
      fix: `install one (Debian: apt-get install chromium), or name it with ${BROWSER_VARIABLE}`,
    });
  const state = { ...shown, now: shown.now ?? Math.floor(Date.now() / 1000) };
  const ask = (request: ApiRequest) => askPrometheus(prometheus, request);
  let answers: Answers;
  try {
    answers = await collectAnswers(state, { query: ask, values: ask, why });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return refuse({
      code: 'preview/unreachable',
      where: '--prometheus',
      found: error.message,
      fix: 'check that it is up and allows requests from here',
    });
  }
  const html = staticPage(loadPage(), state, answers);
  if (options.static !== undefined) {
    const file = join(options.static, 'index.html');
    if (!isOurs(file))
      return refuse({
        code: 'preview/foreign-file',
        where: file,
        found: 'a file that lockstep did not write, or a link',
        fix: 'move it away, or name another folder with --static',
      });
    mkdirSync(options.static, { recursive: true });
    writeFileSync(file, html);
    printLine(`written    ${file}  ${printBytes(Buffer.byteLength(html))}`);
  }
  if (options.screenshot === undefined || browser === undefined) return EXIT.fine;
  mkdirSync(options.screenshot, { recursive: true });
  const folder = options.screenshot;
  const pages = [
    ...state.boards.map(({ uid, model }) => ({
      name: uid,
      hash: `#/d/${uid}`,
      height: HEAD_HEIGHT + GRID_ROW * Math.max(...model.panels.map(({ gridPos: { y, h } }) => y + h)),
    })),
    ...state.groups.map(({ name }) => ({ name: `alerts-${name}`, hash: `#/alerts/${name}`, height: ALERTS_HEIGHT })),
  ];
  const shots = pages.flatMap(({ name, hash, height }) =>
    (['light', 'dark'] as const).map((theme) => ({
      hash: `${hash}?theme=${theme}`,
      file: join(folder, `${name}-${theme}.png`),
      height,
    })),
  );
  await takeShots(browser, html, shots);
  for (const { file } of shots) printLine(`written    ${file}`);
  return EXIT.fine;
}

/** Whether a page may be written there: over nothing, or over an earlier one; never through a link. */
function isOurs(file: string): boolean {
  const stats = lstatSync(file, { throwIfNoEntry: false });
  return stats === undefined || (stats.isFile() && readText(file)?.text?.includes(PAGE_MARK) === true);
}

/** Starts the demo of the systems that have one; or says why it cannot. */
async function beginDemo({ systems }: Config): Promise<DemoServer | Problem> {
  const demos = systems.flatMap(({ demo }) => (demo === undefined ? [] : [demo()]));
  if (demos.length === 0)
    return {
      code: 'preview/no-demo',
      where: 'lockstep.config › systems › demo',
      found: 'nothing',
      fix: 'give a system a made-up past (a function that returns a Demo), or name a Prometheus with --prometheus',
    };
  const prometheus = findProgram('prometheus', undefined);
  const promtool = findProgram('promtool', undefined);
  if (prometheus === undefined || promtool === undefined)
    return {
      code: 'preview/no-prometheus',
      where: '--demo',
      found: `no ${prometheus === undefined ? 'prometheus' : 'promtool'} on this machine`,
      fix: `install Prometheus (Debian: apt-get install prometheus), or name the programs with ${Object.values(PROGRAM_VARIABLES).join(' and ')}; in a clone of lockstep \`npm run engines\` fetches them`,
    };
  const isTerminal = process.stderr.isTTY === true;
  const server = await startDemo(demos, { prometheus, promtool }, (step) => {
    if (isTerminal) process.stderr.write(`\r\u001b[K${step} …`);
  });
  if (isTerminal) process.stderr.write('\r\u001b[K');
  return server;
}

/** The browser of the system; that there is none is no trouble: the address has been printed. */
function openBrowser(url: string): void {
  const [command, ...args] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (command === undefined || (process.platform === 'linux' && !existsSync('/usr/bin/xdg-open'))) return;
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
