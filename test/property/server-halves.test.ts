import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { graphqlTokens } from '../../src/server/graphql-ws/index.js';
import { refuse, tokenSockets, type VerifiedToken, type VerifyToken } from '../../src/server/ws/index.js';
import { settle, VirtualClock } from '../../src/testing/index.js';

/** Messages of a client that lies, among them some that are right. */
const message = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('authenticate'), token: fc.anything(), id: fc.anything() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('authenticate'),
      token: fc.constantFrom('ada', 'bob', 'nobody', 'down', 'nonsense'),
      id: fc.option(fc.oneof(fc.integer(), fc.string({ maxLength: 70 })), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.anything() },
);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('message' as const), message, isBinary: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('text' as const), text: fc.string() }) },
);

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? `${one}` : one)) ?? 'null';
  } catch {
    return 'null';
  }
};

/** As graphql-ws passes a payload on: parsed, and an object. */
const objectIn = (value: unknown): Record<string, unknown> => ({ ...JSON.parse(textOf(value)) });

function world() {
  const clock = new VirtualClock();
  const verify: VerifyToken = async (token) => {
    await settle(1);
    if (token === 'nobody') return null;
    if (token === 'down') throw new Error('down');
    if (token === 'nonsense') return { identity: 7 } as unknown as VerifiedToken;
    return token === 'ada' || token === 'bob'
      ? { identity: token, expires: clock.now() + 10_000 }
      : refuse(401);
  };
  return { clock, verify, onError: () => {} };
}

describe('whatever a client sends', () => {
  it('a WebSocket passes messages on only with a valid token, keeps its identity, and leaves no timer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { clock, verify, onError } = world();
        const listeners = new Map<string, (...given: unknown[]) => void>();
        const identities = new Set<string>();
        let [validUntil, isClosed] = [0, false];
        const socket = {
          bufferedAmount: 0,
          send(text: string) {
            const said = JSON.parse(text);
            if (said.type === 'accepted') validUntil = clock.now() + said.expiresInMs;
            expect(isClosed).toBe(false);
          },
          close(code: number, reason: string) {
            expect([1011, 1013, 4400, 4401, 4403]).toContain(code);
            expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
            isClosed = true;
          },
          terminate() {},
          on: (name: string, listener: (...given: never[]) => void) =>
            listeners.set(name, listener as () => void),
        };
        const accept = tokenSockets({
          ...{ clock, verify, onError },
          onConnection: (connection) =>
            connection.onMessage(() => {
              identities.add(connection.identity);
              expect([isClosed, clock.now() < validUntil]).toEqual([false, true]);
            }),
        });
        accept(socket, { headers: {} });
        for (const one of steps) {
          if (one.kind === 'wait') await clock.advance(one.ms);
          else if (one.kind === 'text') listeners.get('message')?.(Buffer.from(one.text), false);
          else listeners.get('message')?.(Buffer.from(textOf(one.message)), one.isBinary);
          await settle(3);
        }
        listeners.get('close')?.();
        await settle(10);
        expect([identities.size <= 1, clock.pending]).toEqual([true, 0]);
      }),
      { numRuns: 500 },
    );
  });

  it('a connection of graphql-ws never sends a token back, keeps its identity, and leaves no timer', async () => {
    await fc.assert(
      fc.asyncProperty(message, fc.array(message, { maxLength: 20 }), async (first, pings) => {
        const { clock, verify, onError } = world();
        const { hooks, tokenOf } = graphqlTokens({ clock, verify, onError });
        const socket = { send() {}, close() {}, removeAllListeners() {} };
        const context = { connectionParams: objectIn(first), extra: { socket } };
        const isAccepted = await hooks.onConnect(context);
        const identity = tokenOf(context)?.identity;
        expect(isAccepted).toBe(identity !== undefined);
        for (const ping of pings) {
          const payload = objectIn(ping);
          const isOurs = payload.type === 'authenticate';
          await hooks.onPing(context, payload);
          if (isOurs) expect(payload).not.toHaveProperty('token');
          if (identity !== undefined) expect(tokenOf(context)?.identity).toBe(identity);
        }
        hooks.onClose(context);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
