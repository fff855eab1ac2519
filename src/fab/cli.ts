#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { describeError } from 'lockstep-exporter';
import { VERSION } from 'lockstep-exporter/catalogue';
import type { ServeOptions } from './serve.js';
import { serve } from './serve.js';

const program = new Command('lockstep-fab')
  .description("Serves fab's files for scraping.\nExit codes: 0 told to stop, 2 bad usage or input.")
  .version(VERSION)
  .showHelpAfterError('(run with --help for usage)')
  .exitOverride();

const command = program
  .command('serve')
  .description("serve an unmodified fab's .fab-perf.json for scraping, as a sidecar: GET /metrics and /healthz")
  .requiredOption('--perf-file <file>', 'the file that fab writes; it may be missing until the first session ends')
  .option('--quality-file <file>', "the file to which fab's merge gate appends its runs (~/.fab/quality.jsonl)")
  .option('--host <host>', 'the address to listen on', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 takes a free one', toPort, 9464)
  .action(async (options: ServeOptions) => {
    await serve(options);
  });

// The last of two would count, and nobody would be told of the first.
for (const option of command.options) {
  let given = 0;
  command.on(`option:${option.name()}`, () => {
    given += 1;
    if (given > 1) command.error(`error: option '${option.flags}' is given twice`);
  });
}

function toPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
  return port;
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`lockstep-fab: ${describeError(error)}\n`);
    process.exitCode = 2;
  }
}
