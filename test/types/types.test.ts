import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const fixtures = join(root, 'test', 'types', 'fixtures');
const MARK = /^\s*\/\/ refused: (.+)$/;

/** What the compiler says about a project. */
function compile(project: string, ...options: readonly string[]): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', project, '--pretty', 'false', ...options],
    {
      encoding: 'utf8',
      cwd: fixtures,
    },
  );
  return stdout + stderr;
}

/** Messages by `file:line`, each with the chain that explains it. */
function diagnostics(output: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let key = '';
  for (const line of output.split('\n')) {
    const start = /^([\w./-]+)\((\d+),\d+\): (error .*)$/.exec(line);
    if (start !== null) key = `${start[1]}:${start[2]}`;
    if (key !== '') found.set(key, `${found.get(key) ?? ''}${start?.[3] ?? line}\n`);
  }
  return found;
}

const found = diagnostics(compile('.'));

describe.each(readdirSync(fixtures).filter((name) => name.endsWith('.ts')))('%s', (name) => {
  const lines = readFileSync(join(fixtures, name), 'utf8').split('\n');
  const promises = lines.flatMap((line, index) => {
    const message = MARK.exec(line)?.[1];
    return message === undefined ? [] : [{ message, line: index + 2, code: lines[index + 1]?.trim() ?? '' }];
  });

  it.each(promises)('refuses $code', ({ message, line }) => {
    expect(found.get(`${name}:${line}`) ?? 'compiles').toContain(message);
  });

  it('compiles everything else', () => {
    const promised = new Set(promises.map(({ line }) => `${name}:${line}`));
    const others = [...found].filter(([key]) => key.startsWith(`${name}:`) && !promised.has(key));
    expect(others).toEqual([]);
  });
});

describe('a large catalogue', () => {
  /** As many metrics as asked for, each queried once in the ways that boards use. */
  function program(count: number): string {
    const metrics = Array.from(
      { length: count },
      (_, index) =>
        `    m${index}: counter({ name: 'big_m${index}_total', help: 'M.', unit: '{m}', labels: [role, phase, result] }),`,
    );
    const uses = Array.from(
      { length: count },
      (_, index) =>
        `export const q${index} = query(ratio(rate(select(big.metrics.m${index}, { result: 'fail', phase: 'p1' }), '5m', ['phase']), rate(big.metrics.m${index}, '5m', ['phase'])), '{{phase}}');`,
    );
    return [
      "import { counter, decidedLabel, defineCatalogue, label } from 'lockstep/catalogue';",
      "import { query } from 'lockstep/dashboard';",
      "import { rate, ratio, select } from 'lockstep/promql';",
      `const role = label('role', { help: 'r', values: [${Array.from({ length: 80 }, (_, index) => `'r${index}'`).join(', ')}] });`,
      `const phase = decidedLabel('phase', { help: 'p', values: ['p1', 'p2'], decidedBy: role, valueOf: { ${Array.from({ length: 80 }, (_, index) => `r${index}: 'p1'`).join(', ')} } as const });`,
      "const result = label('result', { help: 'r', values: ['pass', 'fail'] });",
      `export const big = defineCatalogue({\n  name: 'big',\n  metrics: {\n${metrics.join('\n')}\n  },\n});`,
      ...uses,
    ].join('\n');
  }

  function instantiations(count: number): number {
    const folder = mkdtempSync(join(root, 'test', 'types', '.large-'));
    try {
      writeFileSync(join(folder, 'large.ts'), program(count));
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ extends: '../fixtures/tsconfig.json', include: ['large.ts'] }),
      );
      const output = compile(folder, '--extendedDiagnostics');
      expect(output).not.toContain('error TS');
      return Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('costs the compiler the same for each metric: 300 are ten times 30, and no more', () => {
    const [none, few, many] = [instantiations(0), instantiations(30), instantiations(300)];
    const each = (many - none) / 300;
    expect(each).toBeLessThan(1.1 * ((few - none) / 30));
    // An editor checks some ten million instantiations a second; 300 metrics with a query each are to be a small part
    // of that.
    expect(each).toBeLessThan(1500);
  });
});
