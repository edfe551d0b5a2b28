import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64, bytesOf } from '../../../src/platform/bytes.js';
import { formPair } from '../../../src/redaction/form.js';
import { escapedBytes, formOf, fromBase64, isLonger } from '../../../src/text.js';

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constant('half \ud834'),
);
const bytes = fc.uint8Array({ maxLength: 64 });
const lettersOf = (all: Uint8Array) => String.fromCharCode(...all);

/** Node has all of them: what is done without them gives the same. */
describe('text on a platform that cannot code it', () => {
  it('the UTF-8 form and its length are those of TextEncoder', () => {
    fc.assert(
      fc.property(texts, fc.nat(64), (text, limit) => {
        const encoded = new TextEncoder().encode(text);
        expect([...bytesOf(text)]).toEqual([...encoded]);
        expect(isLonger(text, limit)).toBe(encoded.length > limit);
      }),
    );
  });

  it('bytes are read as TextDecoder reads them, or are refused in the same way', () => {
    const read = (all: Uint8Array) => decodeURIComponent(escapedBytes(all));
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const outcome = (work: () => string) => {
      try {
        return work();
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          texts.map((text) => new TextEncoder().encode(text)),
        ),
        (all) => {
          expect(outcome(() => read(all))).toBe(outcome(() => decoder.decode(all)));
        },
      ),
    );
  });

  it('the Base64 form is that of Buffer, and both alphabets are read', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const encoded = Buffer.from(new TextEncoder().encode(text));
        expect(base64(text)).toBe(encoded.toString('base64'));
      }),
    );
    fc.assert(
      fc.property(bytes, (all) => {
        expect(fromBase64(Buffer.from(all).toString('base64'))).toBe(lettersOf(all));
        expect(fromBase64(Buffer.from(all).toString('base64url'))).toBe(lettersOf(all));
      }),
    );
    for (const none of ['a', 'ab!c', 'ab c', 'ü', 'abcde']) expect(fromBase64(none)).toBe('');
  });

  it('URLSearchParams reads the forms, and its forms are read', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts)), (fields) => {
        const known = new URLSearchParams(fields);
        expect([...new URLSearchParams(formOf(fields))]).toEqual([...known]);
        const parts = String(known)
          .split('&')
          .filter((part) => part !== '');
        expect(parts.map(formPair)).toEqual([...known]);
      }),
    );
  });
});
