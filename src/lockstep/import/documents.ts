import { parseAllDocuments } from 'yaml';
import { MOST_YAML } from '../read-yaml.js';

/** The documents of a file of JSON or YAML that somebody else has written; or why there are none. */
export function documentsIn(text: string): readonly unknown[] | string {
  if (/^\s*[{[]/.test(text))
    try {
      return [JSON.parse(text)];
    } catch (error) {
      if (!/^\s*[\w-]+:/m.test(text)) return `text that is not JSON: ${messageOf(error)}`;
    }
  if (text.length > MOST_YAML) return `${text.length} characters of YAML; at most ${MOST_YAML} are read`;
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false });
    const list = Array.isArray(documents) ? documents : [];
    const [error] = list.flatMap(({ errors }) => errors);
    if (error !== undefined) return `line ${error.linePos?.[0].line ?? 1}: text that is not YAML`;
    return list.map((document) => document.toJS({ maxAliasCount: 1000 }) as unknown);
  } catch (error) {
    return `text that is not YAML: ${messageOf(error)}`;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : 'unreadable');
