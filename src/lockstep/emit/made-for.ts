import { isRecord } from 'lockstep-exporter/internal';
import { readYaml } from '../read-yaml.js';
import { systemIn } from './header.js';

/**
 * The names by which a generated file says what system it is of: the tags of a board, the `service` of each rule, or a
 * line of its header. None of a file that says nothing, or cannot be read.
 */
export function systemsNamedIn(text: string): ReadonlySet<string> {
  const said = systemIn(text);
  const names = new Set<string>(said === undefined ? [] : [said]);
  try {
    const { value } = readYaml(text);
    const spec = isRecord(value) && isRecord(value['spec']) ? value['spec'] : {};
    if (typeof spec['json'] === 'string') {
      const model: unknown = JSON.parse(spec['json']);
      for (const tag of listOf(isRecord(model) ? model['tags'] : undefined))
        if (typeof tag === 'string') names.add(tag);
    }
    const groups = [spec, ...listOf(spec['groups'])];
    for (const rule of groups.flatMap((group) => listOf(isRecord(group) ? group['rules'] : undefined))) {
      const labels = isRecord(rule) ? rule['labels'] : undefined;
      const service = isRecord(labels) ? labels['service'] : undefined;
      if (typeof service === 'string') names.add(service);
    }
  } catch {
    // A file that cannot be read names nothing, so that it is not deleted.
  }
  return names;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
