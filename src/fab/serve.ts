import { resolve } from 'node:path';
import { joinFiles, serveMetrics } from 'lockstep-exporter/files';
import { followPerfFile } from './perf-file.js';
import { followQualityFile } from './quality-file.js';

export interface ServeOptions {
  readonly perfFile: string;
  readonly qualityFile?: string;
  readonly host: string;
  readonly port: number;
}

/**
 * Serves the files of an unmodified fab until the process is told to stop, by SIGTERM or SIGINT.
 *
 * @throws Error if it cannot listen there
 */
export async function serve(options: ServeOptions): Promise<void> {
  const path = resolve(options.perfFile);
  const { qualityFile } = options;
  const files = joinFiles(
    followPerfFile(path),
    ...(qualityFile === undefined ? [] : [followQualityFile(resolve(qualityFile))]),
  );
  const server = await serveMetrics(files, { host: options.host, port: options.port, keepAlive: true });
  process.stdout.write(`serving ${path} at ${server.url}/metrics\n`);
  await new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
  await server.close();
}
