import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Shared by all copies of this package in a process, whatever their version. */
const KEY = Symbol.for('lockstep-exporter.copies');

/** The folder of this copy. */
export const OWN_COPY = folderOf(import.meta.url);

/** Notes that this copy has made a catalogue. */
export function noteCopy(): void {
  const known = globalThis as { [KEY]?: Set<string> };
  known[KEY] ??= new Set();
  known[KEY].add(OWN_COPY);
}

/** The folders of the other copies of this package that have made a catalogue in this process. */
export function otherCopies(): readonly string[] {
  return [...((globalThis as { [KEY]?: Set<string> })[KEY] ?? [])].filter((each) => each !== OWN_COPY);
}

function folderOf(address: string): string {
  // In somebody's bundle the address may be anything.
  return address.startsWith('file:') ? dirname(fileURLToPath(address)) : address;
}
