import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addResources, isListed, readListing, removeResources } from '../../src/lockstep/emit/kustomization.js';

const COMMENTED = `# Everything that Argo CD applies.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: grafana-operator   # where the operator is
resources:
  # Platform
  - platform/argo.yaml
  - platform/karpenter.yaml # by hand
  # Alerts: one file per system
  - "alerting/argo.yaml"

  # The end
labels: []
`;

describe('a kustomization', () => {
  it('gets each file after the last of its folder, and stays as it was otherwise', () => {
    expect(addResources(COMMENTED, ['platform/fab.yaml', 'alerting/fab.yaml', 'rules/fab.yaml'])).toBe(
      COMMENTED.replace('# by hand\n', '# by hand\n  - platform/fab.yaml\n').replace(
        '  - "alerting/argo.yaml"\n',
        '  - "alerting/argo.yaml"\n  - alerting/fab.yaml\n  - rules/fab.yaml\n',
      ),
    );
  });

  it.each([
    ['nothing at all', '', 'resources:\n  - a/b.yaml\n'],
    ['no resources', 'kind: Kustomization\n', 'kind: Kustomization\nresources:\n  - a/b.yaml\n'],
    ['no end of its last line', 'resources:\n- x.yaml', 'resources:\n- x.yaml\n- a/b.yaml\n'],
    ['a list in brackets', 'resources: [x.yaml, y.yaml]\n', 'resources: [x.yaml, y.yaml, a/b.yaml]\n'],
    ['an empty list', 'resources: []\nkind: K\n', 'resources: [a/b.yaml]\nkind: K\n'],
    [
      'entries that are all comments',
      'resources:\n  # - x.yaml\nkind: K\n',
      'resources:\n  - a/b.yaml\n  # - x.yaml\nkind: K\n',
    ],
    [
      'a comment before the bracket',
      'resources: [\n  x.yaml, # why\n  # y.yaml\n]\n',
      'resources: [\n  x.yaml, a/b.yaml, # why\n  # y.yaml\n]\n',
    ],
    ['a comma before the bracket', 'resources: [x.yaml,]\n', 'resources: [x.yaml, a/b.yaml,]\n'],
    ['a mark at its end', 'resources:\n  - x.yaml\n---\n', 'resources:\n  - x.yaml\n  - a/b.yaml\n---\n'],
    ['dots at its end', 'kind: K\n...\n', 'kind: K\nresources:\n  - a/b.yaml\n...\n'],
    ['a mark at its beginning', '---\nresources:\n- x.yaml\n', '---\nresources:\n- x.yaml\n- a/b.yaml\n'],
    ['lines that end as on Windows', 'resources:\r\n  - x.yaml\r\n', 'resources:\r\n  - x.yaml\r\n  - a/b.yaml\r\n'],
  ])('with %s gets the line', (_, before, after) => {
    expect(addResources(before, ['a/b.yaml'])).toBe(after);
  });

  it.each([
    ['a list', '- x.yaml\n', 'it is not a mapping'],
    ['a text', 'resources: x.yaml\n', 'its resources are not a list'],
    ['an alias', 'a: &a [x.yaml]\nresources: *a\n', 'its resources are not a list'],
    ['maps', 'resources:\n  - x: y\n', 'its resources are not all texts'],
    ['no YAML', 'resources: [\n', 'line 2: Flow sequence in block collection'],
    ['a key twice', 'resources: []\nresources: []\n', 'line 2: the key "resources" a second time'],
  ])('that is %s is told and not touched', (_, text, problem) => {
    expect(readListing(text).problem).toContain(problem);
    expect(() => addResources(text, ['a.yaml'])).toThrow(problem);
  });

  it.each([
    ['of many', 'resources:\n  - x.yaml\n  - a/b.yaml # why\n  - y.yaml\n', 'resources:\n  - x.yaml\n  - y.yaml\n'],
    ['of one', 'resources:\n  - ./a/b.yaml\nlast: 1\n', 'resources: []\nlast: 1\n'],
    ['of a list in brackets, first', 'resources: [a/b.yaml, y.yaml]\n', 'resources: [y.yaml]\n'],
    ['of a list in brackets, last', 'resources: [y.yaml, a/b.yaml]\n', 'resources: [y.yaml]\n'],
    ['of a list in brackets, alone', 'resources: [a/b.yaml]\n', 'resources: []\n'],
    ['that is not there', 'resources: [y.yaml]\n', 'resources: [y.yaml]\n'],
  ])('loses an entry %s', (_, before, after) => {
    expect(removeResources(before, ['a/b.yaml'])).toBe(after);
  });

  it('of Flux is not one of kustomize', () => {
    const flux = 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec:\n  path: ./boards\n';
    expect(readListing(flux)).toEqual({});
    expect(() => addResources(flux, ['a.yaml'])).toThrow('it is not a kustomization');
  });

  it('knows a path however it is spelled', () => {
    expect(isListed(['./platform/fab.yaml'], 'platform/fab.yaml')).toBe(true);
    expect(isListed(['platform/fab.yml'], 'platform/fab.yaml')).toBe(false);
  });

  it('keeps every line that was there, in order, whatever it is', () => {
    const entry = fc.constantFrom('a/x.yaml', 'b/y.yaml', 'z.yaml', './a/w.yaml');
    const line = fc.oneof(
      entry.map((each) => `  - ${each}`),
      entry.map((each) => `  - '${each}' # why`),
      fc.constantFrom('  # a comment', '', '  #- old.yaml'),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.constantFrom('a/new.yaml', 'b/new.yaml', 'new.yaml'), { minLength: 1, maxLength: 3 }),
        (lines, added) => {
          const hasItems = lines.some((each) => each.startsWith('  - '));
          const before = [
            `kind: K`,
            hasItems ? 'resources:' : 'other: 1',
            ...(hasItems ? lines : []),
            'last: 1',
            '',
          ].join('\n');
          const wanted = [...new Set(added)];
          const after = addResources(before, wanted);
          const parsed = (text: string) => (parse(text) as { resources?: readonly string[] }).resources ?? [];
          expect([...parsed(after)].sort()).toEqual([...parsed(before), ...wanted].sort());
          const rest = after.split('\n');
          for (const each of before.split('\n')) expect(rest.splice(0, rest.indexOf(each) + 1)).toContain(each);
          // And taken out again it is as it was, byte for byte, but for a list that was not there.
          if (hasItems) expect(removeResources(after, wanted)).toBe(before);
        },
      ),
    );
  });
});
