import { afterEach, describe, expect, it } from 'vitest';
import {
  Auth,
  type ConnectionAdapter,
  type ConnectionReport,
  type TokenDetails,
} from '../../../src/index.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import { json, MockHttp } from '../../uts/mock-http.js';

const unknown = undefined;
type Told = string | null | typeof unknown;

/** The client's own clientId, that of the token, and the expected identity; `error`: the token is refused. */
const table: [own: string | undefined, told: Told, expected: string | null | 'error'][] = [
  [undefined, unknown, null],
  [undefined, null, null],
  [undefined, '', null],
  [undefined, '*', '*'],
  [undefined, 'bob', 'bob'],
  ['ada', unknown, 'ada'],
  ['ada', null, 'ada'],
  ['ada', '', 'ada'],
  ['ada', 'ada', 'ada'],
  ['ada', '*', 'ada'],
  ['ada', 'bob', 'error'],
];

const tokenFor = (told: Told): TokenDetails => ({
  token: 't',
  ...(told === unknown ? {} : { clientId: told }),
});
const named = (own: string | undefined) => (own === undefined ? {} : { clientId: own });

describe('the identity of a client (RSA7, RSA12, RSA15)', () => {
  const made: Auth[] = [];
  const make = (options: ConstructorParameters<typeof Auth>[0]) => {
    const auth = new Auth(options);
    made.push(auth);
    return auth;
  };

  afterEach(() => {
    for (const auth of made.splice(0)) auth.dispose();
  });

  it.each(table)('own %s, token for %s, given at construction → %s', (own, told, expected) => {
    const options = { tokenDetails: tokenFor(told), ...named(own) };
    if (expected === 'error') expect(() => make(options)).toThrow(expect.objectContaining({ code: 40102 }));
    else expect(make(options).clientId).toBe(expected);
  });

  it.each(table)('own %s, token for %s, from a source → %s', async (own, told, expected) => {
    const auth = make({ authCallback: async () => tokenFor(told), ...named(own) });
    if (expected === 'error') {
      await expect(auth.authorize()).rejects.toMatchObject({ code: 40102, statusCode: 401 });
      expect(auth.clientId).toBe(own);
      expect(auth.tokenDetails).toBeNull();
      return;
    }
    await auth.authorize();
    expect(auth.clientId).toBe(expected);
  });

  it.each(table)('own %s, TokenRequest for %s → %s, before it is exchanged', async (own, told, expected) => {
    const http = new MockHttp(() => json({ token: 't' }, 201));
    const request = {
      keyName: 'a.b',
      timestamp: 1,
      nonce: 'n',
      mac: 'm',
      ...(told ? { clientId: told } : {}),
    };
    const auth = make({ authCallback: async () => request, fetch: http.fetch, ...named(own) });
    if (expected === 'error') {
      await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
      expect(http.requests).toHaveLength(0);
    } else {
      await auth.authorize();
      expect(http.requests).toHaveLength(1);
    }
  });

  it('the client learns its identity from the connection if the token has none', async () => {
    let report: (report: ConnectionReport) => void = () => {};
    const connection: ConnectionAdapter = {
      state: 'connected',
      push: async () => {},
      attach: (listener) => {
        report = listener;
        return () => {};
      },
    };
    const auth = make({ authCallback: async () => 'an opaque token', connection });
    const told: unknown[] = [];
    auth.on('identity.changed', (change) => told.push(change));
    await auth.authorize();
    expect(auth.clientId).toBeNull();
    report({ type: 'identity.confirmed', clientId: 'bob' });
    expect(auth.clientId).toBe('bob');
    expect(told).toEqual([{ previous: null, current: 'bob' }]);
  });

  it('the client reads no identity from a JWT', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = `${part({ alg: 'HS256' })}.${part({ 'x-ably-clientId': 'bob', exp: 4e9, iat: 1 })}.sig`;
    const auth = make({ authCallback: async () => jwt, clientId: 'ada' });
    await auth.authorize();
    expect(auth.clientId).toBe('ada');
    expect(auth.state.next?.step).toBe('renew');
  });

  it('a later token changes the identity if the client has no clientId of its own', async () => {
    let clientId = 'ada';
    const auth = make({ authCallback: async () => ({ token: `for ${clientId}`, clientId }) });
    await auth.authorize();
    clientId = 'bob';
    await auth.authorize();
    expect(auth.clientId).toBe('bob');
  });

  it('the client sends its own clientId if a call has none, and an explicit null as it is (RSA7d, RSA10h)', async () => {
    const asked: unknown[] = [];
    const auth = make({
      clientId: 'ada',
      defaultTokenParams: { clientId: 'somebody else', ttl: 1_000 },
      authCallback: async (params) => {
        asked.push(params);
        return 't';
      },
    });
    await auth.requestToken();
    await auth.requestToken({ ttl: 2_000 });
    await auth.requestToken({ clientId: null });
    await auth.requestToken({ clientId: 'bob' });
    expect(asked).toEqual([
      { clientId: 'ada', ttl: 1_000 },
      { clientId: 'ada', ttl: 2_000 },
      { clientId: null },
      { clientId: 'bob' },
    ]);
    await settle();
  });
});
