import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorInfo } from '../../src/index.js';
import { AuthorizeHarness } from '../kit/authorize-harness.js';

const SEED = Number(process.env.SEED ?? 20_261_203);
const CASES = 300;

/** Objects that throw when they are converted to a string or a number. */
const trap = fc.constantFrom<unknown>({ toString: 0, valueOf: 0 }, [{ toString: 0, valueOf: 0 }], {
  toJSON: 1,
});

/** Values in place of a string, a number or an object. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  trap,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom([], '', '*', -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER),
  fc.integer({ min: 1, max: 20_000 }).map((length) => 'aB/'.repeat(length)),
);
const or = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 2, arbitrary: value }, { weight: 1, arbitrary: junk });

/** An error with valid numbers, so that its other fields are read. */
const nearlyAnError = fc.record(
  {
    code: fc.constantFrom(40142, 40300, 50000, 80003),
    statusCode: fc.constantFrom(401, 403, 500),
    message: junk,
    href: junk,
    cause: junk,
    requestId: junk,
    detail: junk,
  },
  { requiredKeys: ['code', 'statusCode', 'message'] },
);
const someError = fc.dictionary(
  fc.constantFrom('code', 'statusCode', 'message', 'cause', '__proto__', 'toString', 'constructor'),
  junk,
);
const someDetails = fc.dictionary(
  fc.constantFrom('clientId', 'connectionKey', 'connectionStateTtl', 'maxIdleInterval', '__proto__'),
  junk,
);
const someMessage = fc.record(
  {
    action: or(fc.constantFrom(0, 1, 4, 6, 8, 9, 15, 17, 18)),
    error: fc.oneof(nearlyAnError, someError, junk),
    connectionDetails: or(someDetails),
    connectionId: or(fc.string()),
    channel: or(fc.constant('')),
    id: junk,
    auth: junk,
    messages: junk,
  },
  { requiredKeys: ['action'] },
);
const someFailure = fc.record({ action: fc.constantFrom(4, 6, 9), error: nearlyAnError });

const text = (message: object): string => JSON.stringify(message);
const someFrame: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: someMessage.map(text) },
  { weight: 4, arbitrary: someFailure.map(text) },
  // A number that JSON can represent and JavaScript cannot, in each place.
  { weight: 2, arbitrary: someMessage.map((message) => text(message).replace(/\d+/g, '1e999')) },
  { weight: 1, arbitrary: fc.string() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, null, new Blob(['{"action":9}']), new ArrayBuffer(8)),
  },
);

describe('a server that sends random frames', () => {
  it(`a connection continues or ends with its own error, and works again afterwards (seed ${SEED})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('connecting', 'connected', 'closing' as const),
        fc.array(someFrame, { minLength: 1, maxLength: 6 }),
        async (start, frames) => {
          const one = await new AuthorizeHarness({ logLevel: 'none' }).reach(start);
          one.server.onAuth = 'silence';
          one.authorize().promise.catch(() => {});
          await one.clock.advance(0);
          const { line } = one.server;
          for (const frame of frames) line.sendText(frame);
          await one.clock.advance(1);
          for (const error of [one.connection.errorReason, one.auth.error]) {
            if (error === null) continue;
            expect(error).toBeInstanceOf(ErrorInfo);
            expect([Number.isSafeInteger(error.code), Number.isSafeInteger(error.statusCode)]).toEqual([
              true,
              true,
            ]);
            expect(JSON.stringify(error).length).toBeLessThan(5_000);
          }
          await one.clock.advance(60_000);
          await one.recovers();
          // All of it was read without an error in the log.
          expect(one.log.filter((line) => line.startsWith('error'))).toEqual([]);
          one.auth.dispose();
          one.connection.dispose();
          expect(one.clock.pending).toBe(0);
        },
      ),
      { seed: SEED, numRuns: CASES },
    );
  });
});
