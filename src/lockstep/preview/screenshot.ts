import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { isExecutable, onPath } from '../prove/find-program.js';

export const BROWSER_VARIABLE = 'LOCKSTEP_CHROMIUM';
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** A Chromium: the one that the environment names, or the first on PATH; `undefined` if there is none. */
export function findBrowser(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env[BROWSER_VARIABLE];
  if (named !== undefined && named !== '') return isExecutable(resolve(named)) ? resolve(named) : undefined;
  return BROWSERS.flatMap((name) => onPath(name, env)).find(isExecutable);
}

export interface Shot {
  /** The fragment of the page's address. */
  readonly hash: string;
  /** The file to write. */
  readonly file: string;
  readonly height: number;
}

/** A browser that speaks to nobody, also as root and where there is no screen. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const;

const WIDTH = 1280;
/** In virtual time, in which a page waits for nothing: long enough for the last chart. */
const VIRTUAL_MS = 30_000;
const TIMEOUT_MS = 120_000;

/**
 * Takes a PNG of each page. The page has all of its data in it: the browser has nothing to ask, and cannot.
 *
 * @throws Error with the browser's own words
 */
export async function takeShots(browser: string, page: string, shots: readonly Shot[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-shot-'));
  try {
    const html = join(folder, 'page.html');
    writeFileSync(html, page);
    for (const { hash, file, height } of shots)
      await promisify(execFile)(
        browser,
        [
          '--headless',
          ...FLAGS,
          '--hide-scrollbars',
          `--user-data-dir=${join(folder, 'profile')}`,
          `--window-size=${WIDTH},${height}`,
          `--virtual-time-budget=${VIRTUAL_MS}`,
          `--screenshot=${resolve(file)}`,
          `${pathToFileURL(html)}${hash}`,
        ],
        { timeout: TIMEOUT_MS },
      );
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
