import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { renderGroups } from '../../src/lockstep/existing/render.js';
import { importDefinitions } from '../../src/lockstep/import/definitions.js';
import { readSources } from '../../src/lockstep/import/sources.js';
import { temporaryFolder } from '../temporary.js';

// Rules that stood already, built again with a scope in every selector: a real promtool reads them, and the alert fires
// as it did.

const engines = inject('engines');
const promtool = engines['promtool 3'] ?? engines['promtool 2'];

const RULES = `groups:
  - name: pay
    interval: 1m
    rules:
      - record: shop:payments:rate5m
        expr: |
          # By shop: a comment with a { bracket
          sum by (shop) ( # and one within
            rate(payments_total{state!="test"}[5m])
          )
      - alert: NoPayments
        expr: sum by (shop) (increase(payments_total[10m])) == 0
        for: 5m
        labels: { severity: critical }
        annotations: { summary: 'none at {{ $labels.shop }}' }
`;

function run(folder: string, ...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(promtool ?? 'promtool', words, { cwd: folder }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

it('keeps rules readable and true with a scope in each selector', { timeout: 60_000 }, async () => {
  expect(promtool).toBeDefined();
  const { rules, accounts } = importDefinitions(readSources(RULES, 'pay.yaml'), {
    name: 'pay',
    scope: { job: 'pay' },
    datasource: 'prometheus',
    exposed: undefined,
  });
  expect(accounts).toMatchObject([{ total: 2, kept: 2, told: 0, lost: 0 }]);
  const [imported] = rules;
  if (imported === undefined) throw new Error('no rules');
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups: renderGroups(imported.rules) }));
  const series = (job: string, values: string) => ({ series: `payments_total{job="${job}", shop="eu"}`, values });
  writeFileSync(
    join(folder, 'test.yaml'),
    stringify({
      rule_files: ['rules.yaml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          // Another job goes on: without the scope nothing would fire.
          input_series: [series('pay', '0x40'), series('other', '0+5x40')],
          alert_rule_test: [
            {
              eval_time: '30m',
              alertname: 'NoPayments',
              exp_alerts: [
                { exp_labels: { severity: 'critical', shop: 'eu' }, exp_annotations: { summary: 'none at eu' } },
              ],
            },
          ],
          promql_expr_test: [
            {
              expr: 'shop:payments:rate5m',
              eval_time: '30m',
              exp_samples: [{ labels: 'shop:payments:rate5m{shop="eu"}', value: 0 }],
            },
          ],
        },
      ],
    }),
  );
  const checked = await run(folder, 'check', 'rules', 'rules.yaml');
  expect(checked.code, checked.output).toBe(0);
  const tested = await run(folder, 'test', 'rules', 'test.yaml');
  expect(tested.code, tested.output).toBe(0);
});
