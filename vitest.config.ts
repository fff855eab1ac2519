import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const { compilerOptions } = JSON.parse(readFileSync(new URL('./tsconfig.json', import.meta.url), 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};

/** The packages import each other, and definitions import them, by name; in tests a name is its source. */
const alias = Object.entries(compilerOptions.paths).map(([name, [path]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(path, import.meta.url)),
}));

/**
 * How many times as long everything takes here as on a machine that does nothing else. Timeouts only end what hangs:
 * on a busy machine a test that goes on is no fault.
 */
const busy = Math.min(20, Math.max(1, (loadavg()[0] ?? 1) / availableParallelism()));

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/engines/**', 'test/package/**', 'test/proofs/**', 'test/scores/**'],
          // Many of these wait for a program that they have started. Vitest itself would take one worker for two
          // processors: they take 277 s instead of 614.
          maxWorkers: availableParallelism() + 1,
          testTimeout: 240_000 * busy,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 300_000 * busy,
          hookTimeout: 300_000 * busy,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'engines',
          include: ['test/engines/**/*.test.ts', 'test/browser/**/*.test.ts'],
          globalSetup: ['test/engines/setup.ts'],
          testTimeout: 120_000 * busy,
          hookTimeout: 120_000 * busy,
          // Some of these keep time, and start servers and browsers of their own: one after the other.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'proofs',
          include: ['test/proofs/**/*.test.ts'],
          globalSetup: ['test/engines/setup.ts'],
          testTimeout: 600_000 * busy,
          // After all others: it takes every processor there is, and some of those keep time.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'scores',
          include: ['test/scores/**/*.test.ts'],
          globalSetup: ['test/engines/setup.ts'],
          testTimeout: 1_800_000 * busy,
          // One after the other: each takes every processor there is.
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
