import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const rooms = {
  catalogue: 'catalogue',
  promql: 'promql',
  slo: 'slo',
  dashboard: 'panels',
  alerts: 'alerts',
  config: 'config',
  fab: 'fab',
};
const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

/** The definitions import `lockstep/...`; in tests that is the source, elsewhere what was bundled from it. */
const alias = {
  ...Object.fromEntries(Object.entries(rooms).map(([name, room]) => [`lockstep/${name}`, source(`${room}/index.ts`)])),
  'lockstep/exporter': source('entries/exporter.ts'),
};

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: ['test/engines/**', 'test/package/**'],
          testTimeout: 60_000,
        },
      },
      {
        resolve: { alias },
        test: { name: 'package', include: ['test/package/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
      },
      {
        resolve: { alias },
        test: {
          name: 'engines',
          include: ['test/engines/**/*.test.ts'],
          globalSetup: ['test/engines/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
