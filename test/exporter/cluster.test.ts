import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { samplesOf } from '../exposition.js';
import { unusedAddress } from './collector.js';

it('one worker of a cluster has the port, the others are refused it, and every scrape is of the one', async () => {
  const url = await unusedAddress();
  const program = join(import.meta.dirname, 'cluster.program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, new URL(url).port]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line === 'ready') break;
    lines.push(line);
  }
  expect(lines.filter((line) => line.startsWith('worker'))).toEqual([
    'worker 1: true',
    'worker 2: false',
    'worker 3: false',
  ]);
  expect(lines.filter((line) => !line.startsWith('worker'))).toEqual([
    expect.stringMatching(/^metrics are not served: .*EADDRINUSE/),
    expect.stringMatching(/^metrics are not served: .*EADDRINUSE/),
  ]);
  const seen = new Set<number | undefined>();
  for (let scrape = 0; scrape < 12; scrape++)
    seen.add(samplesOf(await (await fetch(`${url}/metrics`)).text())['shop_sales_total{till="north",result="paid"}']);
  expect([...seen]).toEqual([0, 10]);
  const ended = new Promise((done) => child.once('close', done));
  child.kill('SIGTERM');
  await ended;
});

it('one worker thread has the port, and the other is refused it', async () => {
  const { port } = new URL(await unusedAddress());
  const source = `
    import('tsx/esm/api').then(async ({ register }) => {
      register();
      const { createExporter } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/exporter/exporter.ts'))});
      const { shop } = await import(${JSON.stringify(join(import.meta.dirname, '../shop/catalogue.ts'))});
      const exporter = createExporter(shop, {
        environment: {}, transports: ['prometheus'], port: ${port}, onError: () => {},
      });
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => {});
      parentPort.postMessage(await exporter.start());
    });`;
  const answers: unknown[] = [];
  for (let thread = 0; thread < 2; thread++) {
    const worker = new Worker(source, { eval: true });
    onTestFinished(async () => void (await worker.terminate()));
    answers.push(await new Promise((done) => worker.once('message', done)));
  }
  expect(answers).toEqual([true, false]);
});
