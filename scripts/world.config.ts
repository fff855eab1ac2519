import { defineConfig } from 'lockstep/config';
import type { FactoryPace } from 'lockstep-fab';
import { factoryMonth } from 'lockstep-fab';
import config from '../lockstep.config.js';

// The three made-up worlds of docs/preview, by name: WORLD=bad-release lockstep preview --demo --config scripts/world.config.ts --screenshot DIR
const WORLDS: Readonly<Record<string, FactoryPace>> = {
  'quiet-night': { jobs: 30, trouble: 'none', lastHour: 3 },
  'bad-release': { jobs: 100, trouble: 'bad release' },
  'stalled-gate': { jobs: 1000, sessions: 3, trouble: 'stalled gate' },
};

const name = process.env['WORLD'] ?? 'bad-release';
const world = WORLDS[name];
if (world === undefined) throw new Error(`WORLD is ${name}; name one of ${Object.keys(WORLDS).join(', ')}`);

export default defineConfig({
  ...config,
  systems: config.systems.map((system) => ({ ...system, demo: () => factoryMonth(world) })),
});
