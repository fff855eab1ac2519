import { isRecord } from 'lockstep-exporter/internal';
import { parseAllDocuments } from 'yaml';
import { MOST_YAML } from '../read-yaml.js';

/**
 * The resources in a file of one or more documents, if it has any of some kinds; none of what cannot be read: it is for
 * its owner to mend.
 */
export function resourcesIn(text: string, kinds: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  // Most files are of other kinds, and a board takes long to parse.
  if (text.length > MOST_YAML || !new RegExp(`kind["']?\\s*:\\s*["']?(${kinds.join('|')})\\b`).test(text)) return [];
  try {
    const documents = parseAllDocuments(text, { uniqueKeys: false });
    return (Array.isArray(documents) ? documents : []).flatMap((document) => {
      const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
      return isRecord(value) ? [value] : [];
    });
  } catch {
    return [];
  }
}
