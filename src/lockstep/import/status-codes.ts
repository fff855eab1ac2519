/**
 * The status codes of HTTP that are registered, by their first digit.
 *
 * Source: IANA, Hypertext Transfer Protocol (HTTP) Status Code Registry.
 */
const REGISTERED: Readonly<Record<string, string>> = {
  1: '100 101 102 103 104',
  2: '200 201 202 203 204 205 206 207 208 226',
  3: '300 301 302 303 304 305 307 308',
  4: '400 401 402 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 421 422 423 424 425 426 428 429 431 451',
  5: '500 501 502 503 504 505 506 507 508 510 511',
};

/** The codes that a pattern such as `5..` or `5[0-9]{2}` stands for; `undefined` for any other pattern. */
export function statusCodes(pattern: string): readonly string[] | undefined {
  const [, digit] = /^([1-5])(?:\.\.|\.\*|\.\+|\\d\\d|\\d\{2\}|\[0-9\]\[0-9\]|\[0-9\]\{2\})$/.exec(pattern) ?? [];
  return digit === undefined ? undefined : REGISTERED[digit]?.split(' ');
}
