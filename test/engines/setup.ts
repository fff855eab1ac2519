import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { ENGINES, ensureEngine } from '../../scripts/engines.mjs';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of each engine that is there, by its name: `prometheus 2`. */
    readonly engines: Readonly<Record<string, string>>;
  }
}

/**
 * Prepares the engines before the tests that need them. What is not to be had is not passed over in silence: one line
 * at the end says what did not run and what would make it; where `CI` is set, that is a failure.
 */
export default async function setup(project: TestProject): Promise<() => void> {
  const engines: Record<string, string> = {};
  const missing: string[] = [];
  for (const engine of ENGINES) {
    const found = await ensureEngine(engine, (line) => process.stderr.write(`${line}\n`));
    if ('path' in found) engines[engine.name] = found.path;
    else missing.push(`${engine.name} (${found.missing})`);
  }
  project.provide('engines', engines);
  const line = `DID NOT RUN: tests on ${missing.join(', ')}. \`npm run engines\` prepares what is missing.`;
  if (
    missing.length > 0 &&
    process.env['CI'] !== undefined &&
    process.env['CI'] !== '' &&
    process.env['CI'] !== 'false'
  )
    throw new Error(line);
  return () => {
    if (missing.length > 0) process.stderr.write(`\n${line}\n`);
  };
}
