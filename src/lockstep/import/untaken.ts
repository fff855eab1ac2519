/** A name that is not taken, with a number from 2 on where it must be; it is taken then. */
export function untaken(base: string, taken: Set<string>, joint = ''): string {
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}${joint}${number}`;
  taken.add(name);
  return name;
}
