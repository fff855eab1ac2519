/** Hears of a session while its events pass. Neither function may throw. */
export interface ObservedSession {
  /** Takes note of an event. */
  note(event: unknown): void;
  /** The stream has said its last word; nothing if the session has ended before. */
  end(otherwise: 'terminated' | 'error'): void;
}

/**
 * The events of one session, passed on as they come; nothing for what cannot be iterated. However it is used, there is
 * one session: it begins when an event is first asked for, by whichever iterator, and ends with what the events say,
 * or else with the first end, failure or leaving of any iterator. An iterable that is never asked is not a session. An
 * iterator that is dropped without a word has been left: the session ends when the memory is claimed.
 *
 * The consumer gets what the stream throws, gives and refuses as it would without this.
 */
export function observeIterable<E>(
  events: AsyncIterable<E>,
  begin: () => ObservedSession,
): AsyncIterable<E> | undefined {
  const source: unknown = events;
  if (typeof source !== 'object' && typeof source !== 'function') return undefined;
  if (source === null) return undefined;
  const { [Symbol.asyncIterator]: openAsync, [Symbol.iterator]: open } = source as {
    readonly [Symbol.asyncIterator]?: unknown;
    readonly [Symbol.iterator]?: unknown;
  };
  if (typeof openAsync !== 'function' && typeof open !== 'function') return undefined;
  const session = createSession(begin);
  const made: object = {
    ...(typeof open === 'function' && {
      [Symbol.iterator]: () => observeIterator(() => open.call(source), session, false),
    }),
    [Symbol.asyncIterator]: () =>
      observeIterator(
        // The engine's own way from one kind to the other.
        typeof openAsync === 'function' ? () => openAsync.call(source) : () => through(source as Iterable<unknown>),
        session,
        true,
      ),
  };
  // A stream that is its own iterator may be asked without being opened.
  if (typeof (source as { readonly next?: unknown }).next === 'function')
    Object.defineProperties(
      made,
      Object.getOwnPropertyDescriptors(observeIterator(() => source, session, typeof openAsync === 'function')),
    );
  session.heldBy(made);
  return made as AsyncIterable<E>;
}

async function* through(events: Iterable<unknown>): AsyncGenerator<unknown, unknown> {
  return yield* events;
}

interface Session {
  /** An event is asked for. */
  asked(): void;
  note(event: unknown, iterator: number): void;
  end(otherwise: 'terminated' | 'error'): void;
  /** As long as any of what holds it may still be asked, it goes on. */
  heldBy(holder: object): void;
  /** A number for an iterator. */
  next(): number;
}

const holders = new FinalizationRegistry<() => void>((release) => release());

function createSession(begin: () => ObservedSession): Session {
  let session: ObservedSession | undefined;
  let held = 0;
  let iterators = 0;
  /** Which iterator an event came by: what is read twice is counted once. */
  const cameBy = new WeakMap<object, number>();
  const release = () => {
    held -= 1;
    if (held === 0) session?.end('terminated');
  };
  return {
    asked: () => {
      session ??= begin();
    },
    note: (event, iterator) => {
      if (typeof event === 'object' && event !== null) {
        const first = cameBy.get(event) ?? iterator;
        if (first !== iterator) return;
        cameBy.set(event, iterator);
      }
      session?.note(event);
    },
    end: (otherwise) => session?.end(otherwise),
    heldBy: (holder) => {
      held += 1;
      holders.register(holder, release);
    },
    next: () => {
      iterators += 1;
      return iterators;
    },
  };
}

type Method = (...given: readonly unknown[]) => unknown;

/** Opens a stream, and observes what it opens. */
function observeIterator(open: () => unknown, session: Session, isAsync: boolean): object {
  let inner: unknown;
  try {
    inner = open();
  } catch (error) {
    session.asked();
    session.end('error');
    throw error;
  }
  if ((typeof inner !== 'object' && typeof inner !== 'function') || inner === null) {
    session.asked();
    session.end('error');
    return inner as object;
  }
  const stream = inner as { readonly next: Method; readonly return?: Method; readonly throw?: Method };
  const id = session.next();

  function take(result: unknown): void {
    try {
      // A loop throws at what is no result.
      if ((typeof result !== 'object' && typeof result !== 'function') || result === null) session.end('error');
      else if ((result as IteratorResult<unknown>).done) session.end('terminated');
      else session.note((result as IteratorResult<unknown>).value, id);
    } catch {
      session.end('error');
    }
  }
  function follow(step: unknown): unknown {
    if (isAsync && isThenable(step))
      return Promise.resolve(step).then(
        (result) => {
          take(result);
          // A consumer that waits for an event holds the iterator.
          return made === undefined ? undefined : result;
        },
        (error: unknown) => {
          session.end('error');
          throw error;
        },
      );
    take(step);
    return step;
  }
  function call(method: Method, given: readonly unknown[]): unknown {
    try {
      return follow(method.apply(stream, given as unknown[]));
    } catch (error) {
      session.end('error');
      throw error;
    }
  }

  const made = {
    next: (...given: readonly unknown[]) => {
      session.asked();
      return call((...words) => stream.next(...words), given);
    },
    // Offered also where the stream does not: else nobody would say that it was left.
    return: (...given: readonly unknown[]) => {
      session.end('terminated');
      const { return: own } = stream;
      if (own !== undefined && own !== null) return own.apply(stream, given as unknown[]);
      const over = { done: true, value: given[0] };
      return isAsync ? Promise.resolve(over) : over;
    },
    get throw() {
      const { throw: own } = stream;
      if (typeof own !== 'function') return own;
      return (...given: readonly unknown[]) => {
        session.end('error');
        return call(own, given);
      };
    },
    [isAsync ? Symbol.asyncIterator : Symbol.iterator]: (): object => made,
  };
  session.heldBy(made);
  return made;
}

/** A value that cannot even be asked is left to the engine, which asks again. */
function isThenable(value: unknown): boolean {
  try {
    return typeof (value as { readonly then?: unknown } | undefined)?.then === 'function';
  } catch {
    return true;
  }
}
