import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersection } from '../../src/server/capability-intersection.js';
import { type Capability, canonicalCapability } from '../../src/token/capability.js';
import {
  channelsOf,
  isAllowed,
  isAllowedByName,
  OPERATIONS,
  someCapability,
  someChannel,
  wildCapability,
} from './capabilities.js';

const CASES = Number(process.env.CASES ?? 20_000);
const SEED = 20_261_124;
const text = (capability: Capability) => canonicalCapability(capability);

describe('the intersection of two capabilities', () => {
  it.each<[string, Capability, Capability, Capability]>([
    ['names', { a: ['publish'], b: ['publish'] }, { b: ['publish'], c: ['publish'] }, { b: ['publish'] }],
    ['operations', { a: ['publish', 'history'] }, { a: ['history', 'subscribe'] }, { a: ['history'] }],
    ['all operations', { a: ['*'] }, { a: ['history', 'publish'] }, { a: ['history', 'publish'] }],
    ['all channels', { '*': ['*'] }, { 'a:b': ['publish'] }, { 'a:b': ['publish'] }],
    ['a space', { 'a:*': ['*'] }, { 'a:b:c': ['publish'], b: ['publish'] }, { 'a:b:c': ['publish'] }],
    ['a space and itself', { 'a:*': ['*'] }, { a: ['*'] }, {}],
    ['crossing patterns', { 'a:*:c': ['*'] }, { 'a:b:*': ['*'] }, { 'a:b:c': ['*'] }],
    ['an open and a closed pattern', { '*': ['*'] }, { '*:b': ['*'] }, { '*:b': ['*'] }],
    ['two open patterns', { 'a:*': ['*'] }, { 'a:*:*': ['*'] }, { 'a:*:*': ['*'] }],
    ['a star that is a part of a word', { 'a*': ['*'] }, { abc: ['*'] }, {}],
    ['kinds', { '*': ['*'] }, { '[meta]log': ['subscribe'] }, {}],
    ['every kind', { '[*]*': ['*'] }, { '[meta]log': ['subscribe'] }, { '[meta]log': ['subscribe'] }],
    ['an empty qualifier', { '*': ['*'] }, { '[][*]*': ['*'], '[][meta]log': ['*'] }, {}],
    ['an empty qualifier in a space', { '*:public': ['*'] }, { '[][*]*:public': ['*'] }, {}],
    [
      'a qualifier behind that of every kind',
      { '*': ['*'] },
      { '[*][meta]log': ['*'], '[*][*]*': ['*'] },
      {},
    ],
    ['a qualifier of two halves', { '*:]*': ['*'] }, { '[meta:*': ['*'] }, {}],
    ['every kind and plain ones', { '[*]*': ['*'] }, { '*': ['*'] }, { '*': ['*'] }],
    [
      'two ways to one channel',
      { 'a:*': ['publish'], '*:b': ['history'] },
      { 'a:b': ['*'] },
      { 'a:b': ['publish', 'history'] },
    ],
  ])('the intersection is exact for %s', (_title, one, other, expected) => {
    expect(text(intersection(one, other))).toBe(text(expected));
    expect(text(intersection(other, one))).toBe(text(expected));
  });

  it(`the intersection allows what both allow, and nothing else: ${CASES} cases`, () => {
    fc.assert(
      fc.property(
        someCapability,
        someCapability,
        someChannel,
        fc.constantFrom(...OPERATIONS),
        (one, other, channel, operation) => {
          const both = isAllowed(one, channel, operation) && isAllowed(other, channel, operation);
          return isAllowed(intersection(one, other), channel, operation) === both;
        },
      ),
      { numRuns: CASES, seed: SEED },
    );
  });

  it(`the intersection allows nothing more, whatever brackets the names have: ${CASES} cases`, () => {
    fc.assert(
      fc.property(wildCapability, wildCapability, (one, other) => {
        const both = intersection(one, other);
        for (const channel of Object.keys(both).flatMap(channelsOf)) {
          for (const operation of OPERATIONS) {
            if (!isAllowedByName(both, channel, operation)) continue;
            expect(isAllowedByName(one, channel, operation)).toBe(true);
            expect(isAllowedByName(other, channel, operation)).toBe(true);
          }
        }
      }),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('the intersection is symmetric, and of a capability with itself changes no right', () => {
    fc.assert(
      fc.property(
        someCapability,
        someCapability,
        someChannel,
        fc.constantFrom(...OPERATIONS),
        (one, other, channel, operation) => {
          expect(text(intersection(other, one))).toBe(text(intersection(one, other)));
          const own = intersection(one, one);
          expect(isAllowed(own, channel, operation)).toBe(isAllowed(one, channel, operation));
        },
      ),
      { numRuns: CASES / 10, seed: SEED },
    );
  });
});
