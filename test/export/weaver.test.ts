import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import fabConfig from '../../lockstep.config.js';
import type { Catalogue } from '../../src/exporter/catalogue/index.js';
import { defineCatalogue, gauge, histogram, label, openLabel } from '../../src/exporter/catalogue/index.js';
import { weaverRegistry } from '../../src/lockstep/export/weaver.js';
import checkoutConfig from '../checkout/lockstep.config.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// The catalogue as a registry of OpenTelemetry Weaver. The program is not to be had here; its own schema of
// definition/2 was asked by hand, and this is what that says of attributes and metrics.

const text = { type: 'string' };
const stability = { enum: ['stable', 'development', 'alpha', 'beta', 'release_candidate'] };
const object = (required: readonly string[], properties: object) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const validate = new Ajv({ allErrors: true }).compile(
  object(['file_format', 'attributes', 'metrics'], {
    file_format: { const: 'definition/2' },
    attributes: {
      type: 'array',
      items: object(['key', 'type', 'brief', 'stability'], {
        key: text,
        brief: text,
        note: text,
        stability,
        type: {
          oneOf: [
            { const: 'string' },
            object(['members'], {
              members: {
                type: 'array',
                items: object(['id'], { id: text, value: text, brief: text, stability }),
              },
            }),
          ],
        },
      }),
    },
    metrics: {
      type: 'array',
      items: object(['name', 'instrument', 'unit', 'brief', 'stability'], {
        name: text,
        instrument: { enum: ['counter', 'gauge', 'histogram', 'updowncounter'] },
        unit: text,
        brief: text,
        stability,
        annotations: { type: 'object' },
        attributes: { type: 'array', items: object(['ref'], { ref: text, requirement_level: { const: 'required' } }) },
        deprecated: {
          oneOf: [
            object(['reason', 'renamed_to'], { reason: { const: 'renamed' }, renamed_to: text, note: text }),
            object(['reason', 'note'], { reason: { const: 'obsoleted' }, note: text }),
          ],
        },
      }),
    },
  }),
);

const URL = 'https://example.org/schemas/1.0.0';
const registry = (...catalogues: readonly Catalogue[]) =>
  weaverRegistry(catalogues, URL).map(({ path, text: yaml }) => [path, parse(yaml) as Registry] as const);
interface Registry {
  readonly schema_url: string;
  readonly attributes: readonly { readonly key: string; readonly type: unknown; readonly note?: string }[];
  readonly metrics: readonly { readonly name: string; readonly attributes: readonly { readonly ref: string }[] }[];
}
const anyOf = (catalogue: object) => catalogue as Catalogue;

describe('a Weaver registry', () => {
  const all = [fabConfig, shopConfig, checkoutConfig].flatMap(({ systems }) => systems.map((each) => each.catalogue));

  it('is of its schema, and defines each attribute that a metric refers to, once', () => {
    const [[name, manifest], ...files] = registry(...all) as [readonly [string, Registry], ...[string, Registry][]];
    expect([name, manifest.schema_url]).toEqual(['manifest.yaml', URL]);
    for (const [path, file] of files) expect(validate(file), `${path} ${JSON.stringify(validate.errors)}`).toBe(true);
    const keys = files.flatMap(([, { attributes }]) => attributes.map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    const refs = files.flatMap(([, { metrics }]) => metrics.flatMap((each) => each.attributes.map(({ ref }) => ref)));
    expect(refs.filter((ref) => !keys.includes(ref))).toEqual([]);
    expect(files.map(([path]) => path)).toEqual(['fab.yaml', 'cloudgov.yaml', 'shop.yaml', 'checkout.yaml']);
  });

  it('leaves out what scraping adds', () => {
    const keys = registry(...checkoutConfig.systems.map((each) => each.catalogue))[1]?.[1].attributes;
    expect(keys?.map(({ key }) => key)).toEqual(['code', 'route']);
  });

  it('says what a metric was called, until when it is there, its buckets and its values', () => {
    const state = label('state', { help: 'the state', values: ['a b', 'a-b', 'c'] });
    const queue = openLabel('queue', { help: 'the queue', atMost: 9 });
    const one = defineCatalogue({
      name: 'one',
      metrics: {
        wait: histogram({
          name: 'one_wait_seconds',
          help: 'Wait.',
          unit: 'seconds',
          labels: [state],
          bounds: [1, 5],
          renamedFrom: { name: 'one_waited_seconds', until: '2027-03-01' },
        }),
        depth: gauge({
          name: 'one_depth',
          help: 'Depth.',
          unit: '{job}',
          labels: [queue],
          stability: { deprecatedUntil: '2027-04-01' },
        }),
      },
    });
    const more = label('state', { help: 'the state', values: ['c', 'd'] });
    const two = defineCatalogue({
      name: 'two',
      metrics: {
        depth: gauge({ name: 'two_depth', help: 'Depth.', unit: '{job}', labels: [more], stability: 'alpha' }),
      },
    });
    const [, [, first], [, second]] = registry(anyOf(one), anyOf(two)) as [
      unknown,
      [string, Registry],
      [string, Registry],
    ];
    expect(first).toMatchObject({
      attributes: [
        {
          key: 'state',
          type: {
            members: [
              { id: 'a_b', value: 'a b' },
              { id: 'a_b_2', value: 'a-b' },
              { id: 'c', value: 'c' },
              { id: 'd', value: 'd' },
            ],
          },
        },
        { key: 'queue', type: 'string', note: 'At most 9 values are expected.' },
      ],
      metrics: [
        { name: 'one_wait_seconds', unit: 's', annotations: { lockstep: { bounds: [1, 5] } } },
        { name: 'one_waited_seconds', deprecated: { reason: 'renamed', renamed_to: 'one_wait_seconds' } },
        {
          name: 'one_depth',
          unit: '{job}',
          deprecated: { reason: 'obsoleted', note: 'It may be gone from 2027-04-01 on.' },
        },
      ],
    });
    expect(second).toMatchObject({ attributes: [], metrics: [{ name: 'two_depth', stability: 'alpha' }] });
  });
});

it('lockstep export weaver writes a registry over its own files, and over no other', async () => {
  const folder = temporaryFolder();
  cpSync(join(import.meta.dirname, '..', 'shop'), folder, { recursive: true });
  const run = (...words: readonly string[]) =>
    new Promise<{ code: number; output: string }>((done) => {
      const cli = join(import.meta.dirname, '..', '..', 'src', 'lockstep', 'dist', 'cli.js');
      execFile(process.execPath, [cli, 'export', 'weaver', ...words], { cwd: folder }, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  expect(await run()).toEqual({
    code: 0,
    output: 'written    weaver/manifest.yaml\nwritten    weaver/shop.yaml\n',
  });
  expect((await run()).output).toBe('unchanged  weaver/manifest.yaml\nunchanged  weaver/shop.yaml\n');
  expect(readFileSync(join(folder, 'weaver', 'manifest.yaml'), 'utf8')).toContain('/schemas/0.1.0');
  writeFileSync(join(folder, 'weaver', 'shop.yaml'), 'mine: true\n');
  const refused = await run();
  expect(refused.code).toBe(2);
  expect(refused.output).toContain('error[export/exists] weaver/shop.yaml');
  expect(readFileSync(join(folder, 'weaver', 'shop.yaml'), 'utf8')).toBe('mine: true\n');
  expect((await run('--out', 'other', '--schema-url', 'nowhere')).code).toBe(2);
});
