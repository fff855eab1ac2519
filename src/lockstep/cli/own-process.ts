import type { Problem } from 'lockstep-exporter/internal';
import { printProblem } from 'lockstep-exporter/internal';
import { watchForEndless } from './endless.js';

// A configuration is a program, and runs in this very process. Its mistakes must not become the command's verdict: a
// `process.exit(0)` in it would make a check green, a `console.log` would break what is printed as JSON, a timer would
// hang CI.

/** Taken before any configuration is read. */
const exit = process.exit.bind(process);
const write = process.stdout.write.bind(process.stdout);

/** The acts of a configuration on the process, in their order. */
const strays: Problem[] = [];
let isGuarded = false;

/**
 * Prints to the standard output. Whatever else writes there while a configuration is loaded goes to the standard
 * error.
 */
export function printOut(text: string): void {
  write(seen(text));
}

/** Prints to the standard error. */
export function printError(text: string): void {
  process.stderr.write(seen(text));
}

/**
 * Controls, but for tab and line feed, and marks that turn, hide or end what follows them: names and messages of
 * others may hold them.
 */
const UNSEEN = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * A text as a terminal and a JSON reader may have it: what is not seen is written as an escape, which says the same in
 * JSON.
 */
function seen(text: string): string {
  return text.replace(UNSEEN, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Ends the process with a code of our own, once what was printed has been written. */
export function exitAtOnce(code: number): never {
  return exit(code);
}

/** Ends the process with the verdict of the command; with 2 if the configuration did what no configuration may do. */
export function exitWithVerdict(code: number): void {
  const verdict = strays.length === 0 ? code : 2;
  for (const each of strays) process.stderr.write(`${printProblem(each)}\n`);
  process.exitCode = verdict;
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write('', () => done()));
  // Not by itself: a timer or a socket that a configuration has left would keep it.
  void Promise.all([new Promise<void>((done) => void write('', () => done())), flush(process.stderr)]).then(() => {
    process.exitCode = verdict;
    exit(verdict);
  });
}

/** The problems that the configuration has made outside of its definitions, and forgets them. */
export function takeStrays(): readonly Problem[] {
  return strays.splice(0);
}

/** How long a configuration may take to load, in seconds, unless LOCKSTEP_LOAD_SECONDS says otherwise. */
const LOAD_SECONDS = 60;
const TAKE_OUT = 'take out what it waits for; if it only takes long, set LOCKSTEP_LOAD_SECONDS';

/**
 * Runs what loads a configuration, with the process kept from it: it cannot end the process, change its folder, write
 * to its standard output, or take its events.
 *
 * @returns what it gave; or `undefined` if it took too long. {@link takeStrays} says then, and of all that it tried,
 *   why that is wrong.
 */
export async function withProcessKept<T>(load: () => Promise<T>): Promise<T | undefined> {
  guard();
  const folder = process.cwd();
  const before = listeners();
  const limit = Number(process.env['LOCKSTEP_LOAD_SECONDS']) || LOAD_SECONDS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(() => {
      note(`it has not loaded within ${limit} s: something that it awaits never comes`, TAKE_OUT);
      done(undefined);
    }, 1000 * limit);
  });
  // Later than the timer, which tells more of a configuration that waits.
  const stopWatch = watchForEndless(
    limit + 1,
    printProblem(stray(`it has not loaded within ${limit} s: a loop in it has no end`, TAKE_OUT)),
  );
  try {
    const loaded = await Promise.race([load(), late]);
    // A promise that was rejected and that nobody awaits is known only now.
    await new Promise((done) => setImmediate(done));
    return loaded;
  } finally {
    clearTimeout(timer);
    stopWatch();
    if (process.cwd() !== folder) process.chdir(folder);
    process.exitCode = undefined;
    for (const [event, now] of listeners())
      for (const each of now) if (before.get(event)?.includes(each) !== true) process.off(event, each as () => void);
  }
}

type Listeners = ReadonlyMap<string | symbol, readonly unknown[]>;

function listeners(): Listeners {
  return new Map(process.eventNames().map((event) => [event, process.rawListeners(event)] as const));
}

function guard(): void {
  if (isGuarded) return;
  isGuarded = true;
  const refuseExit = (call: string) => (code?: unknown) => {
    note(
      `a call of ${call}(${code === undefined ? '' : String(code)})`,
      'throw an error instead: only the command sets its verdict',
    );
    throw new Error(`a configuration must not call ${call}()`);
  };
  process.exit = refuseExit('process.exit') as typeof process.exit;
  process.abort = refuseExit('process.abort') as typeof process.abort;
  process.stdout.write = ((...given: Parameters<typeof process.stderr.write>) =>
    process.stderr.write(...given)) as typeof process.stdout.write;
  process.stdout.end = process.stdout.destroy = () => process.stdout;
  process.on('unhandledRejection', (reason) => strayError('a rejected promise that nobody awaits', reason));
  process.on('uncaughtException', (error) => {
    // The error of a call that we refused is reported already.
    if (!/^a configuration must not call/.test(messageOf(error)))
      strayError('an error outside of its definitions', error);
  });
}

function strayError(what: string, error: unknown): void {
  note(`${what}: ${messageOf(error)}`, 'await or catch it: lockstep cannot know the verdict');
}

function note(found: string, fix: string): void {
  strays.push(stray(found, fix));
}

function stray(found: string, fix: string): Problem {
  return { code: 'config/process', where: 'lockstep.config', found, fix };
}

function messageOf(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    // A module that was read from memory has its whole text for an address.
    return text.replace(/data:text\/javascript;base64,[\w+/=]*/g, 'lockstep.config').slice(0, 500);
  } catch {
    return 'something that cannot be shown';
  }
}
