import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretsOf, showAddress, showError, splitCredentials } from '../src/exporter/secret.js';

describe('an address', () => {
  it.each([
    ['http://host:9091/path', 'http://host:9091/path'],
    ['https://user:pass@host/a', 'https://host/a'],
    ['https://token@host', 'https://host'],
    ['http://host/v1?key=abc&user=me', 'http://host/v1?key=***&user=***'],
    ['http://host/v1?abcdef', 'http://host/v1?***'],
    ['http://host/#abc', 'http://host/#***'],
    ['user:pass@host:4317', 'host:4317'],
    ['//user:pass@host/x', '//host/x'],
    ['http:user:pass@host', 'http:host'],
    ['http:\\\\user:pass@host', 'http:\\\\host'],
    ['http://user:pa/ss@host/x', 'http://host/x'],
    ['http://user:pa?ss@host/x', 'http://host/x'],
    ['http://user:pa#ss@host/x', 'http://host/x'],
    ['http://user:p@ss@host/x', 'http://host/x'],
    ['http://user:pa ss@host:port', 'http://host:port'],
    ['http://user:pa\r\nss@host', 'http://host'],
    ['http://host/find?mail=a@b', 'http://host/find?mail=***'],
    ['http://host:9091/find?mail=a@b', 'http://host:9091/***?mail=***'],
    ['http://user:/secret?@host', 'http://user:/***?***'],
    ['http://user:\\secret#@host', 'http://user:\\***#***'],
    ['user:1/secret?@host', 'user:1/***?***'],
    ['unix:///run/x?key=1', 'unix:///run/x?key=***'],
    ['not an address', 'not an address'],
    ['', ''],
  ])('%j is shown as %j', (given, shown) => {
    expect(showAddress(given)).toBe(shown);
  });

  it.each([undefined, null, 7, {}, [], Symbol('x'), Object.create(null)])('may be anything (%#)', (given) => {
    expect(typeof showAddress(given)).toBe('string');
    expect(Array.isArray(secretsOf(given))).toBe(true);
  });

  const SECRET = fc.stringMatching(/^Xq[a-z0-9]{6,12}$/);
  it('never shows a password, wherever it stands and whatever is around it', () => {
    const noise = fc.stringMatching(/^[ -~\u0085\u2028\n]{0,6}$/);
    fc.assert(
      fc.property(
        SECRET,
        noise,
        noise,
        fc.constantFrom('http://', 'https://', '', '//', 'grpc://'),
        (s, a, b, scheme) => {
          for (const address of [
            `${scheme}user:${s}@host/path`,
            `${scheme}${s}@host`,
            `${scheme}user:${a}${s}${b}@host`,
            `${scheme}host/path?key=${s}${a}`,
            `${scheme}host/path?${s}`,
            `${scheme}host?a=1&b=${s}`,
          ]) {
            expect(showAddress(address)).not.toContain(s);
            expect(showError(new Error(`cannot reach ${address}`), secretsOf(address))).not.toContain(s);
          }
        },
      ),
    );
  });
});

describe('an error', () => {
  it.each([
    [new Error('refused', { cause: new Error('ECONNREFUSED') }), 'refused: ECONNREFUSED'],
    [Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    ['a\u001b[31m red\r\n::error::line\u2028end', 'a [31m red ::error::line end'],
    ['Failed to parse URL from http://u:p@host/x', 'Failed to parse URL from http://host/x'],
    ['no "https://u:p@host/?key=1", sorry', 'no "https://host/?key=***", sorry'],
    ['target dns:user:pass@host:4317 is unknown', 'target host:4317 is unknown'],
    ['GET /api?key=abc failed', 'GET /api?key=*** failed'],
    ['sent Authorization: Bearer abc.def', 'sent Authorization: Bearer ***'],
    ['Basic authentication is needed', 'Basic authentication is needed'],
    ['mail me@host.org', 'mail me@host.org'],
    [undefined, 'undefined'],
  ])('%s is shown as %s', (given, shown) => {
    expect(showError(given)).toBe(shown);
  });

  it('is one line of 300 characters at most, whatever was thrown', () => {
    const hostile = [
      'x'.repeat(1e6),
      new Proxy(new Error('x'), {
        get: () => {
          throw new Error('no');
        },
      }),
      {
        toString: () => {
          throw new Error('no');
        },
      },
      Object.create(null),
      Symbol('s'),
    ];
    for (const each of hostile) expect(showError(each).length).toBeLessThanOrEqual(300);
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.string()), (thrown, secrets) => {
        const text = showError(thrown, secrets);
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      }),
    );
  });

  it('does not show a secret, as it is, encoded, quoted, in Base64 or over several lines', () => {
    const secret = fc.string({ minLength: 4, maxLength: 30 }).filter((text) => !/^[\s*]+$/.test(text));
    fc.assert(
      fc.property(secret, (text) => {
        const forms = [text, JSON.stringify(text), encodeURIComponent(text), Buffer.from(text).toString('base64')];
        for (const form of forms) expect(showError(`<${form}>`, [text])).toMatch(/^<"?\*{3}.*"?>$/);
      }),
    );
    expect(showError('bad value "to\nken-of-mine"', ['to\nken-of-mine'])).toBe('bad value "***"');
    expect(showError('only ken-of-mine', ['to\nken-of-mine'])).toBe('only ***');
  });
});

describe('credentials of an address', () => {
  it.each([
    ['http://host/x', { address: 'http://host/x' }],
    ['http://u:p@host/x?a=1', { address: 'http://host/x?a=1', authorization: 'Basic dTpw' }],
    ['http://u%40x:p%3A%2F@host', { address: 'http://host/', authorization: 'Basic dUB4OnA6Lw==' }],
    ['u:p@host:4317', { address: 'host:4317/', authorization: 'Basic dTpw' }],
    ['http://u@host', { address: 'http://host/', authorization: 'Basic dTo=' }],
    ['http://host/a@b', { address: 'http://host/a@b' }],
    ['http://u:p@', { address: 'http://u:p@' }],
  ])('%s', (given, split) => {
    expect(splitCredentials(given)).toEqual(split);
  });
});
