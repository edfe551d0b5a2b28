import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as node from '../../../src/sandbox/bytes.node.js';
import * as web from '../../../src/sandbox/bytes.web.js';

/** Texts with half letters, which UTF-8 cannot have. */
const text = fc.string({
  unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 1 }), fc.constantFrom('\ud800', '\udfff', '\ufeff')),
});
const bytes = fc.uint8Array({ maxLength: 100 });
/** Base64 in both alphabets, cut anywhere and with other letters in it. */
const digits = fc.string({
  unit: fc.constantFrom(...'AQgwZz09+/-_', '=', ' ', '\n', '.', 'ä', '€'),
  maxLength: 40,
});

const plain = (all: Uint8Array): number[] => [...all];

describe('what the sandbox asks of a page', () => {
  it('signatures and digests are those of Node', () => {
    fc.assert(
      fc.property(text, text, (secret, signed) => {
        expect(plain(web.hmacOf(secret, signed))).toEqual(plain(node.hmacOf(secret, signed)));
        expect(web.sha256Of(signed)).toBe(node.sha256Of(signed));
        expect(web.lengthOf(signed)).toBe(node.lengthOf(signed));
      }),
    );
  });

  it('bytes become the texts that they become in Node, also where they are no UTF-8', () => {
    fc.assert(
      fc.property(bytes, (all) => {
        expect(web.textOf(all)).toBe(node.textOf(all));
        expect(web.toBase64(all)).toBe(node.toBase64(all));
        expect(web.toBase64(all.subarray(1))).toBe(node.toBase64(all.subarray(1)));
        expect(plain(web.fromBase64(node.toBase64(all)))).toEqual(plain(all));
      }),
    );
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff);
    expect(web.textOf(marked)).toBe('\ufeffa\ufffd');
    expect(node.textOf(marked)).toBe('\ufeffa\ufffd');
  });

  it('Base64 is read as in Node, also where it is invalid', () => {
    fc.assert(
      fc.property(digits, (one) => {
        expect(plain(web.fromBase64(one))).toEqual(plain(node.fromBase64(one)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('bytes that differ in one bit, or in their length, are not the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(), (all, where) => {
        const other = Uint8Array.from(all);
        expect(web.isSame(all, other)).toBe(true);
        other[where % all.length] = (all[where % all.length] ?? 0) ^ (1 << (where % 8));
        for (const { isSame } of [web, node]) {
          expect(isSame(all, other)).toBe(false);
          expect(isSame(all, all.subarray(0, -1))).toBe(false);
          expect(isSame(all.subarray(0, -1), all)).toBe(false);
        }
      }),
    );
  });

  it('random texts have the length of their bytes, in the alphabet for addresses, and differ', () => {
    for (const { randomText } of [web, node]) {
      const all = Array.from({ length: 200 }, () => randomText(24));
      expect(new Set(all).size).toBe(200);
      for (const one of all) expect(one).toMatch(/^[\w-]{32}$/);
    }
  });
});
