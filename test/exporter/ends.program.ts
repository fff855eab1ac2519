// A program that records, as `ends.test.ts` has it run, and ends as it is told: by the source, so that nothing need be
// bundled before.
import { createFabExporter } from '../../src/fab/program.js';

const [way = 'normal', metrics = 'with'] = process.argv.slice(2);
if (metrics !== 'without') {
  const exporter = createFabExporter();
  await exporter.start();
  if (metrics === 'with') exporter.flushOnExit();
  exporter.recordSession({ role: 'pr-reviewer', tokens: { input: 41_597 } });
}
switch (way) {
  case 'exit':
    process.stdout.write('ready\n');
    process.exit(3);
    break;
  case 'abort':
    process.abort();
    break;
  case 'throw':
    setTimeout(() => {
      throw new Error('thrown');
    }, 10);
    break;
  case 'reject':
    void Promise.reject(new Error('rejected'));
    break;
  case 'own':
    process.on('SIGTERM', () => process.exit(7));
    setInterval(() => {}, 1000);
    process.stdout.write('ready\n');
    break;
  case 'signal':
    setInterval(() => {}, 1000);
    process.stdout.write('ready\n');
}
