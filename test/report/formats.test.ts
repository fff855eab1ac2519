import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/lockstep/report/finding.js';
import { toAnnotations } from '../../src/lockstep/report/github.js';
import { toJunit } from '../../src/lockstep/report/junit.js';
import { toSarif } from '../../src/lockstep/report/sarif.js';
import { temporaryFolder } from '../temporary.js';

// One shape for what every command finds, and one set of formats that every command has.

const root = join(import.meta.dirname, '..', '..');
const cli = join(root, 'src', 'lockstep', 'dist', 'cli.js');
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(join(root, 'docs', 'report.schema.json'), 'utf8')),
);

function run(cwd: string, ...words: string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [cli, ...words], { cwd, maxBuffer: 1e8 }, (error, stdout) =>
      done({ code: error === null ? 0 : Number(error.code), stdout }),
    );
  });
}

function shop(): string {
  const folder = temporaryFolder({}, afterAll);
  cpSync(join(root, 'test', 'shop'), folder, { recursive: true });
  return folder;
}

/** A folder in which each command finds something, and one in which the definitions have problems. */
async function folders(): Promise<readonly [fine: string, found: string, wrong: string]> {
  const [fine, found, wrong] = [shop(), shop(), shop()];
  await Promise.all([run(fine, 'build'), run(found, 'build')]);
  writeFileSync(join(found, 'metrics.txt'), '# TYPE shop_sales_total gauge\nshop_sales_total{till="north"} 1\n');
  for (const folder of [fine, found])
    writeFileSync(
      join(folder, 'old.json'),
      JSON.stringify({ panels: [{ type: 'stat', title: 'Old', targets: [{ expr: 'sum(shop_sale_total)' }] }] }),
    );
  const board = join(found, 'out', 'boards', 'shop.yaml');
  writeFileSync(board, readFileSync(board, 'utf8').replace('People waiting, by till', 'People & <others>'));
  const dashboard = join(found, 'dashboard.ts');
  writeFileSync(
    dashboard,
    readFileSync(dashboard, 'utf8').replace("title: 'Wait',", "title: 'Wait', exempt: { 'lint/no-unit': 'a count' },"),
  );
  const catalogue = join(wrong, 'catalogue.ts');
  writeFileSync(catalogue, readFileSync(catalogue, 'utf8').replace("'shop_sales_total'", "'shop_sales'"));
  return [fine, found, wrong];
}

const COMMANDS: readonly (readonly string[])[] = [
  ['build'],
  ['check'],
  ['lint', '--fail-on', 'warning'],
  ['verify', '--metrics', 'metrics.txt'],
  ['prove', '--promtool', './none'],
  ['import', 'metrics', 'metrics.txt', '--report'],
  ['import', 'dashboards', 'old.json', '--metrics', 'metrics.txt', '--report'],
];

describe('every command', () => {
  let all: readonly string[] = [];
  beforeAll(async () => {
    all = await folders();
  });

  it.each(COMMANDS)('%s prints JSON of the schema, whatever it finds', async (...words) => {
    for (const folder of all) {
      const { code, stdout } = await run(folder, ...words, '--format', 'json');
      const envelope = JSON.parse(stdout);
      expect(validate(envelope), JSON.stringify(validate.errors, undefined, 2)).toBe(true);
      expect(envelope.command).toBe(words[0]);
      expect(envelope.ok).toBe(code === 0);
    }
  });

  it.each(COMMANDS)('%s prints SARIF, and JUnit that is XML, with as many findings as JSON', async (...words) => {
    for (const folder of all) {
      const [json, sarif, junit] = await Promise.all(
        ['json', 'sarif', 'junit'].map(async (format) => (await run(folder, ...words, '--format', format)).stdout),
      );
      const { findings } = JSON.parse(json ?? '') as { findings: readonly Finding[] };
      expect(JSON.parse(sarif ?? '').runs[0].results).toHaveLength(findings.length);
      expect(XMLValidator.validate(junit ?? '')).toBe(true);
      const cases = junit?.match(/<testcase /g) ?? [];
      expect(cases).toHaveLength(Math.max(1, findings.length));
    }
  });

  it('finds what was planted, and nothing where nothing was', async () => {
    const [fine, found] = await folders();
    const idsOf = async (folder: string, ...words: string[]) =>
      (JSON.parse((await run(folder, ...words, '--format', 'json')).stdout).findings as Finding[]).map(({ id }) => id);
    expect(await idsOf(fine, 'check')).toEqual([]);
    expect(await idsOf(found, 'check')).toEqual(['check/changed']);
    expect(await idsOf(found, 'lint')).toEqual(['lint/unused-exemption']);
    expect(await idsOf(found, 'verify', '--metrics', 'metrics.txt')).toContain('verify/type');
  });
});

const text = fc.string({ unit: 'binary', maxLength: 40 });
const finding: fc.Arbitrary<Finding> = fc.record(
  {
    id: fc.constantFrom('check/changed', 'lint/no-unit'),
    severity: fc.constantFrom('error', 'warning', 'note'),
    where: text,
    found: text,
    fix: text,
    at: fc.record({ file: text, line: fc.integer({ min: 1, max: 9 }) }),
  },
  { requiredKeys: ['id', 'severity', 'where', 'found'] },
);

describe('any finding', () => {
  it('is one line of a workflow command, and no more commands than findings and one a file', () => {
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 20 }), (findings) => {
        const lines = toAnnotations({ command: 'check', ok: false, findings });
        for (const line of lines) expect(line).toMatch(/^::(error|warning) [^\r\n]*$/);
        expect(lines.length).toBeLessThanOrEqual(findings.filter(({ severity }) => severity !== 'note').length);
      }),
    );
  });

  it('is XML that says what was found, less what XML cannot hold', () => {
    const parser = new XMLParser({
      ignoreAttributes: false,
      parseTagValue: false,
      parseAttributeValue: false,
      trimValues: false,
      isArray: (name) => name === 'testcase',
    });
    fc.assert(
      fc.property(finding, (each) => {
        const xml = toJunit({ command: 'check', ok: false, findings: [each] }, () => true);
        expect(XMLValidator.validate(xml)).toBe(true);
        const [read] = parser.parse(xml).testsuites.testsuite.testcase;
        expect(read['@_classname']).toBe(each.id);
      }),
    );
  });

  it('is JSON of SARIF whose place is a URI', () => {
    fc.assert(
      fc.property(finding, (each) => {
        const [result] = JSON.parse(toSarif({ command: 'lint', ok: false, findings: [each] }, () => undefined)).runs[0]
          .results;
        expect(result.ruleId).toBe(each.id);
        expect(result.locations === undefined).toBe(each.at === undefined);
      }),
    );
  });
});
