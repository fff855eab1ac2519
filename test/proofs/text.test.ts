import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { printExpression } from '../../src/lockstep/promql/print.js';
import { promql } from '../../src/lockstep/promql/text.js';
import { EXPRESSIONS, fleet } from '../promql/fleet.js';
import { temporaryFolder } from '../temporary.js';

// What is printed of a text, scope and all, is PromQL to the promtools of two generations.

const engines = inject('engines');
const catalogue = fleet as unknown as Catalogue;

describe.each(['promtool 2', 'promtool 3'] as const)('on a %s', (name) => {
  const promtool = engines[name];
  if (promtool === undefined) return;
  it('every expression of a fleet is PromQL, in its scope', () => {
    const rules = EXPRESSIONS.map((text, index) => ({
      record: `x:${index}`,
      expr: printExpression(promql(catalogue, text)),
    }));
    for (const { expr } of rules)
      if (/[a-z]_/.test(expr)) expect.soft(expr).toMatch(/namespace=~"platform\|monitoring"|^\w+\(\)/);
    const file = join(temporaryFolder(), 'rules.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'fleet', rules }] }));
    expect(execFileSync(promtool, ['check', 'rules', '--lint=none', file], { encoding: 'utf8' })).toContain(
      `SUCCESS: ${EXPRESSIONS.length} rules found`,
    );
  });
});
