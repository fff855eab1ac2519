import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Makes of a folder a project that has lockstep, as it stands here, among its packages. */
export function linkPackages(folder: string, root: string): void {
  mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
  for (const [name, to] of [
    ['lockstep', 'src/lockstep'],
    ['lockstep-exporter', 'src/exporter'],
    ['@types/node', 'node_modules/@types/node'],
  ] as const)
    symlinkSync(join(root, to), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
}
