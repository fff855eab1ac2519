import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A folder with these files, gone when the test has ended.
 *
 * @param whenFinished the test's own: of tests that run at once, vitest's global one is anybody's
 */
export function temporaryFolder(
  files: Readonly<Record<string, string>> = {},
  whenFinished: (done: () => void) => void = onTestFinished,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
  whenFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeAll(folder, files);
  return folder;
}

export function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Makes the packages, as they are built here, those of a project in a folder. */
export function linkPackages(folder: string): void {
  const src = join(import.meta.dirname, '..', 'src');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(src, 'lockstep'), join(folder, 'node_modules', 'lockstep'));
  symlinkSync(join(src, 'exporter'), join(folder, 'node_modules', 'lockstep-exporter'));
}

/** Every file below a folder, by its path with slashes. */
export function readAll(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1).replaceAll(sep, '/'), readFileSync(path, 'utf8')]),
  );
}
