import { isRecord } from 'lockstep-exporter/internal';

// Fields of a definition, from values that a file may have of any kind.

/** The field, if the value is a text. */
export function text<K extends string>(key: K, value: unknown): { readonly [Key in K]?: string } {
  return typeof value === 'string' ? ({ [key]: value } as { readonly [Key in K]?: string }) : {};
}

/** The field, if the value is a number. */
export function number<K extends string>(key: K, value: unknown): { readonly [Key in K]?: number } {
  return typeof value === 'number' ? ({ [key]: value } as { readonly [Key in K]?: number }) : {};
}

/** The field, if the value has names: their values as texts, as Kubernetes and Prometheus take them. */
export function texts<K extends string>(
  key: K,
  value: unknown,
): { readonly [Key in K]?: Readonly<Record<string, string>> } {
  if (!isRecord(value) || Object.keys(value).length === 0) return {};
  const read = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]));
  return { [key]: read } as { readonly [Key in K]?: Readonly<Record<string, string>> };
}
