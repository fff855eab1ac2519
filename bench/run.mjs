// `npm run bench [-- name ...]`: every bench, or those that are named, each in a process of its own: a bench may
// end its process, and the others still run. Times are of this machine; the ratios are what is claimed.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))
  .sort();
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exitCode = 2;
} else {
  console.log(`Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model.trim()}`);
  for (const name of names.filter((each) => wanted.length === 0 || wanted.includes(each))) {
    console.log(`\n== ${name}`);
    const { status, signal, error } = spawnSync(process.execPath, [join(import.meta.dirname, `${name}.bench.mjs`)], {
      stdio: 'inherit',
    });
    if (status !== 0) {
      console.error(`bench ${name} ended with ${error?.message ?? signal ?? status}`);
      process.exitCode = 1;
    }
  }
}
