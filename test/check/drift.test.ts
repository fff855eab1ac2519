import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffResources } from '../../src/lockstep/check/diff.js';
import { diffLines } from '../../src/lockstep/check/diff-lines.js';
import { findDrift, printDrift } from '../../src/lockstep/check/drift.js';
import { markdownHeader } from '../../src/lockstep/emit/header.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import { query } from '../../src/lockstep/panels/index.js';
import { instant, oneOf, select, sum } from '../../src/lockstep/promql/index.js';
import { shop } from '../shop/catalogue.js';
import { dashboard, queuePanel } from '../shop/dashboard.js';
import config from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

const { files } = planFiles(config);
const built = Object.fromEntries(files.map(({ path, text }) => [path, text]));
const board = built['boards/shop.yaml'] ?? '';
const group = built['alerts/shop.yaml'] ?? '';
const [system] = config.systems;
if (system === undefined) throw new Error('no system');

/** Each difference as one line, with the text of the checked-in line that it names. */
function told(checkedIn: string, wanted: string): readonly string[] {
  const lines = checkedIn.split('\n');
  return diffResources(checkedIn, wanted).map(
    ({ where, line, checkedIn: from, built: to }) =>
      `${where}: ${JSON.stringify(from)} -> ${JSON.stringify(to)} @ ${lines[line - 1]?.trim()}`,
  );
}

describe('a difference is told where it is', () => {
  it('in a panel that was changed by hand', () => {
    expect(
      told(
        board.replace('"expr": "sum by (till) (shop_queue_length', '"expr": "sum by (till) (shop_queue_lenght'),
        board,
      ),
    ).toEqual([
      'panel "People waiting, by till" › query "A" › expr: "sum by (till) (shop_queue_lenght{till=~\\"$till\\"})" -> "sum by (till) (shop_queue_length{till=~\\"$till\\"})" @ "expr": "sum by (till) (shop_queue_lenght{till=~\\"$till\\"})",',
    ]);
  });

  it('in a rule that was changed by hand', () => {
    expect(told(group.replace('for: 10m', 'for: 1m'), group)).toEqual([
      'rule "shop-queue-long" › for: "1m" -> "10m" @ for: 1m',
    ]);
    expect(told(group.replace('> bool 14.4)', '> bool 144)'), group)).toHaveLength(1);
    expect(told(group.replace('> bool 14.4)', '> bool 144)'), group)[0]).toMatch(
      /^rule "shop-sales-burn-1h" › query "A" › expr: /,
    );
  });

  it('in an item of a list, at the line of the item', () => {
    expect(told(board.replace('"lastNotNull"', '"first"'), board)[0]).toMatch(
      /\["first"\] -> \["lastNotNull"\] @ "first"$/,
    );
  });

  it('in a field that was added, dropped or renamed', () => {
    expect(told(group.replace('      isPaused: false\n', ''), group)[0]).toMatch(
      /^rule "shop-sales-burn-1h" › isPaused: undefined -> false @ - uid: shop-sales-burn-1h/,
    );
    expect(told(group.replace('  interval: 1m\n', '  interval: 1m\n  editable: true\n'), group)).toEqual([
      'editable: true -> undefined @ editable: true',
    ]);
  });

  it('in a panel, rule or variable that was taken out', () => {
    const without = (text: string, title: string) => {
      const model = JSON.parse(/json: \|\n([\s\S]*)/.exec(text)?.[1] ?? '') as { panels: { title: string }[] };
      model.panels = model.panels.filter((panel) => panel.title !== title);
      return text.replace(
        /json: \|\n[\s\S]*/,
        `json: |\n${JSON.stringify(model, undefined, 2).replace(/^/gm, '    ')}\n`,
      );
    };
    const [difference, ...others] = diffResources(without(board, 'Wait'), board);
    expect(difference).toMatchObject({ where: 'panel "Wait"', checkedIn: undefined });
    expect(others).toEqual([]);
  });

  it('as one of form, where both say the same', () => {
    expect(told(`${board}\n# a note\n`, board)).toEqual([expect.stringMatching(/^form only: /)]);
    expect(told(board.replaceAll('\n', '\r\n'), board)[0]).toMatch(/^form only: /);
    expect(told(`\uFEFF${board}`, board)).toHaveLength(1);
  });

  it('with its line, where the text is no YAML or no JSON', () => {
    expect(() => diffResources(board.replace('kind: GrafanaDashboard', 'kind: [GrafanaDashboard'), board)).toThrow(
      /^line \d+: /,
    );
    expect(() => diffResources(board.replace('"panels": [', '"panels": ['.slice(0, -1)), board)).toThrow(
      /^line \d+: spec.json is no JSON/,
    );
  });

  it('for any change of any one number or text of the alert group', () => {
    const lines = group.split('\n');
    const places = lines.flatMap((line, index) =>
      /: [\w"-].*$/.test(line) && !/^#|kind:|apiVersion:|uid:|refId:/.test(line.trim()) ? [index] : [],
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), (index) => {
        const changed = lines
          .map((line, at) => (at === index ? line.replace(/: .*$/, ': "another"') : line))
          .join('\n');
        const [difference, ...others] = diffResources(changed, group);
        expect(others).toEqual([]);
        expect(difference).toMatchObject({ checkedIn: 'another', line: index + 1 });
      }),
    );
  });
});

describe('drift of a folder', () => {
  it('is none where all is as built', async () => {
    expect(await findDrift(temporaryFolder(built), files, [], 'lockstep build')).toEqual([]);
  });

  it('is told for each file: changed, missing, orphaned, unreadable', async () => {
    const folder = temporaryFolder({ 'boards/shop.yaml': 'kind: [' });
    expect(
      (await findDrift(folder, files, [{ path: 'boards/gone.yaml' }], 'lockstep build')).map(({ status, path }) => [
        status,
        path,
      ]),
    ).toEqual([
      ['missing', 'alerts/shop.yaml'],
      ['unreadable', 'boards/shop.yaml'],
      ['missing', 'rules/shop.yaml'],
      ['orphaned', 'boards/gone.yaml'],
    ]);
  });

  it('is told where a label in a panel has changed since', async () => {
    const changedPanel = {
      ...queuePanel,
      queries: [query(sum(instant(select(shop.metrics.queue, { till: oneOf('north') })), ['till']), '{{till}}')],
    } as const;
    const rows = dashboard.rows.map((row) => ({
      ...row,
      panels: row.panels.map((panel) => (panel === queuePanel ? changedPanel : panel)),
    }));
    const alerts = system.alerts.map((each) => ({
      ...each,
      rules: each.rules.map((one) => (one.panel === queuePanel ? { ...one, panel: changedPanel } : one)),
    }));
    const changed = planFiles({ ...config, systems: [{ ...system, dashboards: [{ ...dashboard, rows }], alerts }] });
    expect(changed.problems).toEqual([]);
    const [drift] = await findDrift(temporaryFolder(built), changed.files, [], 'lockstep build');
    if (drift === undefined) throw new Error('no drift');
    expect(printDrift(drift)).toMatch(
      /^changed {3}boards\/shop\.yaml\n {2}panel "People waiting, by till" › query "A" › expr \(line \d+\)\n/,
    );
  });

  it('is told of a page by its first line that differs', async () => {
    const page = (text: string) => ({ path: 'metrics.md', text: `${markdownHeader('here')}\n${text}` });
    const folder = temporaryFolder({ 'metrics.md': page('one\ntwo, by hand\nthree\n').text });
    const [drift] = await findDrift(folder, [page('one\ntwo\nthree\n')], [], 'lockstep docs');
    if (drift === undefined) throw new Error('no drift');
    expect(printDrift(drift)).toBe(
      [
        'changed   metrics.md',
        '  a line (line 4)',
        '    checked in  "two, by hand"',
        '    built       "two"',
        '  fix: run `lockstep docs` and commit the file, or take the change into the definitions',
      ].join('\n'),
    );
    expect(await findDrift(folder, [page('one\ntwo, by hand\nthree\n')], [], 'lockstep docs')).toEqual([]);
  });

  it('finds the stretch in which two texts differ, whatever they are', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
    fc.assert(
      fc.property(lines, lines, lines, (before, mine, yours) => {
        const [one, other] = [[...before, ...mine].join('\n'), [...before, ...yours].join('\n')];
        const found = diffLines(one, other);
        expect(found.length).toBe(one === other ? 0 : 1);
        for (const { line, checkedIn, built } of found) {
          expect(checkedIn).not.toBe(built);
          if (checkedIn !== undefined) expect(one.split('\n')[line - 1]).toBe(checkedIn);
          if (built !== undefined) expect(other.split('\n')[line - 1]).toBe(built);
        }
      }),
    );
  });

  it('says in one line that panels have moved', async () => {
    const [first, ...rest] = dashboard.rows;
    if (first === undefined) throw new Error('no row');
    const more = { ...queuePanel, title: 'Another' };
    const changed = planFiles({
      ...config,
      systems: [
        { ...system, dashboards: [{ ...dashboard, rows: [{ ...first, panels: [more, ...first.panels] }, ...rest] }] },
      ],
    });
    const drifts = await findDrift(temporaryFolder(built), changed.files, [], 'lockstep build');
    const text = drifts.map(printDrift).join('\n');
    expect(text).toContain('panel "Another"');
    expect(text).toMatch(/\d+ panels with another id or position in the grid/);
    expect(text).not.toContain('gridPos');
  });
});
