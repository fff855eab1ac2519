import * as sdk from '@grafana/grafana-foundation-sdk/units';
import { describe, expect, it } from 'vitest';
import { saidBy, unitFor } from '../../src/lockstep/panels/unit-meaning.js';
import { isUnit, UNITS } from '../../src/lockstep/panels/units.js';

describe('units', () => {
  it('are those of Grafana, as the SDK lists them', () => {
    expect(UNITS).toEqual([...new Set(Object.values(sdk))]);
  });

  it('that are times, data, money by the catalogue, or rates of things have a meaning, and all of them have an id', () => {
    const families = /^(dt|clock|[nµm]?s$|[mhd]$|(dec)?[kmgtp]?bytes$|[KMGTP]i?(Bs|bits)$|.*(ps|pm)$|k?watt$|percent)/;
    const meant = UNITS.filter(
      (id) => families.test(id) && !/^(flow|rot|con|pressure|p?pm$|G|.*FLOPS|[a-z]?flops)/.test(id),
    );
    expect(meant.filter((id) => typeof saidBy(id) !== 'object')).toEqual([]);
  });

  it('are chosen for what others record', () => {
    const units = ['seconds', '{ms}', '{milliseconds}', 'bytes', 'ratio', 'usd', '{session}', 'celsius', 'volts'];
    expect(units.map(unitFor)).toEqual([
      's',
      'ms',
      'ms',
      'bytes',
      'percentunit',
      'currencyUSD',
      'short',
      'celsius',
      'volt',
    ]);
  });

  it('may be one’s own, in the forms that Grafana reads', () => {
    for (const unit of ['suffix: runs', 'prefix:~', 'time:YYYY-MM', 'si:mF', 'count:hops', 'currency:kr'])
      expect(isUnit(unit)).toBe(true);
    for (const unit of ['', 'seconds', 'suffix:', 'sufix: runs', 'S', 5, undefined]) expect(isUnit(unit)).toBe(false);
  });
});
