import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import type { GrafanaVersion } from '../../src/lockstep/grafana/index.js';
import { GRAFANA_VERSIONS } from '../../src/lockstep/grafana/index.js';
import shopConfig from '../shop/lockstep.config.js';

// All that a version of Grafana decides is in one file for each, and the target chooses it.

function built(grafana: GrafanaVersion) {
  const { files, problems } = planFiles({ ...shopConfig, target: { ...shopConfig.target, grafana } });
  expect(problems).toEqual([]);
  const { text = '' } = files.find(({ path }) => path === 'boards/shop.yaml') ?? {};
  const resource = parse(text) as { spec: { json: string } };
  return { text, model: JSON.parse(resource.spec.json) as Record<string, unknown> };
}

/** Every field of a model that is not in another, with its path. */
function more(a: unknown, b: unknown, path = ''): readonly string[] {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return [];
  return Object.entries(a).flatMap(([key, value]) =>
    Object.hasOwn(b, key)
      ? more(value, (b as Record<string, unknown>)[key], `${path}.${key}`)
      : [`${path}.${key}`.replace(/\d+/g, 'N')],
  );
}

describe('a version of Grafana', () => {
  it('12.4 gets its own board', async () => {
    await expect(built('12.4').text).toMatchFileSnapshot('../golden/shop-12.4/boards/shop.yaml');
  });

  it('has its own schema, and fields that an older one does not have', () => {
    const [old, now] = [built('10.4').model, built('12.4').model];
    expect([old['schemaVersion'], now['schemaVersion']]).toEqual([39, 42]);
    expect(more(old, now)).toEqual([]);
    expect([...new Set(more(now, old))].sort()).toEqual([
      '.panels.N.options.percentChangeColorMode',
      '.templating.list.N.allowCustomValue',
    ]);
  });

  it('that is not known is refused, with those that are', () => {
    const target = { ...shopConfig.target, grafana: '9.5' as GrafanaVersion };
    const [problem] = planFiles({ ...shopConfig, target }).problems;
    expect(problem).toMatchObject({ code: 'config/grafana', allowed: Object.keys(GRAFANA_VERSIONS).join(', ') });
  });
});
