import type { BoardModel } from '../config/own-rule.js';
import type { Path } from './finding.js';

/** A text of a model, and the steps to it. */
export interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

/** Every text of a dashboard's model. */
export function textsIn(model: BoardModel): readonly PlacedText[] {
  const found: PlacedText[] = [];
  collect(model, [], found);
  return found;
}

function collect(value: unknown, path: Path, found: PlacedText[]): void {
  if (typeof value === 'string') found.push({ text: value, path });
  else if (typeof value === 'object' && value !== null)
    for (const [key, each] of Object.entries(value))
      collect(each, [...path, Array.isArray(value) ? Number(key) : key], found);
}

/** The value at the end of steps, as far as they lead. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[step] : undefined,
    value,
  );
}

/** Whether there is a text, and more than blanks in it. */
export function isText(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== '';
}
