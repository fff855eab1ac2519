import type { Mode } from './theme.js';

/** The view as the address says it: so that reloading keeps it, and a link shares it. */
export interface Address {
  readonly page: 'board' | 'alerts' | 'changes';
  /** The uid of a board, or the name of a group. */
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly refresh: string | undefined;
  readonly theme: Mode | undefined;
  readonly variables: Readonly<Record<string, readonly string[]>>;
}

const PAGES = { d: 'board', alerts: 'alerts', changes: 'changes' } as const;

export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const [, kind = '', name = ''] = path.split('/');
  const parameters = new URLSearchParams(query);
  const variables: Record<string, string[]> = {};
  for (const [key, value] of parameters)
    if (key.startsWith('var-')) variables[key.slice(4)] = [...(variables[key.slice(4)] ?? []), value];
  const theme = parameters.get('theme');
  return {
    page: PAGES[kind as keyof typeof PAGES] ?? 'board',
    name: decodeURIComponent(name),
    from: parameters.get('from') ?? undefined,
    to: parameters.get('to') ?? undefined,
    refresh: parameters.get('refresh') ?? undefined,
    theme: theme === 'dark' || theme === 'light' ? theme : undefined,
    variables,
  };
}

export function printAddress({ page, name, from, to, refresh, theme, variables }: Address): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries({ from, to, refresh, theme }))
    if (value !== undefined) parameters.set(key, value);
  for (const [variable, values] of Object.entries(variables))
    for (const value of values) parameters.append(`var-${variable}`, value);
  const kind = page === 'board' ? 'd' : page;
  const query = parameters.toString();
  return `#/${kind}/${encodeURIComponent(name)}${query === '' ? '' : `?${query}`}`;
}
