import type { Difference } from './diff.js';

/**
 * The stretch of lines in which two texts differ, between what they begin and end with alike: one difference, told by
 * its first line.
 */
export function diffLines(checkedIn: string, built: string): readonly Difference[] {
  const ours = checkedIn.split('\n');
  const theirs = built.split('\n');
  let first = 0;
  while (first < ours.length && first < theirs.length && ours[first] === theirs[first]) first += 1;
  let last = 0;
  const shorter = Math.min(ours.length, theirs.length) - first;
  while (last < shorter && ours.at(-1 - last) === theirs.at(-1 - last)) last += 1;
  const count = Math.max(ours.length, theirs.length) - first - last;
  if (count === 0) return [];
  return [
    {
      where: count === 1 ? 'a line' : `${count} lines`,
      line: first + 1,
      checkedIn: first < ours.length - last ? ours[first] : undefined,
      built: first < theirs.length - last ? theirs[first] : undefined,
    },
  ];
}
