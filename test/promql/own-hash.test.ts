import { expect, it } from 'vitest';
import { hashCatalogue } from '../../src/exporter/catalogue/index.js';
import type { Vector } from '../../src/lockstep/promql/index.js';
import { instant, noneOf, select, sum } from '../../src/lockstep/promql/index.js';
import { validateExpression } from '../../src/lockstep/promql/rules.js';
import { shop } from '../shop/catalogue.js';

it('compares processes with the hash of the catalogue that it reads, and with no other', () => {
  const hash = hashCatalogue(shop);
  const problems = ({ node }: Vector) =>
    validateExpression(node, 'here', { catalogue: shop, variables: new Map() }).map(({ code }) => code);
  const of = (value: Parameters<typeof select<typeof shop.own.info, object>>[1]) =>
    sum(instant(select(shop.own.info, value)));
  expect(problems(of({ hash }))).toEqual([]);
  expect(problems(of({ hash: noneOf(hash) }))).toEqual([]);
  expect(problems(of({ hash: hash.slice(1) }))).toEqual(['promql/another-catalogue']);
  expect(problems(of({ hash: noneOf(hash, 'of before') }))).toEqual(['promql/another-catalogue']);
  expect(problems(of({ version: '0.0.1' }))).toEqual([]);
});
