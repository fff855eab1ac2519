import { resolve } from 'node:path';
import { serveMetrics } from '../exporter/server.js';
import { joinFiles } from '../fab/follow.js';
import { followPerfFile } from '../fab/perf-file.js';
import { followQualityFile } from '../fab/quality-file.js';
import { EXIT, printLine } from './print.js';
import { untilToldToStop } from './signal.js';

export interface ServeOptions {
  readonly perfFile: string;
  readonly qualityFile?: string;
  readonly host: string;
  readonly port: number;
}

/** `lockstep serve`: a sidecar for an unmodified fab. Runs until it is told to stop, by SIGTERM or SIGINT. */
export async function serve(options: ServeOptions): Promise<number> {
  const path = resolve(options.perfFile);
  const { qualityFile } = options;
  const files = joinFiles(
    followPerfFile(path),
    ...(qualityFile === undefined ? [] : [followQualityFile(resolve(qualityFile))]),
  );
  const server = await serveMetrics(files, { host: options.host, port: options.port, keepAlive: true });
  printLine(`serving ${path} at ${server.url}/metrics`);
  await untilToldToStop();
  await server.close();
  return EXIT.fine;
}
