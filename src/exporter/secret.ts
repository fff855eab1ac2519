/** Longer text is cut: a message is one line that a person reads. */
const MOST_SHOWN = 300;
/** Longer text is not read to its end: a server may answer with anything. */
const MOST_READ = 5000;
/** A shorter part of an address is no secret, and hiding it wherever it stands would make messages unreadable. */
const LEAST_SECRET = 3;
const HIDDEN = '***';

/** Controls, line ends of every kind, and marks that turn or hide what follows them on a terminal. */
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu;
/** Where the host may begin: an URL parser takes `http:` without slashes, and with backslashes, as well. */
const SCHEME = /^(?:(?:https?|wss?|ftp):[\\/]*|[a-z][a-z0-9+.-]*:\/\/|[\\/]+)/i;
const SCHEME_INSIDE = /(?:https?|wss?|ftp):[\\/]+|[a-z][a-z0-9+.-]*:\/\//i;

/**
 * An address as it may be printed: without user and password, each value of its query as `***`, in one line of at most
 * 300 characters. Also for text that is no address; where it is not clear which part is a password, more is left out
 * rather than less. Never throws.
 */
export function showAddress(address: unknown): string {
  return cut(hideInAddress(oneLine(toText(address))));
}

/**
 * An error, or the words of another program, as they may be printed: its message and that of its cause, in one line of
 * at most 300 characters, without control characters. Given secrets become `***`, also where they are percent-encoded,
 * quoted, in Base64 or broken over lines; so do credentials of addresses, values of queries, and what follows `Bearer`
 * or `Basic`. Never throws.
 *
 * @param secrets what must not be shown, of any length; see {@link secretsOf} for those of an address
 */
export function showError(error: unknown, secrets: readonly string[] = []): string {
  let text = toText(error);
  for (const form of formsOf(secrets)) text = text.replaceAll(form, HIDDEN);
  text = oneLine(text.slice(0, 10 * MOST_READ));
  for (const form of formsOf(secrets)) text = text.replaceAll(form, HIDDEN);
  return cut(text.slice(0, MOST_READ).split(' ').map(hideInWord).join(' ').replace(CREDENTIAL, `$1 ${HIDDEN}`));
}

/** An address whose credentials are to be sent as a header. */
export interface SplitAddress {
  /** Without user and password; as it came if it had none. */
  readonly address: string;
  /** The value of `Authorization`, if there were any. */
  readonly authorization?: string;
}

/**
 * Takes user and password out of an address, percent-decoded, and makes HTTP's basic authentication of them. Text that
 * is no address comes back as it is. Never throws.
 */
export function splitCredentials(address: string): SplitAddress {
  const bare = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? '' : 'http://';
  if (!address.includes('@')) return { address };
  try {
    const url = new URL(`${bare}${address}`);
    if (url.username === '' && url.password === '') return { address };
    const pair = `${decoded(url.username)}:${decoded(url.password)}`;
    url.username = '';
    url.password = '';
    return {
      address: url.href.slice(bare.length),
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
    };
  } catch {
    return { address };
  }
}

/**
 * The secrets of an address: user, password, and the values of its query, for {@link showError}. Never
 * throws.
 */
export function secretsOf(address: unknown): readonly string[] {
  const text = toText(address);
  const { user, rest } = partsOf(text);
  const colon = user.indexOf(':');
  const [, query = ''] = /[?#](.*)/s.exec(rest) ?? [];
  const found = [
    user,
    UNCLEAR_PATH.exec(rest)?.[2] ?? '',
    ...(colon < 0 ? [] : [user.slice(0, colon), user.slice(colon + 1)]),
    ...query.split(/[&;#]/).map((pair) => pair.slice(pair.indexOf('=') + 1)),
    splitCredentials(text).authorization?.replace('Basic ', '') ?? '',
  ];
  return found.flatMap((secret) => [secret, decoded(secret)]).filter(({ length }) => length >= LEAST_SECRET);
}

/** Words that follow `Basic` in a sentence are no credentials. */
const CREDENTIAL = /\b(Bearer|Basic) +(?!auth|realm|token|scheme|cred)[^\s,"']{4,}/gi;

/** An error as text, with why; anything else as the language has it. */
function toText(value: unknown, depth = 0): string {
  try {
    if (!(value instanceof Error)) return String(value);
    // An error of several attempts has no message of its own.
    const { message, code } = value as NodeJS.ErrnoException;
    const own = String(message || code || value.name);
    const cause = value.cause === undefined || depth > 3 ? '' : toText(value.cause, depth + 1);
    return cause === '' || own.includes(cause) ? own : `${own}: ${cause}`;
  } catch {
    return 'something that cannot be described';
  }
}

function oneLine(text: string): string {
  return text.replace(UNSEEN, ' ').trim();
}

function cut(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 3)}...` : text;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A secret as it may stand in a message, the longest first. */
function formsOf(secrets: readonly string[]): readonly string[] {
  const forms = secrets
    .filter((secret) => typeof secret === 'string')
    .flatMap((secret) => [secret, secret.trim(), oneLine(secret), ...secret.split(/[\r\n\u0085\u2028\u2029]+/)])
    .filter((form) => form.trim() !== '')
    .flatMap((form) => [
      form,
      percentEncoded(form),
      JSON.stringify(form).slice(1, -1),
      Buffer.from(form).toString('base64'),
      Buffer.from(form).toString('base64').replace(/=+$/, ''),
      Buffer.from(form).toString('latin1'),
    ]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** Half of a surrogate pair has no encoding. */
function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address in three: up to the host, credentials, and the rest. */
function partsOf(text: string): { readonly scheme: string; readonly user: string; readonly rest: string } {
  const [scheme = ''] = SCHEME.exec(text) ?? [];
  const all = text.slice(scheme.length);
  const end = all.search(/[?#]/);
  const head = end < 0 ? all : all.slice(0, end);
  // A password that was not encoded may hold what ends a host; a query after a path may hold `@` and be none of it.
  const at = /[\\/]/.test(head) && isAddress(text) ? head.lastIndexOf('@') : all.lastIndexOf('@');
  return { scheme, user: all.slice(0, Math.max(0, at)), rest: all.slice(at + 1) };
}

function isAddress(text: string): boolean {
  return URL.canParse(SCHEME.test(text) ? text : `http://${text}`);
}

function hideInAddress(text: string): string {
  const { scheme, rest: shown } = partsOf(text);
  const rest = shown.replace(UNCLEAR_PATH, `$1${HIDDEN}`);
  const [, host = '', query, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(rest) ?? [];
  const pairs = query?.slice(1).split(/[&;]/).map(hideInPair);
  return `${scheme}${host}${pairs === undefined ? '' : `?${pairs.join('&')}`}${fragment === undefined ? '' : `#${HIDDEN}`}`;
}

/** A parser reads `user:/secret?@host` as path `/secret` of host `user`. Its author may have meant a password. */
const UNCLEAR_PATH = /^([^\\/?#]*:[^\\/?#]*[\\/])([^?#]+)(?=[?#].*@)/s;

function hideInPair(pair: string): string {
  const [, name] = /^([\w.[\]-]{1,40})=/.exec(pair) ?? [];
  return name === undefined ? (pair === '' ? '' : HIDDEN) : `${name}=${HIDDEN}`;
}

/** A word of a message: all of it, or some of it, may be an address. */
function hideInWord(word: string): string {
  const scheme = SCHEME_INSIDE.exec(word);
  const [, text = '', tail = ''] = /^(.*?)(["'`,.;:)\]>}]*)$/.exec(word) ?? [];
  if (scheme !== null) return `${word.slice(0, scheme.index)}${hideInAddress(text.slice(scheme.index))}${tail}`;
  const at = word.lastIndexOf('@');
  const bare = at > 0 && word.slice(0, at).includes(':') ? word.slice(at + 1) : word;
  return bare.replace(/([?&][\w.[\]-]{1,40}=)[^&#"'<>]+/g, `$1${HIDDEN}`);
}
