// All benches share this: they run commands as a user would, take turns so that a slow minute hits all alike, and report medians and ratios.
import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {readonly string[]} command  program and words
 * @property {string} cwd
 */

/**
 * Milliseconds of each run, contenders taking turns after one run each that is not counted.
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @returns {ReadonlyMap<string, readonly number[]>}
 */
export function race(contenders, rounds) {
  const times = new Map(contenders.map(({ name }) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round <= rounds; round++)
    for (const { name, command, cwd } of contenders) {
      const [program = '', ...words] = command;
      const began = performance.now();
      const { status, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' });
      const took = performance.now() - began;
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
      if (round > 0) times.get(name)?.push(took);
    }
  return times;
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * Rows with aligned columns, the first to the left and the others to the right.
 * @param {readonly (readonly string[])[]} rows
 */
export function printRows(rows) {
  const widths = rows.reduce(
    (/** @type {number[]} */ most, row) => row.map((cell, column) => Math.max(most[column] ?? 0, cell.length)),
    [],
  );
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
}
