import { printValue } from 'lockstep-exporter/internal';

/** Shorter texts are seen through at a glance. */
const LONG = 60;
/** So much of a long text is shown, and so much of it before the place where it differs. */
const SHOWN = 160;
const BEFORE = 60;

/** One side of a difference, in full where it is text. */
export function printSide(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : printValue(value);
}

/** Two sides of a difference under each other; of long texts the part in which they differ, with carets below. */
export function printSides(left: string, a: unknown, right: string, b: unknown): readonly string[] {
  const [x, y] = [printSide(a), printSide(b)];
  const width = Math.max(left.length, right.length) + 2;
  const line = (name: string, text: string) => `    ${name.padEnd(width)}${text}`;
  if (typeof a !== 'string' || typeof b !== 'string' || Math.min(x.length, y.length) <= LONG)
    return [line(left, x), line(right, y)];
  let first = 0;
  while (first < x.length && x[first] === y[first]) first += 1;
  let last = 0;
  const shorter = Math.min(x.length, y.length) - first;
  while (last < shorter && x.at(-1 - last) === y.at(-1 - last)) last += 1;
  // A word that differs in its middle is marked whole.
  while (first > 0 && /\w/.test(x[first - 1] ?? '')) first -= 1;
  while (last > 0 && /\w/.test(x.at(-last) ?? '')) last -= 1;
  const from = Math.max(0, first - BEFORE);
  const show = (name: string, text: string) => {
    const shown = text.slice(from, from + SHOWN);
    const dots = from > 0 ? '...' : '';
    const marked = Math.max(1, Math.min(text.length - last, from + SHOWN) - first);
    return [
      line(name, `${dots}${shown}${from + SHOWN < text.length ? '...' : ''}`),
      line('', `${' '.repeat(dots.length + first - from)}${'^'.repeat(marked)}`),
    ];
  };
  return [...show(left, x), ...show(right, y)];
}
