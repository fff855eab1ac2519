// `npm run bench [-- name ...]`: every bench, or those that are named. Times are of this machine; what is claimed are the ratios.
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';

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
    await import(`./${name}.bench.mjs`);
  }
}
