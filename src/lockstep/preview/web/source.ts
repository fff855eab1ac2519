import type { EmptyQuery, LabelAnswer, QueryAnswer, State } from '../protocol.js';
import type { ApiRequest } from '../requests.js';
import { requestKey } from '../requests.js';

/** Where the state and the answers come from: the command that serves the page, or the page itself. */
export interface Source {
  readonly isStatic: boolean;
  state(): Promise<State>;
  query(request: ApiRequest): Promise<QueryAnswer>;
  values(request: ApiRequest): Promise<LabelAnswer>;
  /** Why a query returns nothing. */
  why(query: EmptyQuery): Promise<string | undefined>;
  /** Is told whenever there is another state. */
  follow(changed: () => void): void;
}

export function openSource(): Source {
  const embedded = document.getElementById('lockstep-static');
  return embedded === null ? liveSource() : staticSource(JSON.parse(embedded.textContent ?? '{}') as Embedded);
}

interface Embedded {
  readonly state: State;
  readonly answers: Readonly<Record<string, unknown>>;
}

function liveSource(): Source {
  const get = async <T>(path: string): Promise<T> => (await fetch(path)).json() as Promise<T>;
  const ask = <T>({ path, parameters }: ApiRequest) =>
    get<T>(`api/prometheus/${path}?${new URLSearchParams(parameters)}`);
  return {
    isStatic: false,
    state: () => get('api/state'),
    query: ask,
    values: ask,
    why: async ({ from, to, ...query }) => {
      const { why } = await get<{ why: string | null }>(
        `api/why?${new URLSearchParams({ ...query, from: String(from), to: String(to) })}`,
      );
      return why ?? undefined;
    },
    follow: (changed) => {
      let seen: string | undefined;
      new EventSource('api/events').addEventListener('message', ({ data }) => {
        if (seen !== undefined && seen !== data) changed();
        seen = String(data);
      });
    },
  };
}

function staticSource({ state, answers }: Embedded): Source {
  const missing = {
    status: 'error' as const,
    error: 'this page has no data for that: it was written for one range, with all of each variable',
    seconds: 0,
  };
  return {
    isStatic: true,
    state: async () => state,
    query: async (request) => (answers[requestKey(request)] as QueryAnswer | undefined) ?? missing,
    values: async (request) => (answers[requestKey(request)] as LabelAnswer | undefined) ?? missing,
    why: async ({ board, panel, ref }) => answers[`why?${board}/${panel}/${ref}`] as string | undefined,
    follow: () => {},
  };
}
