import { Document, isMap, isScalar, Scalar, visit } from 'yaml';
import { headerOf } from './header.js';

/** An expression is one line of JSON, however long: a linter of lines is told so. */
const LONG_LINES = '# yamllint disable rule:line-length\n';

/**
 * A resource as YAML: keys in the order given, `spec.json` as a literal block (which is what the receiving repository's gate reads),
 * no anchors, no folded lines, and in quotes what a reader of YAML 1.1 (kubectl is one) would take for a boolean. The same resource gives the same bytes on every machine.
 */
export function printResource(
  resource: Record<string, unknown>,
  source: string,
  command: 'build' | 'docs' = 'build',
  lineLength = Number.POSITIVE_INFINITY,
): string {
  const document = new Document(resource, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === 'json' && isScalar(pair.value))
        pair.value.type = Scalar.BLOCK_LITERAL;
    },
  });
  if (!isMap(document.contents)) throw new Error('a resource is a mapping');
  const body = document.toString({ lineWidth: 0, indent: 2 });
  const isLong = body.split('\n').some((line) => line.length > lineLength);
  return `${headerOf(source, command)}${isLong ? LONG_LINES : ''}---\n${body}`;
}
