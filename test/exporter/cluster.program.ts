// A cluster as `cluster.test.ts` has it run: every worker serves what it has counted, on the same port.
import cluster from 'node:cluster';
import { createExporter } from '../../src/exporter/exporter.js';
import { shop } from '../shop/catalogue.js';

const port = Number(process.argv[2]);
if (cluster.isPrimary) {
  cluster.setupPrimary({ execArgv: ['--import', 'tsx'] });
  for (let worker = 0; worker < 3; worker++) {
    const child = cluster.fork();
    // One after the other, so that it is known who is first.
    await new Promise((done) => child.once('message', done));
  }
  process.stdout.write('ready\n');
  process.once('SIGTERM', () => process.exit());
} else {
  const exporter = createExporter(shop, {
    environment: {},
    transports: ['prometheus'],
    port,
    onError: ({ message }) => process.stdout.write(`${message}\n`),
  });
  const isUp = await exporter.start();
  exporter.record.sales.add({ till: 'north', result: 'paid' }, 10 ** (cluster.worker?.id ?? 0));
  process.stdout.write(`worker ${cluster.worker?.id}: ${isUp}\n`, () => process.send?.('started'));
  process.once('disconnect', () => process.exit());
}
