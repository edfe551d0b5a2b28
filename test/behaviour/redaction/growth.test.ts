import { describe, expect, it } from 'vitest';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { redacted } from '../../../src/inspect.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';

/** Texts of a given length that are expensive to search. */
const shapes: Readonly<Record<string, (length: number) => string>> = {
  'one word': (length) => 'a'.repeat(length),
  'one word in capitals and small letters': (length) => 'Abc'.repeat(length / 3),
  'a camel': (length) => `a${'Ab'.repeat(length / 2)}`,
  'an address': (length) => `http://a${'/a'.repeat(length / 2)}`,
  'many words': (length) => 'ab '.repeat(length / 3),
  'many tokens': (length) => 'abcdefghijklmnop.1234567890_QRST '.repeat(length / 33),
  'many brackets': (length) => '[{'.repeat(length / 2),
};

const rejected = (promise: Promise<unknown>): Promise<ErrorInfo> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as ErrorInfo,
  );

/** The places where a text from outside arrives, and what is reported of it. */
const doors: Readonly<Record<string, (text: string) => Promise<string> | string>> = {
  'an inspector': (text) => JSON.stringify(redacted({ a: text, [text]: text, clientId: text })),
  'a cause': (text) => {
    const cause = Object.assign(new Error(text, { cause: new Error(text) }), { name: text });
    return JSON.stringify(new ErrorInfo({ code: 40170, message: 'm', cause }));
  },
  'a source that throws': async (text) => {
    const auth = new Auth({ authCallback: () => Promise.reject(new Error(text)) });
    return JSON.stringify(await rejected(auth.requestToken()));
  },
  'an adapter that repeats the token, nearly': async (text) => {
    const connection = fakeConnection({ autoAccept: false });
    const token = `b${text.slice(0, Math.min(text.length / 2, 60_000))}`;
    const auth = new Auth({ authCallback: async () => token, connection, logLevel: 'none' });
    const outcome = rejected(auth.authorize());
    await new Promise((resolve) => setImmediate(resolve));
    connection.refuse(new ErrorInfo({ code: 50000, message: text }));
    const error = JSON.stringify(await outcome);
    auth.dispose();
    return error;
  },
};

describe.each(Object.keys(doors))('a long text from %s', (door) => {
  const take = doors[door] as (text: string) => Promise<string> | string;

  it.each(Object.keys(shapes))('a text of 10 MB of %s is reported in few characters', async (shape) => {
    const told = await take(shapes[shape]?.(10_000_000) ?? '');
    expect(told.length).toBeLessThan(4_000);
  });

  it.each(Object.keys(shapes))(
    'a text of %s costs no more than in proportion to its length',
    async (shape) => {
      for (const length of [4_096, 32_768, 131_072]) {
        const texts = [length, 2 * length].map((letters) => shapes[shape]?.(letters) ?? '');
        expect(await leastGrowth(take, texts as [string, string])).toBeLessThanOrEqual(2.6);
      }
    },
  );
});

/**
 * How many times longer the second call takes, as the best of several tries: other processes use the CPU too.
 */
async function leastGrowth(
  take: (text: string) => Promise<string> | string,
  [shorter, longer]: readonly [string, string],
): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 12 && least > 2.6; trial += 1) {
    const before = await costOf(take, shorter);
    least = Math.min(least, (await costOf(take, longer)) / before);
  }
  return least;
}

async function costOf(take: (text: string) => Promise<string> | string, text: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5; turn += 1) {
    const start = process.cpuUsage();
    for (let count = 0; count < 5; count += 1) await take(text);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
  }
  return Math.max(least, 1);
}
