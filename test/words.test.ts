import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

// What people read: lines that fit, sentences that begin with who does something, and a README that is true.

const root = join(import.meta.dirname, '..');
const LONGEST = 120;
/** Written by `lockstep docs`. */
const GENERATED = /^docs\/(runbooks\/|metrics\.md)/;

const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesBelow('docs', '.md')].filter(
  (path) => !GENERATED.test(path),
);
const sources = [...filesBelow('src', '.ts'), ...filesBelow('dashboards', '.ts'), ...filesBelow('alerts', '.ts')];

function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !/[\\/]dist([\\/]|$)/.test(entry.parentPath))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** The lines of prose of a page, by their number: no code, no tables. */
function proseOf(path: string): readonly (readonly [number, string])[] {
  let isCode = false;
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      if (line.startsWith('```')) isCode = !isCode;
      return isCode || /^(```| {4}|\||!\[)/.test(line) ? [] : [[index + 1, line] as const];
    });
}

/** The lines of comments of a source, by their number. */
function commentsOf(path: string): readonly (readonly [number, string])[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .map((line, index) => [index + 1, line] as const)
    .filter(([, line]) => /^\s*(\/\/|\/\*\*|\* )/.test(line));
}

describe('prose', () => {
  it.each([
    ...pages.map((path) => [path, proseOf(path)] as const),
    ...sources.map((path) => [path, commentsOf(path)] as const),
  ])('of %s fits into its lines', (_, lines) => {
    expect(lines.filter(([, line]) => line.length > LONGEST && !line.includes('://'))).toEqual([]);
  });

  it.each([
    ...pages.map((path) => [path, proseOf(path)] as const),
    ...sources.map((path) => [path, commentsOf(path)] as const),
  ])('of %s has no sentence that is turned around', (_, lines) => {
    const turned = lines.filter(([, line]) => {
      const text = line.replace(/^\s*(\/\/|\/\*\*|\*)?\s*(@\w+\s+[\w.]+\s+)?/, '');
      // A question may begin so.
      return /(^|[.!?] )(What|Whoever|Of an?|Of the|Of what|Of those) [^?]*$/.test(text) && !isContinued(text);
    });
    expect(turned).toEqual([]);
  });
});

/** Whether a line goes on with a sentence of the line before: it begins in lower case. */
function isContinued(text: string): boolean {
  return /^[a-z`]/.test(text) && !/[.!?] (What|Whoever|Of )/.test(text);
}

it('links to no page from the CHANGELOG, which each package has and the pages one alone', () => {
  expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8').match(/\]\((?!https:)[^)]*\)/g)).toBeNull();
});

describe('the README', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');

  it('has at most 900 words', () => {
    expect(readme.split(/\s+/).length).toBeLessThanOrEqual(900);
  });

  it('shows code that compiles', () => {
    const [, shown = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const fixture = readFileSync(join(root, 'test', 'types', 'fixtures', 'readme.ts'), 'utf8');
    expect(fixture.replace(/^import .*\n/gm, '').trim()).toBe(shown.trim());
  });

  it('leads to pages that are there', () => {
    for (const path of pages)
      for (const [, link = ''] of readFileSync(join(root, path), 'utf8').matchAll(
        /\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g,
      ))
        expect
          .soft(
            () =>
              readdirSync(join(root, path, '..', link, '..')).includes(link.split('/').filter(Boolean).at(-1) ?? '') ||
              (() => {
                throw new Error(`${path}: ${link}`);
              })(),
          )
          .not.toThrow();
  });
});
