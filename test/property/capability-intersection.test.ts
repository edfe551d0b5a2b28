import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilityText, parseCapability } from '../../src/sandbox/capability.js';
import { allows, intersect } from '../../src/sandbox/capability-patterns.js';

const CASES = Number(process.env.CASES ?? 20_000);

const kinds = ['', '', '', '[queue]', '[meta]', '[*]', '[*][meta]', '[queue][*]', '[meta][queue]'];
const segments = ['*', '*', 'a', 'b', 'a*'];
const operations = ['publish', 'subscribe', 'presence'];

const operationList = fc.oneof(fc.constant(['*']), fc.subarray(operations, { minLength: 1 })) as fc.Arbitrary<
  string[]
>;
const pattern = fc
  .tuple(fc.constantFrom(...kinds), fc.array(fc.constantFrom(...segments), { minLength: 1, maxLength: 3 }))
  .map(([kind, parts]) => kind + parts.join(':'));
const capability = fc.dictionary(pattern, operationList, { minKeys: 1, maxKeys: 4, noNullPrototype: true });

/** Channels that a pattern may match: each `*` is replaced by one word, or by two. */
const channelsOf = remembered((one) => {
  const plain = ['a', 'b:a'].map((word) => one.replace(/^\[\*\]/, '').replace(/\*/g, word));
  return one.startsWith('[*]') ? [...plain, ...plain.map((name) => `[queue]${name}`)] : plain;
});

/** The rules once more, written as a regular expression by Ably's documentation of wildcards. */
const expressionOf = remembered((resource) => {
  const [, kind = '', rest = ''] = /^(\[[^\]]+\])?(.*)$/.exec(resource) ?? [];
  const escaped = (text: string) => text.replace(/[[\]*]/g, '\\$&');
  const plain = '(?!\\[)';
  const prefix = kind === '' ? plain : kind === '[*]' ? `(\\[[^\\]]+\\]|${plain})` : escaped(kind);
  const words = rest.split(':').map((word, index, all) => {
    if (word !== '*') return escaped(word);
    return index === all.length - 1 ? '.+' : '[^:]+';
  });
  return new RegExp(`^${prefix}${words.join(':')}$`);
});

/** The operations that are allowed on a channel. */
function allowedOn(channel: string, given: Readonly<Record<string, readonly string[]>>): string {
  const allowed = new Set<string>();
  for (const [resource, list] of Object.entries(given)) {
    if (!expressionOf(resource).test(channel)) continue;
    for (const one of list.includes('*') ? operations : list) allowed.add(one);
  }
  return operations.filter((one) => allowed.has(one)).join();
}

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}

const shared = (a: string, b: string): string =>
  a
    .split(',')
    .filter((one) => one !== '' && b.split(',').includes(one))
    .join();

describe('what two capabilities share', () => {
  it(`the intersection is symmetric, idempotent, and exactly what both allow: ${CASES.toLocaleString('en')} cases`, () => {
    let cases = 0;
    fc.assert(
      fc.property(capability, capability, (left, right) => {
        cases += 1;
        const [a, b] = [parseCapability(left), parseCapability(right)];
        const both = intersect(a, b);
        const text = capabilityText(both);
        if (capabilityText(intersect(b, a)) !== text) throw new Error(`not commutative: ${text}`);
        if (capabilityText(intersect(a, a)) !== capabilityText(a)) throw new Error('not idempotent');
        if (capabilityText(intersect(both, both)) !== text) throw new Error('not idempotent, once shared');
        const told = JSON.parse(text) as Record<string, string[]>;
        for (const channel of new Set([...a.keys(), ...b.keys(), ...both.keys()].flatMap(channelsOf))) {
          const expected = shared(allowedOn(channel, left), allowedOn(channel, right));
          if (allowedOn(channel, told) !== expected) throw new Error(`on ${channel}: ${expected}; ${text}`);
          const ours = operations.filter((one) => allows(both, channel, one)).join();
          if (ours !== expected) throw new Error(`allows ${ours} on ${channel}`);
        }
      }),
      { numRuns: CASES, seed: 20_26 },
    );
    console.info(`${cases.toLocaleString('en')} pairs of capabilities`);
    expect(cases).toBeGreaterThanOrEqual(CASES);
  });

  it.each([
    ['{"cansubscribe:*":["subscribe"]}', '{"*":["*"]}', '{"cansubscribe:*":["subscribe"]}'],
    ['{"foo:*:baz":["*"]}', '{"foo:bar:*":["publish"]}', '{"foo:bar:baz":["publish"]}'],
    ['{"foo*":["*"]}', '{"foobar":["*"]}', '{}'],
    ['{"*":["*"]}', '{"[queue]*":["*"],"[meta]*":["*"]}', '{}'],
    ['{"*":["*"]}', '{"[*][meta]log":["*"],"[*][*]*":["*"]}', '{}'],
    ['{"*:]*":["*"]}', '{"[meta:*":["*"]}', '{}'],
    ['{"[meta]*":["*"]}', '{"[*][queue]a":["*"]}', '{"[meta][queue]a":["*"]}'],
    [
      '{"[*]*":["*"]}',
      '{"[queue]a":["subscribe"],"b":["publish"]}',
      '{"[queue]a":["subscribe"],"b":["publish"]}',
    ],
    ['{"a":["*"]}', '{"a":["publish","subscribe"]}', '{"a":["publish","subscribe"]}'],
    ['{"a:*":["*"],"*:b":["publish"]}', '{"a:*":["*"],"*:b":["publish"]}', '{"*:b":["publish"],"a:*":["*"]}'],
  ])('the intersection of %s and %s is %s', (left, right, expected) => {
    const both = intersect(parseCapability(left), parseCapability(right));
    expect(capabilityText(both)).toBe(expected);
  });

  it.each(['[]a', '[]*', '[][*]*', '[][meta]log'])(
    'an empty qualifier cannot be intersected, as in %s',
    (name) => {
      expect(() => parseCapability({ [name]: ['*'] })).toThrow(/empty qualifier/);
    },
  );

  it('a product that is too large is refused before the rest is compared', () => {
    let compared = 0;
    class Counted extends Map<string, ReadonlySet<string>> {
      override *[Symbol.iterator](): MapIterator<[string, ReadonlySet<string>]> {
        for (const entry of this.entries()) {
          compared += 1;
          yield entry;
        }
      }
    }
    const all = new Set(['*']);
    const crossing = (name: (index: number) => string) =>
      Array.from({ length: 250 }, (_, index) => [name(index), all] as const);
    const [a, b] = [
      new Counted(crossing((index) => `a${index}:*`)),
      new Map(crossing((index) => `*:b${index}`)),
    ];
    expect(() => intersect(a, b)).toThrow(/more than 250 resources/);
    expect(compared).toBe(2);
  });

  it('an intersection with more resources than a capability may have is refused', () => {
    const many = (name: (index: number) => string) =>
      parseCapability(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [name(index), ['*']])));
    expect(() =>
      intersect(
        many((index) => `a${index}:*`),
        many((index) => `*:b${index}`),
      ),
    ).toThrow(/250/);
  });
});
