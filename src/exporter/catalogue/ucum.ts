import type { Unit } from './metric.js';

/**
 * UCUM, as OTLP wants units (https://ucum.org/ucum). A plain count is an annotation, which a collector leaves out of
 * the name.
 */
const UCUM: Readonly<Record<string, string>> = {
  seconds: 's',
  bytes: 'By',
  ratio: '1',
  celsius: 'Cel',
  meters: 'm',
  volts: 'V',
  amperes: 'A',
  joules: 'J',
  grams: 'g',
};

/** A unit of the catalogue as UCUM has it. */
export function toUcum(unit: Unit): string {
  return UCUM[unit] ?? (unit.startsWith('{') ? unit : `{${unit}}`);
}
