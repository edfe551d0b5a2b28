import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Auth, type TokenRequest } from '../../src/index.js';
import { type Grant, tokenEndpoint } from '../../src/server/index.js';
import { isAllowed, OPERATIONS, someCapability, someChannel, wildCapability } from './capabilities.js';

const CASES = 2_000;
const SEED = 20_261_124;
const auth = new Auth('appId.keyId:secret');
const ADDRESS = 'https://example.com/token';

/** The answer of an endpoint with this grant. */
async function ask(grant: Grant, request: Request): Promise<{ status: number; text: string }> {
  const faults: unknown[] = [];
  const endpoint = tokenEndpoint({
    ...{ auth, grant: () => grant, format: 'token-request', checkClock: false },
    onError: (error) => faults.push(error),
  });
  const response = await endpoint(request);
  expect(faults).toEqual([]);
  return { status: response.status, text: await response.text() };
}

const clientId = fc.constantFrom('ada', 'bob', '*');
const ttl = fc.integer({ min: 1, max: 10_000_000 });
const someGrant: fc.Arbitrary<Grant> = fc.record(
  { capability: someCapability, clientId: fc.option(clientId, { nil: null }), ttl },
  { requiredKeys: ['capability'] },
);
const someAsked = fc.record({ capability: someCapability, clientId, ttl }, { requiredKeys: [] });

/** Any value of a body in place of the expected one. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom('__proto__', '\u0000', -1, Number.MAX_VALUE, '*'),
);
const anyAsked = fc.dictionary(
  fc.constantFrom('ttl', 'capability', 'clientId', 'timestamp', 'nonce', 'mac', '__proto__', 'x'),
  anything,
);

function expectWithin(token: TokenRequest, grant: Grant): void {
  expect(token.ttl).toBeLessThanOrEqual(grant.ttl ?? 3_600_000);
  if (grant.clientId !== '*') expect(token.clientId ?? null).toBe(grant.clientId ?? null);
  for (const pattern of Object.keys(JSON.parse(token.capability ?? '{}'))) {
    // A pattern is also the name of a channel, and stands for the channels it matches.
    const channel = pattern.replaceAll('*', 'zz');
    for (const operation of OPERATIONS) {
      if (isAllowed(token.capability ?? '', channel, operation)) {
        expect(isAllowed(grant.capability, channel, operation)).toBe(true);
      }
    }
  }
}

describe('a token endpoint under random requests', () => {
  it('a token has nothing that was not granted, and nothing that was not requested', async () => {
    await fc.assert(
      fc.asyncProperty(
        someGrant,
        someAsked,
        fc.array(someChannel, { minLength: 5, maxLength: 5 }),
        fc.boolean(),
        async (grant, asked, channels, isPost) => {
          const flat = Object.fromEntries(
            Object.entries(asked).map(([name, value]) => [
              name,
              typeof value === 'object' ? JSON.stringify(value) : String(value),
            ]),
          );
          const request = isPost
            ? new Request(ADDRESS, {
                method: 'POST',
                body: JSON.stringify(asked),
                headers: { 'content-type': 'application/json' },
              })
            : new Request(`${ADDRESS}?${new URLSearchParams(flat)}`);
          const { status, text } = await ask(grant, request);
          const expected = (channel: string, operation: string) =>
            isAllowed(grant.capability, channel, operation) &&
            (asked.capability === undefined || isAllowed(asked.capability, channel, operation));
          const token = status === 200 ? (JSON.parse(text) as TokenRequest) : undefined;
          if (token === undefined) expect([status, text]).toEqual([401, expect.stringContaining('40160')]);
          for (const channel of channels) {
            for (const operation of OPERATIONS) {
              const has = token !== undefined && isAllowed(token.capability ?? '', channel, operation);
              expect(has).toBe(expected(channel, operation));
            }
          }
          if (token === undefined) return;
          const most = grant.ttl ?? 3_600_000;
          expect(token.ttl).toBe(Math.min(most, asked.ttl ?? most));
          const anybody = asked.clientId ?? '*';
          expect(token.clientId ?? null).toBe(grant.clientId === '*' ? anybody : (grant.clientId ?? null));
        },
      ),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('a token has nothing that was not granted, whatever brackets are requested', async () => {
    await fc.assert(
      fc.asyncProperty(someGrant, wildCapability, async (grant, capability) => {
        const query = new URLSearchParams({ capability: JSON.stringify(capability) });
        const { status, text } = await ask(grant, new Request(`${ADDRESS}?${query}`));
        expect([200, 400, 401]).toContain(status);
        if (status === 200) expectWithin(JSON.parse(text), grant);
      }),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('wrong types in every field get a token within the grant, or 400 or 401', async () => {
    await fc.assert(
      fc.asyncProperty(someGrant, anyAsked, async (grant, asked) => {
        const body = JSON.stringify(asked);
        const headers = { 'content-type': 'application/json' };
        const { status, text } = await ask(grant, new Request(ADDRESS, { method: 'POST', body, headers }));
        expect([200, 400, 401]).toContain(status);
        if (status === 200) expectWithin(JSON.parse(text), grant);
        else expect(JSON.parse(text).error.statusCode).toBe(status);
      }),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('random bytes, of any content type, get a token within the grant, or an error', async () => {
    const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '', 'a;b=c'];
    await fc.assert(
      fc.asyncProperty(
        someGrant,
        fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.string({ unit: 'binary' })),
        fc.constantFrom(...types),
        async (grant, body, type) => {
          const headers = { 'content-type': type };
          const request = new Request(ADDRESS, { method: 'POST', body: body as BodyInit, headers });
          const { status, text } = await ask(grant, request);
          expect([200, 400, 401, 415]).toContain(status);
          if (status === 200) expectWithin(JSON.parse(text), grant);
        },
      ),
      { numRuns: CASES, seed: SEED },
    );
  });

  it('random queries get a token within the grant, or an error', async () => {
    await fc.assert(
      fc.asyncProperty(someGrant, fc.string({ unit: 'binary' }), async (grant, query) => {
        const { status, text } = await ask(grant, new Request(`${ADDRESS}?${query}`));
        expect([200, 400, 401]).toContain(status);
        if (status === 200) expectWithin(JSON.parse(text), grant);
      }),
      { numRuns: CASES, seed: SEED },
    );
  });
});
