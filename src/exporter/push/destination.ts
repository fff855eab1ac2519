import { showAddress, splitCredentials } from '../secret.js';

/** Where reports are sent, and with which headers. */
export interface Destination {
  /** Without credentials. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it may be printed. */
  readonly name: string;
}

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HTTP_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const GRPC_VALUE = /^[\x20-\x7e]*$/;

/**
 * A destination, with user and password of its address as a header, unless the headers name an `Authorization` of their
 * own.
 *
 * @param what as it is called in messages: `OTLP endpoint`
 * @throws Error that says what cannot be, and repeats neither the address nor the value of a header
 */
export function toDestination(
  what: string,
  text: string,
  headers: Readonly<Record<string, unknown>>,
  protocol: 'http' | 'grpc',
): Destination {
  const { address, authorization } = splitCredentials(
    protocol === 'grpc' && !HAS_SCHEME.test(text) ? `http://${text}` : text,
  );
  if (!isHttp(address))
    throw new Error(`the ${what} is no http or https address; expected one such as http://localhost:4318`);
  const sent: Record<string, string> = {};
  for (const [index, [name, value]] of Object.entries(headers).entries()) {
    // By its place: what was pasted in the wrong order is a secret, too.
    const header = `header ${index + 1} of the ${what}`;
    if (!TOKEN.test(name)) throw new Error(`the name of ${header} cannot be sent; correct it`);
    const allowed = protocol === 'grpc' ? GRPC_VALUE : HTTP_VALUE;
    if (typeof value !== 'string' || !allowed.test(value))
      throw new Error(
        `the value of ${header} cannot be sent: it is no text, or has a line break or another ` +
          'character that no header can have; correct it',
      );
    if (protocol === 'grpc' && /-bin$/i.test(name))
      throw new Error(`${header} cannot be sent: gRPC takes bytes under a name with -bin; give it another name`);
    sent[name] = value;
  }
  const isSaid = Object.keys(sent).some((name) => name.toLowerCase() === 'authorization');
  if (authorization !== undefined && !isSaid) sent['Authorization'] = authorization;
  return { address, headers: sent, name: showAddress(address) };
}

function isHttp(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return ['http:', 'https:'].includes(protocol) && hostname !== '';
  } catch {
    return false;
  }
}

/** An address with more of a path, before its query. */
export function withPath(address: string, path: string): string {
  const [, base = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(address) ?? [];
  return `${base.replace(/\/+$/, '')}${path}${rest.replace(/#.*$/s, '')}`;
}
