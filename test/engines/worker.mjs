// One process of the factory, as a test has it run: it imports the exporter that is shipped, records what it is told to at the times it is told
// to, and ends. What it is to do comes on stdin; how it exports comes from the environment, as it would in production.
import { text } from 'node:stream/consumers';

/** By its address: the compiler need not follow it into the bundle. */
const shipped = new URL('../../src/fab/dist/exporter.js', import.meta.url).href;
/** @type {typeof import('../../src/fab/program.js')} */
const { createFabExporter, toRole } = await import(shipped);

/** @type {{ steps: readonly import('./processes.js').Step[], endMs: number }} */
const plan = JSON.parse(await text(process.stdin));
const exporter = createFabExporter();
await exporter.start();
const began = performance.now();
const until = (/** @type {number} */ ms) =>
  new Promise((done) => setTimeout(done, Math.max(0, ms - (performance.now() - began))));
for (const { atMs, sessions, gateRuns } of plan.steps) {
  await until(atMs);
  for (const { name, ...session } of sessions) exporter.recordSession({ role: toRole(name), ...session });
  for (const { count, ...run } of gateRuns) for (let index = 0; index < count; index++) exporter.recordGateRun(run);
}
await until(plan.endMs);
const ending = performance.now();
await exporter.shutdown();
process.stdout.write(`${Math.round(performance.now() - ending)}\n`);
