import { describe, expect, it } from 'vitest';
import { redactKnown, redactText } from '../../../src/redaction/text.js';
import { encodings } from '../../kit/encodings.js';

const secrets: Readonly<Record<string, string>> = {
  'a password': 'pass',
  'a password of words': 'open sesame, now',
  'a password with all kinds of characters': `p+w/<a>&"b"='c' %41\\x`,
  'a text with letters beyond ASCII': 'Grüße, öffne dich',
  'a short token': 'opaque-1',
  'a token of 2 KB': 'tok en+/'.repeat(256),
};

describe.each(Object.entries(secrets))('a known secret: %s', (_what, secret) => {
  it.each(Object.entries(encodings))('it is redacted in the encoding %s', (_name, encode) => {
    const encoded = encode(secret);
    const redacted = redactKnown(`before: ${encoded} :after`, ['another secret', secret]);
    expect(redacted).not.toContain(encoded);
    // Padding and zeros may stay. A long text is cut.
    expect(redacted).toMatch(/^before: (00|\0)?(\[…\][=0\0]{0,2} :after|\[…\]…)$/);
  });

  it.each(
    Object.entries(encodings).filter(([name]) =>
      /^(raw|Base64(url)?|(UTF-16 in )?(hex|Base64)|hex in capitals)$/.test(name),
    ),
  )('it is redacted in the encoding %s after a letter that could begin an escape', (_name, encode) => {
    const all = ['%', '%%', '\\', '&', '&#', '+', '%4', '\\u', '&#x', encodeURIComponent('%')];
    for (const start of ['', 'ab', 'n', '41;', 'amp;', 'u0041']) {
      const [encoded, known] = [encode(start + secret), [start + secret]];
      // A short secret at the end of a word is a part of it.
      for (const before of all.filter((one) => secret.length > 12 || !/\w$/.test(one)))
        expect(redactKnown(`is ${before}${encoded} it`, known)).not.toContain(encoded);
    }
  });

  it.each(Object.entries(encodings))(
    'it is redacted in the encoding %s after any escape',
    (_name, encode) => {
      const escapes = [
        ...[
          '\\n',
          '\\r',
          '\\t',
          '\\b',
          '\\f',
          '\\v',
          '\\0',
          '\\"',
          '\\\\',
          '\\/',
          '\\x22',
          '\\u0022',
          '\\u000a',
          '\\a',
          '\\e',
          '\\012',
          '\\101',
        ],
        ...['\x1b[31m', '\x1b[0;1;38;2;255;0;0m', '\\x1b[31m', '\\u001b[1m', '\\033[31m', '\\e[0m'],
        ...['%22', '%0A', '%25', '%2522', '%u0022', '%C3%A9', '+', '=0A', '=3D', '=\r\n'],
        ...['&quot;', '&amp;', '&#34;', '&#x22;', '&nbsp;'],
      ];
      const encoded = encode(secret);
      for (const before of [...escapes, ...escapes.map((one) => `${one}\\n`)])
        for (const start of ['', 'x', 'is ', '"'])
          expect(redactKnown(`${start}${before}${encoded} it`, [secret])).not.toContain(encoded);
    },
  );

  it('the text around it stays', () => {
    const text = 'a % of 100 %, "quoted" \\ and &amp; more + some, Grüße';
    expect(redactKnown(text, [secret])).toBe(text);
    expect(redactKnown(`${text} ${secret} ${text}`, [secret])).toBe(`${text} […] ${text}`);
  });
});

describe('known secrets', () => {
  it.each(['%', '%2', '\\u00', '\\u002', '&#x'])(
    'a long one is redacted in an encoding, if %s before it takes its first letters',
    (before) => {
      const secret = 'abcdef.Sec+ret/9x:y"z';
      for (const encoded of [encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
        expect(redactKnown(`is ${before}${encoded} it`, [secret])).not.toContain(encoded.slice(4));
    },
  );

  it('each occurrence is redacted', () => {
    expect(redactKnown('hush-hush, hush%2Dhush; (hush-hush)', ['hush-hush'])).toBe('[…], […]; ([…])');
  });

  it('the longer one is redacted whole, in any order', () => {
    for (const known of [
      ['hush', 'hush-hush-hush'],
      ['hush-hush-hush', 'hush'],
    ])
      expect(redactKnown('it is hush-hush-hush now, hush', known)).toBe('it is […] now, […]');
  });

  it('a secret at the end of the part that is read is redacted', () => {
    const secret = 'open/sesame';
    for (let at = 4_060; at < 4_100; at += 1) {
      const text = redactKnown(
        `${'a '.repeat(2_048).slice(0, at)} ${encodeURIComponent(secret)} ${'b '.repeat(9_000)}`,
        [secret],
      );
      expect(text.slice(-40)).not.toMatch(/open|sesam/);
    }
  });

  it('a text that is cut shows no beginning of a secret', () => {
    for (let at = 289; at < 300; at += 1)
      expect(
        redactText(`${'a '.repeat(150).slice(0, at)}s3cr3t-0pen ${'and more '.repeat(9)}`),
      ).not.toContain('s3cr3t-');
  });
});
