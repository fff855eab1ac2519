import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { findDrift, printDrift } from '../../src/lockstep/check/drift.js';
import { addResources, isListed, readListing } from '../../src/lockstep/emit/kustomization.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import shopConfig from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// Whatever lies where a generated file is expected: it is told, by its file and where it can be by its line, and
// nothing falls over.

const { files } = planFiles(shopConfig);
const [file] = files;
if (file === undefined) throw new Error('no file');
const { path } = file;
let tried = 0;
afterAll(() => {
  process.stdout.write(`hostile files: ${tried} tried, every one told\n`);
});

async function drift(text: string | Buffer) {
  tried += 1;
  const folder = temporaryFolder();
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  const [found] = await findDrift(folder, files.slice(0, 1), [], 'lockstep build');
  return found;
}

/** Ten levels of ten aliases each: ten thousand million texts, if they were all made. */
const LAUGHS = [
  'a0: &a0 [lol]',
  ...Array.from(
    { length: 10 },
    (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`,
  ),
].join('\n');

describe('a file that is not what it should be', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['empty', '', /the whole file|spec|kind/],
    ['of other line ends', file.text.replaceAll('\n', '\r\n'), /form only|json|\\r/],
    ['with a byte order mark', `\uFEFF${file.text}`, /form only/],
    ['indented with tabs', file.text.replace('\n  name:', '\n\tname:'), /line \d+: .*[Tt]ab/],
    ['cut off', file.text.slice(0, 4000), /changed|line/],
    ['cut off within a text', file.text.slice(0, file.text.search(/summary: ['"]/) + 20), /line \d+: /],
    ['binary', Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 7919) % 256)), /line \d+|whole file/],
    ['a list', '- a\n- b\n', /whole file/],
    ['an alias of nothing', 'kind: *nobody\n', /alias/i],
    ['an alias of itself', 'a: &a\n  b: *a\n', /./],
    ['aliases of aliases of aliases', LAUGHS, /alias/i],
    ['a key twice', `${file.text}kind: Other\n`, /line \d+: the key "kind" a second time/],
    ['deep', `a: ${'['.repeat(5000)}`, /./],
    ['two documents', `${file.text}---\nkind: Other\n`, /./],
    [
      'of four hundred thousand keys',
      Array.from({ length: 400_000 }, (_, index) => `key${index}: 1`).join('\n'),
      /are read/,
    ],
    ['of a hundred megabytes', Buffer.alloc(100_000_000, 'a: b\n'), /at most \d+ are read/],
    ['of three megabytes', `${file.text}# ${'x'.repeat(3_000_000)}\n`, /form only/],
  ])('%s is told', async (_, text, said) => {
    const found = await drift(text);
    if (found === undefined) throw new Error('no drift');
    expect(found.path).toBe(path);
    expect(printDrift(found)).toMatch(said);
  });

  it('is told whatever was done to it', async () => {
    const at = fc.integer({ min: 0, max: file.text.length - 1 });
    const piece = fc.oneof(
      fc.constantFrom(
        '',
        '\t',
        '\r',
        '\u0000',
        '&a ',
        '*a',
        '!!binary ',
        '{',
        '}',
        '[',
        '- ',
        ': ',
        '"',
        "'",
        '|',
        '>',
        '%',
        '---\n',
        '...\n',
        '<<: ',
        '\uFEFF',
        '\uD800',
      ),
      fc.string({ maxLength: 8 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.integer({ min: 0, max: 40 }), piece), { minLength: 1, maxLength: 4 }),
        async (edits) => {
          let text = file.text;
          for (const [place, length, put] of edits) text = text.slice(0, place) + put + text.slice(place + length);
          const found = await drift(text);
          const written = Buffer.from(text).toString('utf8');
          expect(found === undefined).toBe(written === file.text);
          if (found !== undefined) expect(printDrift(found)).toContain(path);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('a kustomization that is not what it should be', () => {
  it('is told or mended, and never spoiled', () => {
    const line = fc.constantFrom(
      'resources:',
      '  - a.yaml',
      '- b.yaml',
      '  # x',
      'resources: []',
      'resources: [a.yaml',
      ']',
      '\t- c',
      '&x',
      '*x',
      '  - "d.yaml',
      '---',
      'kind: K',
      '  - {a: b}',
      '  -',
      'resources: &r',
      '\r',
      '<<: *x',
      '  - |',
      '    e.yaml',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        tried += 1;
        const text = lines.join('\n');
        const before = readListing(text);
        let after: string;
        try {
          after = addResources(text, ['new/x.yaml']);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        expect(before.problem).toBeUndefined();
        const listing = readListing(after);
        expect(isListed(listing.resources ?? [], 'new/x.yaml')).toBe(true);
        for (const each of before.resources ?? []) expect(listing.resources).toContain(each);
      }),
      { numRuns: 3000 },
    );
  });
});
