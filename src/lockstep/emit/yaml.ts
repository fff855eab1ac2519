import { Document, isMap, isScalar, Scalar, visit } from 'yaml';
import { headerOf, systemLine } from './header.js';

/** An expression is one line of JSON, however long: a linter of lines is told so. */
const LONG_LINES = '# yamllint disable rule:line-length\n';

/**
 * Characters that YAML 1.1 takes for the end of a line (U+0085, U+2028, U+2029;
 * https://yaml.org/spec/1.1/#b-line-feed), for the beginning of a file, or for none that may stand there as they are
 * (https://yaml.org/spec/1.2.2/#51-character-set).
 */
const NOT_RAW = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/gu;

function escaped(text: string): string {
  return text.replace(NOT_RAW, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * A resource as YAML: keys in the order given, `spec.json` as a literal block (which is what the receiving
 * repository's gate reads), no anchors, no folded lines, and in quotes what a reader of YAML 1.1 (kubectl is one)
 * would take for a boolean. The same resource gives the same bytes on every machine.
 *
 * @param system is named in the header, where the resource itself does not say whose it is
 */
export function printResource(
  resource: object,
  source: string,
  command: 'build' | 'docs' = 'build',
  lineLength = Number.POSITIVE_INFINITY,
  system?: string,
): string {
  const document = new Document(resource, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'json' || !isScalar(pair.value)) return;
      // In a block nothing can be escaped; in the JSON that it holds all can.
      pair.value.value = escaped(String(pair.value.value));
      pair.value.type = Scalar.BLOCK_LITERAL;
    },
    Scalar(_, scalar) {
      if (
        typeof scalar.value === 'string' &&
        scalar.type !== Scalar.BLOCK_LITERAL &&
        escaped(scalar.value) !== scalar.value
      )
        scalar.type = Scalar.QUOTE_DOUBLE;
    },
  });
  if (!isMap(document.contents)) throw new Error('a resource is a mapping');
  const body = escaped(document.toString({ lineWidth: 0, indent: 2 }));
  const isLong = body.split('\n').some((line) => line.length > lineLength);
  return `${headerOf(source, command)}${system === undefined ? '' : systemLine(system)}${isLong ? LONG_LINES : ''}---\n${body}`;
}
