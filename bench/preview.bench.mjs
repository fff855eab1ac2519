// A writer waits for the first paint of fab's board and its last panel, and from a save to the page that follows; and how both grow with the
// number of boards. A Grafana, which one would look at instead, is not to be had here: what is shown is beside an empty page, and as a multiple of one board.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ENGINES, findEngine } from '../scripts/engines.mjs';
import { writeSystems } from './many-systems.mjs';
import { median, printRows } from './measure.mjs';

const root = join(import.meta.dirname, '..');
const ROUNDS = 7;
const engine = (/** @type {string} */ name) => ENGINES.filter((each) => each.name === name).map(findEngine)[0];
const executablePath = engine('chromium');
if (executablePath === undefined) throw new Error('no chromium: run npm run engines');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
const folder = mkdtempSync(join(tmpdir(), 'lockstep-preview-bench-'));

/** @param {readonly string[]} args @param {string} cwd @returns {Promise<{ url: string, stop: () => void }>} */
function preview(args, cwd) {
  const env = {
    ...process.env,
    LOCKSTEP_PROMETHEUS: engine('prometheus 3') ?? engine('prometheus 2'),
    LOCKSTEP_PROMTOOL: engine('promtool 3') ?? engine('promtool 2'),
  };
  const child = spawn(process.execPath, [join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'preview', ...args], {
    cwd,
    env,
  });
  return new Promise((done, fail) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0];
      if (url !== undefined) done({ url, stop: () => child.kill('SIGTERM') });
    });
    child.once('close', () => fail(new Error(`preview ended: ${said}`)));
  });
}

/** Milliseconds to the first paint and to the last panel of a new page. @param {string} url */
async function paint(url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const began = performance.now();
  await page.goto(url);
  if (url.startsWith('http')) await page.waitForSelector('html[data-drawn]');
  const drawn = performance.now() - began;
  // An entry of the first paint is there shortly after it.
  await page.waitForTimeout(150);
  const first = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0");
  await page.close();
  return { first: Number(first), drawn };
}

/** @param {string} url */
async function paints(url) {
  const all = [];
  for (let round = 0; round <= ROUNDS; round++) all.push(await paint(url));
  const counted = all.slice(1);
  return { first: median(counted.map((each) => each.first)), drawn: median(counted.map((each) => each.drawn)) };
}

/** Milliseconds from the end of a save to the page that shows it. @param {string} url @param {string} file */
async function saves(url, file) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  await page.waitForSelector('html[data-drawn]');
  const text = readFileSync(file, 'utf8');
  const times = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const title = `People waiting ${round}`;
    writeFileSync(file, text.replace('People waiting, by till', title));
    const began = performance.now();
    await page.waitForSelector(`[data-panel="${title}"]`, { state: 'attached' });
    times.push(performance.now() - began);
    await page.waitForTimeout(300);
  }
  await page.close();
  return median(times.slice(1));
}

try {
  const empty = join(folder, 'empty.html');
  writeFileSync(empty, '<!doctype html><title>empty</title><p>nothing');
  const nothing = await paints(`file://${empty}`);
  const fab = await preview(['--demo'], root);
  const board = await paints(fab.url);
  fab.stop();
  printRows([
    [`median of ${ROUNDS}`, 'first paint, ms', 'last panel, ms', 'first paint, x an empty page'],
    ['an empty page', nothing.first.toFixed(0), nothing.drawn.toFixed(0), '1.00'],
    [
      "fab's board, over a month",
      board.first.toFixed(0),
      board.drawn.toFixed(0),
      (board.first / nothing.first).toFixed(2),
    ],
  ]);
  const rows = [['boards (test/shop, renamed)', 'first paint, ms', 'save to redraw, ms', 'x one board']];
  let one = 0;
  for (const count of [1, 10, 100]) {
    const at = join(folder, String(count));
    writeSystems(root, at, count);
    const { url, stop } = await preview([], at);
    const { first } = await paints(url);
    const saved = await saves(url, join(at, 's0', 'dashboard.ts'));
    stop();
    if (count === 1) one = saved;
    rows.push([String(count), first.toFixed(0), saved.toFixed(0), (saved / one).toFixed(2)]);
  }
  console.log('');
  printRows(rows);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
