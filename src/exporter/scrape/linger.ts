/** A scraper that has not come for longer than this is not waited for: five intervals of a minute. */
const GONE_MS = 300_000;
const MOST_SCRAPERS = 64;

/** Which scrapers have which values, for the end of a program that is only scraped. */
export interface Linger {
  /** A scraper has been sent everything up to a revision. */
  scraped(scraper: string, revision: number): void;
  /**
   * Waits until all who are waited for have the revision that there is, or until the time is over. How many have it,
   * and how many were waited for.
   */
  wait(options: {
    readonly revision: () => number;
    readonly scrapers: number;
    readonly deadlineMs: number;
  }): Promise<{ readonly have: number; readonly of: number }>;
}

export function createLinger(): Linger {
  const known = new Map<string, { readonly revision: number; readonly at: number }>();
  let noticed = () => {};

  const count = (revision: () => number, scrapers: number) => {
    const waited = [...known.values()].filter(({ at }) => performance.now() - at <= GONE_MS);
    const have = waited.filter((each) => each.revision === revision()).length;
    return { have, of: Math.max(scrapers, waited.length) };
  };

  return {
    scraped: (scraper, revision) => {
      known.delete(scraper);
      known.set(scraper, { revision, at: performance.now() });
      const [oldest] = known.keys();
      if (known.size > MOST_SCRAPERS && oldest !== undefined) known.delete(oldest);
      noticed();
    },
    wait: async ({ revision, scrapers, deadlineMs }) => {
      const isOver = () => {
        const { have, of } = count(revision, scrapers);
        return have === of;
      };
      if (!isOver())
        await new Promise<void>((done) => {
          const timer = setTimeout(done, deadlineMs);
          noticed = () => {
            if (!isOver()) return;
            clearTimeout(timer);
            done();
          };
        });
      return count(revision, scrapers);
    },
  };
}
