import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { addResources, isListed, readListing } from '../../src/emit/kustomization.js';

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
    ['lines that end as on Windows', 'resources:\r\n  - x.yaml\r\n', 'resources:\r\n  - x.yaml\r\n  - a/b.yaml\r\n'],
  ])('with %s gets the line', (_, before, after) => {
    expect(addResources(before, ['a/b.yaml'])).toBe(after);
  });

  it.each([
    ['a list', '- x.yaml\n', 'it is no mapping'],
    ['a text', 'resources: x.yaml\n', 'its resources are no list'],
    ['an alias', 'a: &a [x.yaml]\nresources: *a\n', 'its resources are no list'],
    ['maps', 'resources:\n  - x: y\n', 'its resources are not all texts'],
    ['no YAML', 'resources: [\n', 'line 2: Flow sequence in block collection'],
    ['a key twice', 'resources: []\nresources: []\n', 'line 2: Map keys must be unique at line 2, column 1:'],
  ])('that is %s is told and not touched', (_, text, problem) => {
    expect(readListing(text).problem).toContain(problem);
    expect(() => addResources(text, ['a.yaml'])).toThrow(problem);
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
        },
      ),
    );
  });
});
