import { Document, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';

/**
 * A larger text is not parsed: three megabytes take some seconds, and what lockstep writes has a tenth of it at the
 * most.
 */
export const MOST_YAML = 3_500_000;

/** A YAML document that was read whole, with its lines and its value. */
export interface ReadYaml {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly value: unknown;
}

/**
 * Reads one YAML document that somebody else may have written, in a time that grows no faster than its text.
 *
 * @throws Error if it is too large, is no YAML, has a key twice, or holds aliases that grow without end; the message
 *   begins with the line, where there is one
 */
export function readYaml(text: string): ReadYaml {
  if (text.length > MOST_YAML) throw new Error(`${text.length} characters of YAML; at most ${MOST_YAML} are read`);
  const lines = new LineCounter();
  // The parser compares each key with all before it; a set does not.
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false });
  const [document = new Document(null), ...others] = Array.isArray(documents) ? documents : [];
  // A mark at the end begins a document of nothing.
  const second = others.find(({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null));
  if (second !== undefined) throw new Error(`line ${lines.linePos(second.range[0]).line}: a second document`);
  const [error] = [document, ...others].flatMap(({ errors }) => errors);
  if (error !== undefined) throw new Error(`line ${error.linePos?.[0].line ?? 1}: ${error.message.split('\n', 1)[0]}`);
  visit(document, {
    Map: (_, { items }) => {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value))
          throw new Error(
            `line ${lines.linePos(key.range?.[0] ?? 0).line}: the key ${JSON.stringify(key.value)} a second time`,
          );
        keys.add(key.value);
      }
    },
  });
  return { document, lines, value: document.toJS() };
}

/**
 * The values of all documents of a YAML text. One that cannot be read has none: it is for its owner to mend.
 */
export function readEach(text: string): readonly unknown[] {
  if (text.length > MOST_YAML) return [];
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false });
    return (Array.isArray(documents) ? documents : []).flatMap((document): unknown[] =>
      document.errors.length > 0 ? [] : [document.toJS()],
    );
  } catch {
    return [];
  }
}
