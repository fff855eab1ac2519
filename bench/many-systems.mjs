// A configuration of many systems: the shop of the tests, again and again under other names.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILES = ['catalogue.ts', 'dashboard.ts', 'alerts.ts'];

/**
 * @param {string} root    of lockstep
 * @param {string} folder  to write to
 * @param {number} count
 */
export function writeSystems(root, folder, count) {
  const shop = join(root, 'test', 'shop');
  mkdirSync(folder, { recursive: true });
  const systems = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const name of systems) {
    mkdirSync(join(folder, name));
    for (const file of FILES) {
      cpSync(join(shop, file), join(folder, name, file));
      writeFileSync(
        join(folder, name, file),
        readFileSync(join(shop, file), 'utf8')
          .replaceAll("'shop", `'${name}`)
          .replaceAll("'Shop", `'${name.toUpperCase()}`),
      );
    }
  }
  const config = readFileSync(join(shop, 'lockstep.config.ts'), 'utf8');
  writeFileSync(
    join(folder, 'lockstep.config.ts'),
    [
      ...systems.flatMap((name) => [
        `import { alerts as ${name}Alerts } from './${name}/alerts.js';`,
        `import { shop as ${name} } from './${name}/catalogue.js';`,
        `import { dashboard as ${name}Board } from './${name}/dashboard.js';`,
      ]),
      config
        .replace(/^import .* from '\.\/.*$/gm, '')
        .replace(
          /systems: .*/,
          `systems: [${systems.map((name) => `{ catalogue: ${name}, dashboards: [${name}Board], alerts: [${name}Alerts] }`).join(', ')}],`,
        ),
    ].join('\n'),
  );
}
