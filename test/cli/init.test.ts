import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runLockstep } from '../run-lockstep.js';
import { linkPackages, temporaryFolder } from '../temporary.js';

// Whatever a process exposes, what `lockstep init` makes of it builds.

async function lockstep(cwd: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await runLockstep(args, cwd);
  return { code, said: `${stdout}${stderr}` };
}

async function buildOf(exposition: string) {
  const folder = temporaryFolder();
  linkPackages(folder);
  writeFileSync(join(folder, 'exposed.txt'), exposition);
  const begun = await lockstep(folder, 'init', '--name', 'api', '--metrics', 'exposed.txt');
  expect(begun.code, `${exposition}\n${begun.said}`).toBe(0);
  const built = await lockstep(folder, 'build');
  expect(built.code, `${exposition}\n${built.said}`).toBe(0);
}

describe('the metrics of a process', () => {
  it('build, with names that the language or the files have, texts in any quotes, and parts that are missing', async () => {
    await buildOf(
      [
        `# HELP default_total Weird \`tick\` \${x} $y "quotes" and 'single' \\\\ back \\n newline`,
        '# TYPE default_total counter',
        'default_total{default="a",select="b",api="c",class="d"} 1',
        ...['class', 'constructor', '__proto__', 'a:b:c', 'api', 'query', 'sum'].flatMap((name) => [
          `# TYPE ${name} gauge`,
          `${name}{${name.replaceAll(':', '_')}="1"} 3`,
        ]),
        '# TYPE no_bounds_seconds histogram',
        'no_bounds_seconds_bucket{le="+Inf"} 1',
        'no_bounds_seconds_sum 1',
        'no_bounds_seconds_count 1',
        '# TYPE x_ratio gauge',
        'x_ratio{a="é\\"\\n"} 0.5',
        '# TYPE lat_milliseconds histogram',
        'lat_milliseconds_bucket{le="1"} 1',
        'lat_milliseconds_bucket{le="+Inf"} 1',
        'lat_milliseconds_sum 1',
        'lat_milliseconds_count 1',
        '',
      ].join('\n'),
    );
  });

  it('build, whatever Grafana would replace in their help', async () => {
    await buildOf('# HELP a $$b $[[d]] [[e]] [$[f]] [[[g]]] $$$\n# TYPE a counter\na 1\n');
  });

  it('build, whatever they are called', async () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,12}$/);
    const text = fc.string({ maxLength: 12 }).map((each) => each.replaceAll(/[\\\n\r"]/g, ''));
    const metric = fc.record({
      name,
      kind: fc.constantFrom('counter', 'gauge', 'untyped'),
      help: text,
      labels: fc.dictionary(
        name.filter((each) => !each.startsWith('__')),
        text,
        { maxKeys: 3, noNullPrototype: true },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(metric, { minLength: 1, maxLength: 6, selector: (each) => each.name }), (all) =>
        buildOf(
          all
            .map(({ name: own, kind, help, labels }) => {
              const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
              return `# HELP ${own} ${help}\n# TYPE ${own} ${kind}\n${own}{${pairs.join(',')}} 1\n`;
            })
            .join(''),
        ),
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });
});
