import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { validateConfig } from '../../src/lockstep/config/rules.js';
import { findOverlays } from '../../src/lockstep/emit/overlays.js';
import { planFiles } from '../../src/lockstep/emit/plan.js';
import config from '../shop/lockstep.config.js';
import { temporaryFolder } from '../temporary.js';

// Kustomizations that apply another resource than the one that was built.

const { files } = planFiles(config);
const BASE = { resources: files.map(({ path }) => path) };
const OVERLAY = { resources: ['../../base'] };

/** What is found of a tree: our files below `base`, and these beside them. */
function found(tree: Readonly<Record<string, unknown>>) {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : stringify(content));
  }
  const planned = files.map((file) => ({ ...file, path: `base/${file.path}` }));
  const { overlaid, dangling, unread } = findOverlays(folder, planned);
  return [
    ...overlaid.map(
      ({ path, kustomization, by, effect }) =>
        `${path.replace('base/', '')}: ${kustomization.replace('/kustomization.yaml', '')} by ${by}, ${effect}`,
    ),
    ...dangling.map(({ kustomization, entry }) => `${kustomization} lacks ${entry}`),
    ...unread.map((path) => `${path} is not read`),
  ];
}
const board = { kind: 'GrafanaDashboard', metadata: { name: 'shop' } };
const inBase = (more: object, beside: Readonly<Record<string, unknown>> = {}) =>
  found({ 'base/kustomization.yaml': { ...BASE, ...more }, ...beside });
const inOverlay = (more: object, beside: Readonly<Record<string, unknown>> = {}) =>
  found({ 'base/kustomization.yaml': BASE, 'envs/prod/kustomization.yaml': { ...OVERLAY, ...more }, ...beside });

describe('an overlay', () => {
  it.each<[string, () => readonly string[], readonly string[]]>([
    ['that adds nothing', () => inOverlay({}), []],
    [
      'that adds labels, annotations, a namespace and images',
      () =>
        inOverlay({
          namespace: 'observability',
          commonLabels: { team: 'shop' },
          labels: [{ pairs: { env: 'prod' } }],
          commonAnnotations: { a: 'b' },
          images: [{ name: 'x', newTag: '1' }],
        }),
      [],
    ],
    [
      'of other resources',
      () => found({ 'base/kustomization.yaml': BASE, 'x/kustomization.yaml': { namePrefix: 'p-' } }),
      [],
    ],
    [
      'with a patch of another resource',
      () =>
        inOverlay({ patches: [{ patch: stringify({ ...board, metadata: { name: 'bakery' }, spec: { uid: 'x' } }) }] }),
      [],
    ],
    [
      'with a patch in a file',
      () =>
        inOverlay(
          { patches: [{ path: 'resync.yaml' }] },
          { 'envs/prod/resync.yaml': { ...board, spec: { resyncPeriod: '1h', uid: 'other' } } },
        ),
      ['boards/shop.yaml: envs/prod by the patch resync.yaml, it changes spec › resyncPeriod, spec › uid'],
    ],
    [
      'with a patch by a target',
      () =>
        inOverlay({
          patches: [
            {
              target: { group: 'grafana.integreatly.org', kind: 'GrafanaAlertRuleGroup', name: 'shop-.*' },
              patch: stringify([{ op: 'replace', path: '/spec/rules/0/for', value: '1h' }]),
            },
          ],
        }),
      ['alerts/shop.yaml: envs/prod by a patch, it changes spec › rules › 0 › for'],
    ],
    [
      'with a patch by a label',
      () =>
        inOverlay({
          patches: [
            { target: { labelSelector: 'prometheus=main' }, patch: stringify([{ op: 'remove', path: '/spec' }]) },
          ],
        }),
      ['rules/shop.yaml: envs/prod by a patch, it changes spec'],
    ],
    [
      'with a patch that deletes',
      () => inOverlay({ patchesStrategicMerge: [stringify({ ...board, $patch: 'delete' })] }),
      ['boards/shop.yaml: envs/prod by a patch, it deletes the resource'],
    ],
    [
      'with a patch of JSON 6902',
      () =>
        inOverlay(
          { patchesJson6902: [{ target: { kind: 'PrometheusRule', name: 'shop-slo' }, path: 'p.json' }] },
          { 'envs/prod/p.json': JSON.stringify([{ op: 'remove', path: '/spec/groups/0' }]) },
        ),
      ['rules/shop.yaml: envs/prod by the patch p.json, it changes spec › groups › 0'],
    ],
    [
      'with a patch that is not there',
      () => inOverlay({ patches: [{ path: 'gone.yaml', target: { kind: 'GrafanaDashboard', name: 'bakery' } }] }),
      ['envs/prod/kustomization.yaml lacks gone.yaml'],
    ],
    [
      'with a prefix',
      () => inOverlay({ namePrefix: 'prod-' }).slice(0, 1),
      ['alerts/shop.yaml: envs/prod by namePrefix "prod-", it renames shop-slo to prod-shop-slo'],
    ],
    [
      'with a suffix of the base itself',
      () => inBase({ nameSuffix: '-eu' }).slice(0, 1),
      ['alerts/shop.yaml: base by nameSuffix "-eu", it renames shop-slo to shop-slo-eu'],
    ],
    [
      'with a label by which a ruler would choose',
      () => inOverlay({ commonLabels: { prometheus: 'other' } }),
      ['rules/shop.yaml: envs/prod by commonLabels, it changes the label prometheus to "other"'],
    ],
    [
      'with a replacement',
      () =>
        inOverlay({
          replacements: [
            {
              source: { kind: 'ConfigMap', name: 'x', fieldPath: 'data.a' },
              targets: [{ select: { kind: 'GrafanaDashboard' }, fieldPaths: ['spec.instanceSelector'] }],
            },
          ],
        }),
      ['boards/shop.yaml: envs/prod by a replacement, it changes spec.instanceSelector'],
    ],
    [
      'of an overlay',
      () =>
        found({
          'base/kustomization.yaml': BASE,
          'envs/prod/kustomization.yaml': OVERLAY,
          'envs/eu/Kustomization': {
            resources: ['../prod'],
            patches: [{ patch: stringify({ ...board, spec: { uid: 'x' } }) }],
          },
        }),
      ['boards/shop.yaml: envs/eu/Kustomization by a patch, it changes spec › uid'],
    ],
    [
      'of itself',
      () =>
        found({ 'base/kustomization.yaml': { resources: [...BASE.resources, '../base'], namePrefix: 'x-' } }).slice(
          0,
          1,
        ),
      ['alerts/shop.yaml: base by namePrefix "x-", it renames shop-slo to x-shop-slo'],
    ],
    [
      'that is no YAML',
      () => found({ 'base/kustomization.yaml': BASE, 'x/kustomization.yaml': '{' }),
      ['x/kustomization.yaml is not read'],
    ],
  ])('%s', (_, is, expected) => {
    expect(is()).toEqual(expected);
  });
});

describe('a reason for an overlay', () => {
  const problems = (overlays: unknown) =>
    validateConfig({
      ...config,
      target: { ...config.target, house: { overlays: overlays as Record<string, string> } },
    });
  it('is a text for each path', () => {
    expect(problems({ 'a/kustomization.yaml': 'shorter resyncs' })).toEqual([]);
    for (const overlays of [{ 'a/kustomization.yaml': ' ' }, ['a'], 'a', { a: 1 }])
      expect(problems(overlays)).toMatchObject([{ code: 'config/house' }]);
  });
});
