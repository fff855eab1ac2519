import { describe, expect, it } from 'vitest';
import { builtIn } from '../../src/lockstep/compat/built.js';
import type { Places } from '../../src/lockstep/compat/places.js';
import { comparePlaces, placesIn } from '../../src/lockstep/compat/places.js';
import type { Config } from '../../src/lockstep/config/config.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import config from '../shop/lockstep.config.js';

// Where the built resources go, before and after a change of the target.

function placesOf(change: Partial<Config['target']>) {
  const { files } = planFiles({ ...config, target: { ...config.target, ...change } });
  return files.flatMap(({ text }) => builtIn(text, config.source).flatMap(placesIn));
}
const before = placesOf({});
const compare = (change: Partial<Config['target']>) =>
  comparePlaces(before, placesOf(change)).map(({ rule, level, found }) => [rule, level, found.split(',')[0]]);

describe('the places of what is built', () => {
  it('are read from boards and alert groups, and from nothing else', () => {
    expect(before.map(({ resource }) => resource)).toEqual(['GrafanaAlertRuleGroup shop-slo', 'GrafanaDashboard shop']);
    expect(before.map(({ datasources }) => datasources)).toEqual(['managed-prometheus', 'managed-prometheus']);
    expect(before.map(({ runbooks }) => runbooks)).toEqual(['https://example.org/runbooks', '']);
    const text = planFiles(config).files.find(({ path }) => path.startsWith('alerts'))?.text ?? '';
    expect(builtIn(text, 'somebody/else').flatMap(placesIn)).toEqual([]);
    expect(builtIn(`${text}\n  - : :`, config.source).flatMap(placesIn)).toEqual([]);
    expect(builtIn('', config.source).flatMap(placesIn)).toEqual([]);
  });

  it('are told once for all resources', () => {
    expect(compare({})).toEqual([]);
    expect(compare({ datasource: 'thanos' })).toEqual([['diff/datasource', 'error', 'datasource thanos']]);
    expect(compare({ alertFolder: 'pages' })).toEqual([['diff/moved', 'error', 'folder pages']]);
    // The cluster lets a board move.
    expect(compare({ folder: 'boards' })).toEqual([['diff/moved', 'note', 'folder boards']]);
    expect(compare({ instanceSelector: { dashboards: 'internal' } }).map(([rule]) => rule)).toEqual(['diff/moved']);
    expect(compare({ runbooks: 'https://example.org/books' })).toEqual([
      ['diff/runbooks', 'error', 'runbooks https://example.org/books'],
    ]);
  });

  it('tell of a resource with another name for the same board or group', () => {
    const called = (from: string, to: string) =>
      before.map((place) => ({ ...place, resource: place.resource.replace(from, to) }));
    const told = (after: readonly Places[]) =>
      comparePlaces(before, after).map(({ rule, level, breaks }) => [rule, level, ...breaks]);
    expect(told(called('Dashboard shop', 'Dashboard store'))).toEqual([
      ['diff/renamed-resource', 'error', 'GrafanaDashboard shop'],
    ]);
    expect(told(called('Group shop-slo', 'Group store-slo'))).toEqual([
      ['diff/renamed-resource', 'error', 'GrafanaAlertRuleGroup shop-slo'],
    ]);
    // Of another uid it is another board, and beside the old one a copy: `emit/same-uid` refuses that.
    expect(told(called('Dashboard shop', 'Dashboard store').map((each) => ({ ...each, identity: 'x' })))).toEqual([]);
    expect(told([...before, ...called('Dashboard shop', 'Dashboard store')])).toEqual([]);
  });

  it('are not compared for a resource that is new, or gone', () => {
    expect(comparePlaces([], before)).toEqual([]);
    expect(comparePlaces(before, [])).toEqual([]);
  });
});
