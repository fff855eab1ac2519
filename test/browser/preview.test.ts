import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { factoryMonth } from '../../src/fab/demo.js';
import { FLAGS } from '../../src/lockstep/preview/screenshot.js';
import { temporaryFolder } from '../temporary.js';

// The page in a real browser, over a real Prometheus with a month of which everything is known.

const root = join(import.meta.dirname, '..', '..');
const engines = inject('engines');
const browserPath = engines['chromium'];
const prometheus = engines['prometheus 3'] ?? engines['prometheus 2'];
const promtool = engines['promtool 3'] ?? engines['promtool 2'];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Command {
  readonly url: string;
  stop(): Promise<number | null>;
}

const environment = {
  ...process.env,
  LOCKSTEP_PROMETHEUS: prometheus,
  LOCKSTEP_PROMTOOL: promtool,
  LOCKSTEP_CHROMIUM: browserPath,
};

/** Runs `lockstep preview` until it says where it is. */
function startCommand(args: readonly string[], cwd: string): Promise<Command> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'preview', '--port', '0', ...args],
    { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return new Promise((done, fail) => {
    let said = '';
    const read = (text: string) => {
      said += text;
      const url = /http:\/\/127\.0\.0\.1:\d+\/\w+\//.exec(said)?.[0];
      if (url !== undefined)
        done({
          url,
          stop: () => {
            child.kill('SIGTERM');
            return ended;
          },
        });
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    void ended.then((code) => fail(new Error(`preview ended with ${code}: ${said}`)));
  });
}

/** Runs `lockstep preview` to its end. */
function run(args: readonly string[], cwd: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, [join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'preview', ...args], {
    cwd,
    env: environment,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((done) => child.once('close', (code) => done({ code, text })));
}

if (browserPath === undefined || prometheus === undefined || promtool === undefined) {
  // The setup has said so, and has failed if this is CI.
} else {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: browserPath, args: [...FLAGS] });
  });
  afterAll(() => browser.close());

  /** A page, with everything that it asks for and complains of. */
  async function open(url: string, options: { width?: number; colorScheme?: 'dark' | 'light' } = {}) {
    const { width = 1280, colorScheme = 'dark' } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    // Nearly as long as a test may take, for a machine that is busy with something else.
    page.setDefaultTimeout(110_000);
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (each) => requests.push(each.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(url);
    await drawn(page);
    return { page, requests, complaints };
  }
  const drawn = (page: Page) => page.waitForFunction(() => document.documentElement.dataset['drawn'] !== undefined);
  /** Waits until what follows `act` is drawn. */
  async function redrawn(page: Page, act: () => Promise<unknown>): Promise<void> {
    const before = await page.evaluate(() => document.documentElement.dataset['drawn']);
    await act();
    await page.waitForFunction((old) => document.documentElement.dataset['drawn'] !== old, before);
  }
  const panel = (page: Page, title: string) => page.locator(`[data-panel="${title}"]`);
  const value = (page: Page, title: string) => panel(page, title).locator('.value-text').allInnerTexts();

  /** What axe finds, by rule and element. */
  async function violations(page: Page): Promise<readonly string[]> {
    const results = await page.evaluate(
      `${axe}; axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
    );
    const { violations: found } = results as {
      violations: { id: string; nodes: { target: unknown; failureSummary?: string }[] }[];
    };
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary}`),
    );
  }

  /** Opens the closed row, and waits until its panels are drawn. */
  async function openDetails(page: Page): Promise<void> {
    const row = page.locator('h2.row button');
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.click();
    await panel(page, 'Sessions, by group').waitFor();
    await page.waitForFunction(() => !document.body.innerText.includes('Loading …'));
  }

  describe('the preview of a month that is known', () => {
    let command: Command;
    const month = factoryMonth();
    beforeAll(async () => {
      command = await startCommand(['--demo'], root);
    });
    afterAll(async () => {
      expect(await command.stop()).toBe(0);
    });

    it('draws every panel of the board, each line in a colour of its own, and asks nobody but its server', async () => {
      const { page, requests, complaints } = await open(command.url);
      const titles = await page
        .locator('.panel')
        .evaluateAll((all) => all.map((each) => each.getAttribute('data-panel') ?? ''));
      expect(titles.length).toBeGreaterThan(30);
      for (const title of titles) {
        const own = panel(page, title);
        expect
          .soft(await own.locator('.value-text, canvas, tbody tr, .lane-strip span').count(), title)
          .toBeGreaterThan(0);
        expect.soft(await own.locator('.trouble').count(), title).toBe(0);
      }
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(command.url))).toEqual([]);
      const colours = await panel(page, 'Sessions, by phase')
        .locator('.legend .swatch')
        .evaluateAll((all) =>
          all.map((each) =>
            [...((each as HTMLCanvasElement).getContext('2d')?.getImageData(1, 4, 1, 1).data ?? [])].join(),
          ),
        );
      expect(colours.length).toBeGreaterThan(5);
      expect(new Set(colours).size).toBe(colours.length);
      await page.close();
    });

    it('shows on its stat panels what happened', async () => {
      const { page } = await open(command.url);
      const whole = month.truth(30 * 1440);
      const shown = month.truth(6 * 60);
      const percent = (share: number, digits: number) => `${(100 * share).toFixed(digits)}%`;
      expect(await value(page, 'Self-eval SLI, 30d')).toEqual([percent(1 - whole.failed / whole.evaluations, 2)]);
      expect(await value(page, 'Self-eval budget left, 30d')).toEqual([
        percent(1 - whole.failed / whole.evaluations / 0.05, 1),
      ]);
      expect(await value(page, 'Sessions SLI, 30d')).toEqual([percent(whole.completed / whole.sessions, 2)]);
      for (const [title, minutes] of [
        ['Self-eval fast burn, 1h', 60],
        ['Self-eval slow burn, 6h', 360],
      ] as const) {
        const { failed, evaluations } = month.truth(minutes);
        expect(await value(page, title)).toEqual([(failed / evaluations / 0.05).toFixed(2)]);
      }
      expect(await value(page, 'Cost, shown range')).toEqual([`$${shown.cost.toFixed(2)}`]);
      expect(await value(page, 'Sessions, shown range')).toEqual([String(shown.sessions)]);
      await openDetails(page);
      const [input = '', output = ''] = await value(page, 'Tokens in the shown range');
      const million = (text: string) => 1e6 * Number.parseFloat(text);
      expect(Math.abs(million(input) + million(output) - shown.tokens) / shown.tokens).toBeLessThan(0.001);
      expect(await value(page, 'Counters that went down')).toEqual(['0']);
      expect(await value(page, 'Another catalogue')).toEqual(['0']);
      await page.close();
    });

    it('tells the state of a value by more than its colour', async () => {
      const { page } = await open(command.url);
      expect(await panel(page, 'Self-eval SLI, 30d').locator('.value-mark').innerText()).toBe(
        '✕ critical, below 95.00%',
      );
      expect(await panel(page, 'Sessions SLI, 30d').locator('.value-mark').innerText()).toBe('✓ good, from 95.00%');
      await page.close();
    });

    it('filters by its dropdowns, which depend on each other, by the keyboard alone; reloading keeps it', async () => {
      const { page } = await open(command.url);
      const choices = (name: string) => page.locator(`[data-variable="${name}"] label`).allTextContents();
      const all = await choices('phase');
      await page.locator('[data-key="group-summary"]').focus();
      await page.keyboard.press('Enter');
      await page.locator('[data-key="group=factory"]').focus();
      await redrawn(page, () => page.keyboard.press('Space'));
      expect(page.url()).toContain('var-group=factory');
      // The dropdown stays open, with what had the focus.
      expect(await page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['key'])).toBe(
        'group=factory',
      );
      const some = await choices('phase');
      expect(some.length).toBeLessThan(all.length);
      expect(some.map((each) => each.trim())).toContain('build');
      const legend = async () => {
        await openDetails(page);
        return panel(page, 'Sessions, by group').locator('.legend tbody th').allInnerTexts();
      };
      expect((await legend()).map((each) => each.trim())).toEqual(['factory']);
      await page.reload();
      await drawn(page);
      expect(page.url()).toContain('var-group=factory');
      expect((await legend()).map((each) => each.trim())).toEqual(['factory']);
      await redrawn(page, () => page.locator('[data-key="range"]').selectOption('24h'));
      expect(page.url()).toContain('from=now-24h');
      expect(page.url()).toContain('var-group=factory');
      await page.close();
    });

    it('leads from a row of the table to the board of that role alone', async () => {
      const { page } = await open(command.url);
      const table = panel(page, 'The fifteen busiest roles in the shown range');
      const first = table.locator('tbody tr').first().locator('td').first();
      const role = await first.innerText();
      await redrawn(page, () => first.locator('button').click());
      expect(page.url()).toContain(`var-role=${role}`);
      expect(await table.locator('tbody tr').count()).toBe(1);
      await page.close();
    });

    it('says of each panel what it asks and what that costs', async () => {
      const { page } = await open(command.url);
      await panel(page, 'Self-eval SLI, 30d').locator('button').click();
      const dialog = page.locator('dialog');
      const text = await dialog.innerText();
      expect(text).toContain('max_over_time(fab_self_eval_total{result="fail"}[30d])');
      expect(text).toMatch(
        /1 series · [\d,]+ samples read · \d+ ms · at one moment · [\d,]+ samples an hour for each reader, refreshed every 30s/,
      );
      await page.keyboard.press('Escape');
      expect(await dialog.isVisible()).toBe(false);
      await page.close();
    });

    it('says of an empty panel what is missing, in the range that is shown', async () => {
      const { page } = await open(`${command.url}#/d/fab-overview?from=1000000&to=1003600`);
      const why = (title: string) => panel(page, title).locator('.why').innerText();
      expect(await why('Merge-gate runs, by decision')).toBe('no series of fab_merge_gate_runs_total in the last 1 h');
      expect(await panel(page, 'Self-eval SLI, 30d').locator('.value-text').innerText()).toBe('No self-evaluations');
      await page.close();
      // A label value that nothing has: no role ships since the gate has stalled.
      const { page: stalled } = await open(`${command.url}#/d/fab-overview?from=now-3h&var-role=release-manager`);
      expect(await panel(stalled, 'Sessions, by phase').innerText()).toContain('No data');
      await stalled.close();
    });

    it('shows when each alert would have fired, with its runbook', async () => {
      const { page } = await open(`${command.url}#/alerts/fab-slo?from=now-2d`);
      const rule = (title: string) => page.locator(`[data-rule="${title}"]`);
      // Since seven hours the gate sends back and releases nothing; and there was a bad release a day ago.
      expect(await rule('FabMergeGateStalled').locator('.state').innerText()).toBe('✕ firing');
      expect(await rule('FabSelfEvalBurn6h').locator('.spans').innerText()).toMatch(/^It would have fired once: /);
      expect(await rule('FabSelfEvalMissing').locator('.state').innerText()).toBe('✓ inactive');
      expect(await rule('FabSelfEvalBurn6h').locator('.part canvas').count()).toBe(3);
      await rule('FabMergeGateStalled').locator('summary', { hasText: 'Runbook' }).click();
      expect(await rule('FabMergeGateStalled').locator('.markdown').innerText()).toContain(
        'no pull request has been opened for hours',
      );
      await page.close();
    });

    it.each([
      [1280, 'dark'],
      [1280, 'light'],
      [390, 'dark'],
      [390, 'light'],
    ] as const)(
      'has nothing that axe finds, and nothing wider than itself, at %i pixels, %s',
      async (width, colorScheme) => {
        for (const hash of ['#/d/fab-overview', '#/alerts/fab-slo', '#/changes/fab-overview']) {
          const { page } = await open(`${command.url}${hash}`, { width, colorScheme });
          expect.soft(await violations(page), hash).toEqual([]);
          expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), hash).toBeLessThanOrEqual(width);
          await page.close();
        }
      },
    );

    it('answers to its own address only, and passes on what a page asks and nothing else', async () => {
      const { host, port, pathname } = new URL(command.url);
      const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
        new Promise<{ status: number | undefined; policy: unknown }>((done, fail) => {
          request(
            { host: '127.0.0.1', port, path: `${pathname}${path.slice(1)}`, method, headers: { host, ...headers } },
            (answer) => {
              answer.resume();
              done({ status: answer.statusCode, policy: answer.headers['content-security-policy'] });
            },
          )
            .on('error', fail)
            .end();
        });
      const own = await ask('/');
      expect(own.status).toBe(200);
      expect(own.policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
      expect((await ask('/', { host: 'evil.example' })).status).toBe(421);
      expect((await ask('/', { host: `evil.example:${port}` })).status).toBe(421);
      expect((await ask('/api/state', { origin: 'https://evil.example' })).status).toBe(421);
      expect((await ask('/api/state', {}, 'POST')).status).toBe(405);
      expect((await ask('/api/prometheus/query?query=up')).status).toBe(200);
      for (const path of [
        'admin/tsdb/delete_series',
        'status/config',
        '../../-/quit',
        'label/x/values/../../targets',
        'query/../targets',
      ])
        expect.soft([403, 404], path).toContain((await ask(`/api/prometheus/${path}`)).status);
    });

    it('ends, with its demo, where its port is taken', async () => {
      const { code, text } = await run(['--demo', '--port', new URL(command.url).port], root);
      expect([code, text.split('\n')[0]]).toEqual([2, 'error[preview/port] --port']);
    });

    it('leaves nothing where it is told to stop while its demo begins', async () => {
      const folder = temporaryFolder();
      const child = spawn(
        process.execPath,
        [join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'preview', '--demo', '--port', '0'],
        {
          cwd: root,
          env: { ...environment, TMPDIR: folder },
          stdio: 'ignore',
        },
      );
      const ended = once(child, 'close');
      await vi.waitUntil(() => readdirSync(folder).some((name) => name.startsWith('lockstep-demo-')), {
        timeout: 60_000,
      });
      child.kill('SIGTERM');
      // On a machine that stood still for long, it has begun.
      expect([143, 0]).toContain((await ended)[0]);
      expect(readdirSync(folder).filter((name) => name.startsWith('lockstep-demo-'))).toEqual([]);
    });

    it('writes the same as a page that opens without a server, and pictures of it', { timeout: 300_000 }, async () => {
      const folder = temporaryFolder();
      const { code, text } = await run(['--demo', '--static', folder, '--screenshot', folder], root);
      expect([code, text.replaceAll(folder, '').replace(/\d.*/g, '')]).toEqual([
        0,
        [
          'index.html  ',
          'fab-overview-light.png',
          'fab-overview-dark.png',
          'cloudgov-overview-light.png',
          'cloudgov-overview-dark.png',
          'alerts-fab-slo-light.png',
          'alerts-fab-slo-dark.png',
          'alerts-cloudgov-slo-light.png',
          'alerts-cloudgov-slo-dark.png',
          '',
        ]
          .map((each) => (each === '' ? '' : `written    /${each}`))
          .join('\n'),
      ]);
      const { page, requests, complaints } = await open(pathToFileURL(join(folder, 'index.html')).href);
      const whole = month.truth(30 * 1440);
      expect(await value(page, 'Self-eval SLI, 30d')).toEqual([
        `${(100 * (1 - whole.failed / whole.evaluations)).toFixed(2)}%`,
      ]);
      expect(await page.locator('.panel .trouble').count()).toBe(0);
      await redrawn(page, () => page.locator('nav a', { hasText: 'Alerts fab-slo' }).click());
      expect(await page.locator('[data-rule="FabMergeGateStalled"] .state').innerText()).toBe('✕ firing');
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
      expect(requests).toHaveLength(1);
      await page.close();
      for (const name of ['fab-overview-light.png', 'alerts-fab-slo-dark.png']) {
        const png = readFileSync(join(folder, name));
        expect(png.subarray(1, 4).toString()).toBe('PNG');
        expect([png.readUInt32BE(16), png.readUInt32BE(20) > 1500]).toEqual([1280, true]);
      }
    });
  });

  describe('the preview of definitions that are being written', () => {
    it('follows a save, keeps what the reader has chosen, and shows problems over the last good board', async () => {
      const folder = temporaryFolder();
      cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
      const command = await startCommand([], folder);
      const edit = (from: string, to: string) => {
        const file = join(folder, 'dashboard.ts');
        const text = readFileSync(file, 'utf8');
        if (!text.includes(from)) throw new Error(`no ${from}`);
        writeFileSync(file, text.replace(from, to));
      };
      try {
        const { page } = await open(`${command.url}#/d/shop-overview?from=now-1h&var-till=north`);
        expect(await panel(page, 'People waiting, by till').count()).toBe(1);
        await redrawn(page, async () => edit("title: 'People waiting, by till'", "title: 'Whoever waits'"));
        expect(await panel(page, 'Whoever waits').count()).toBe(1);
        expect(page.url()).toContain('from=now-1h&var-till=north');
        // What is checked in is another: nothing is, here.
        expect(await page.locator('nav').innerText()).toContain('Changes (2)');

        await redrawn(page, async () => edit("title: 'Whoever waits'", "title: ''"));
        const problems = page.locator('.problems');
        expect(await problems.innerText()).toContain('dashboard/title');
        // The line of the definition that has it.
        const link = problems.locator('a').first();
        expect(await link.getAttribute('href')).toMatch(/^vscode:\/\/file\/.*dashboard\.ts:\d+:\d+$/);
        expect(await panel(page, 'Whoever waits').count()).toBe(1);
        expect(await violations(page)).toEqual([]);

        await redrawn(page, async () => edit("title: ''", 'title: ('));
        expect(await problems.innerText()).toContain('config/load');
        expect(await link.getAttribute('href')).toMatch(/^vscode:\/\/file\/.*dashboard\.ts:\d+:\d+$/);

        await redrawn(page, async () => edit('title: (', "title: 'Mended'"));
        expect(await problems.count()).toBe(0);
        expect(await panel(page, 'Mended').count()).toBe(1);
        await page.close();
      } finally {
        expect(await command.stop()).toBe(0);
      }
    });

    it('shows what has changed since what is checked in, field by field', async () => {
      const folder = temporaryFolder();
      cpSync(join(root, 'out'), join(folder, 'out'), { recursive: true });
      const file = join(folder, 'out', 'dashboards', 'base', 'platform', 'fab.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('Cost, by phase', 'Cost an hour'));
      const command = await startCommand(['--against', join(folder, 'out')], root);
      try {
        const { page } = await open(`${command.url}#/changes/fab-overview`);
        const row = page.locator('.changes tbody tr').first();
        expect(await row.innerText()).toMatch(/panel "Cost, by phase" › title\s+Cost an hour\s+Cost, by phase/);
        expect(await page.locator('[aria-label="As checked in"] [data-panel="Cost an hour"]').count()).toBe(1);
        expect(await page.locator('[aria-label="As it would be built"] .is-changed').count()).toBe(1);
        await page.close();
      } finally {
        expect(await command.stop()).toBe(0);
      }
    });

    it('compares with what is checked in at a commit', async () => {
      const folder = temporaryFolder();
      cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
      const shell = (program: string, ...args: readonly string[]) => execFileSync(program, args, { cwd: folder });
      shell(process.execPath, join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'build');
      shell('git', 'init', '-q');
      shell('git', 'add', '-A');
      shell('git', '-c', 'user.name=shop', '-c', 'user.email=shop@localhost', 'commit', '-q', '-m', 'one');
      const definition = join(folder, 'dashboard.ts');
      writeFileSync(definition, readFileSync(definition, 'utf8').replace('People waiting, by till', 'Whoever waits'));
      shell(process.execPath, join(root, 'src', 'lockstep', 'dist', 'cli.js'), 'build');
      const refused = await run(['--ref', 'nowhere'], folder);
      expect([refused.code, refused.text.split('\n')[0]]).toEqual([2, 'error[preview/usage] --ref']);
      const command = await startCommand(['--ref', 'HEAD'], folder);
      try {
        const { page } = await open(`${command.url}#/changes/shop-overview`);
        expect(await page.locator('.changes').first().innerText()).toContain('compared with out at HEAD');
        expect(await page.locator('.changes tbody').first().innerText()).toMatch(
          /People waiting, by till\s+Whoever waits/,
        );
        await page.close();
      } finally {
        expect(await command.stop()).toBe(0);
      }
    });
  });
}
