import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDeclared, NOTHING_DECLARED } from '../../src/lockstep/emit/declared.js';
import { resourcesBeside } from '../../src/lockstep/emit/resources-beside.js';
import { temporaryFolder } from '../temporary.js';

const resource = (kind: string, rest: string) => `apiVersion: grafana.integreatly.org/v1beta1\nkind: ${kind}\n${rest}`;

const declaredIn = (folder: string) => findDeclared(resourcesBeside(folder, []));

describe('what a tree declares', () => {
  it('is read from all of its files and documents', () => {
    const folder = temporaryFolder({
      'folders/all.yaml': `${resource('GrafanaFolder', 'metadata: { name: one }')}\n---\n${resource('GrafanaFolder', 'metadata: { name: two }')}`,
      'grafana.yml': resource('Grafana', 'metadata:\n  name: g\n  labels: { dashboards: external }'),
      'data/a.yaml': resource('GrafanaDatasource', 'spec: { uid: a, datasource: { uid: old } }'),
      'data/b.json': JSON.stringify({ kind: 'GrafanaDatasource', spec: { datasource: { uid: 'b' } } }),
      'other.yaml': resource('GrafanaDashboard', 'metadata: { name: board }'),
    });
    expect(declaredIn(folder)).toEqual({
      folders: ['one', 'two'],
      datasources: ['a', 'b'],
      grafanas: [{ dashboards: 'external' }],
    });
  });

  it('is no data source where one of them leaves its uid to the operator', () => {
    const folder = temporaryFolder({
      'a.yaml': resource('GrafanaDatasource', 'spec: { uid: a }'),
      'b.yaml': resource('GrafanaDatasource', 'spec: { datasource: { name: b } }'),
    });
    expect(declaredIn(folder)).toEqual(NOTHING_DECLARED);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'Grafana'],
    ['a list', '- kind: Grafana'],
    ['broken YAML', 'kind: GrafanaFolder\nmetadata: ['],
    ['a number for a name', resource('GrafanaFolder', 'metadata: { name: 5 }')],
    ['no metadata', resource('GrafanaFolder', 'metadata: text')],
    ['a template', '{{ if x }}\nkind: GrafanaFolder\n{{ end }}'],
  ])('is nothing in %s', (_, text) => {
    expect(declaredIn(temporaryFolder({ 'a.yaml': text }))).toEqual(NOTHING_DECLARED);
  });

  it('is nothing where there is no folder, and does not lead out of it', () => {
    const outside = temporaryFolder({ 'folder.yaml': resource('GrafanaFolder', 'metadata: { name: outside }') });
    const folder = temporaryFolder();
    symlinkSync(join(outside, 'folder.yaml'), join(folder, 'folder.yaml'));
    expect(declaredIn(folder)).toEqual(NOTHING_DECLARED);
    expect(declaredIn(join(folder, 'none'))).toEqual(NOTHING_DECLARED);
  });
});
