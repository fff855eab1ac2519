import { relative } from 'node:path';
import { watch } from 'chokidar';

/** Files are saved in bursts; and a page is to follow within half a second. */
const SETTLE_MS = 60;
const WATCHED = /\.([cm]?[jt]sx?|json|ya?ml)$/;
const FOREIGN = /(^|[\\/])(node_modules|\.git)([\\/]|$)/;

export interface Following {
  /** When every save from then on is seen. */
  readonly ready: Promise<void>;
  /** Ends it, and waits for the last call. */
  stop(): Promise<void>;
}

/**
 * Calls something after every save below a folder, one call at a time. Not `fs.watch()`: on Linux it follows a file,
 * and an editor which writes another and moves it there leaves it with the one that is gone.
 *
 * @param saved whoever it fails for is told, and the next save is followed all the same
 */
export function followSaves(folder: string, saved: () => Promise<void>): Following {
  let timer: NodeJS.Timeout | undefined;
  let calling = Promise.resolve();
  const told = new Set<string>();
  const tell = (what: string, error: unknown) => {
    const line = `${what}: ${error instanceof Error ? error.message : String(error)}\n`;
    if (!told.has(line)) process.stderr.write(line);
    told.add(line);
  };
  const watcher = watch(folder, {
    ignoreInitial: true,
    // It would wait for a tenth of a second for what takes the place of a file that is gone.
    atomic: false,
    ignored: (path, stats) => {
      const below = relative(folder, path);
      return FOREIGN.test(below) || (stats?.isFile() === true && !WATCHED.test(below));
    },
  });
  watcher.on('error', (error) => {
    // A file that cannot be read, or a link to itself, is not a definition either.
    if (!['EACCES', 'EPERM', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      tell('not every save is followed', error);
  });
  watcher.on('all', (event) => {
    if (event === 'addDir' || event === 'unlinkDir') return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      calling = calling.then(saved).catch((error: unknown) => tell('a save is not followed', error));
    }, SETTLE_MS);
  });
  return {
    ready: new Promise((done) => watcher.once('ready', done)),
    stop: async () => {
      clearTimeout(timer);
      await watcher.close();
      await calling;
    },
  };
}
