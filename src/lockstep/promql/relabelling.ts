// Regular expressions and replacements as RE2 and Go have them, for `label_replace()`.

/** A group in a replacement, as Go's `Regexp.Expand` reads it: the name is as long as it can be. */
export const REFERENCE = /\$\$|\$(\w+)|\$\{(\w+)\}/g;

/** JavaScript can look around, and name a group within the pattern: RE2 cannot. */
const NOT_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

/** The whole of a value, as an expression of JavaScript's; nothing, where RE2 would refuse it. */
export function wholePattern(pattern: string): RegExp | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([ims]+)\)([\s\S]*)$/.exec(pattern) ?? [];
  const unescaped = rest.replace(/\\\\/g, '');
  if (NOT_RE2.test(unescaped)) return undefined;
  try {
    return new RegExp(`^(?:${rest.replaceAll('(?P<', '(?<')})$`, [...new Set(`s${flags}`)].join(''));
  } catch {
    return undefined;
  }
}

/** How many groups a pattern has; nothing, where RE2 would refuse it. */
export function groupsOf(pattern: string): number | undefined {
  const whole = wholePattern(pattern);
  if (whole === undefined) return undefined;
  return (new RegExp(`${whole.source}|`, whole.flags).exec('')?.length ?? 1) - 1;
}

/** A value as `label_replace()` makes it; nothing of one that does not fit the pattern. */
export function replaced(value: string, pattern: string, replacement: string): string | undefined {
  const found = wholePattern(pattern)?.exec(value);
  if (found === null || found === undefined) return undefined;
  return replacement.replace(REFERENCE, (whole, plain?: string, braced?: string) =>
    whole === '$$' ? '$' : (found[Number(plain ?? braced)] ?? ''),
  );
}
