import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { Part } from '../../../src/async/part.js';
import type { Auth, ClientOptions } from '../../../src/index.js';

const KEY = 'app.key:secret';

let AuthClass: typeof Auth;
let parts: Readonly<
  Record<'inspector' | 'oneOffOperations' | 'requirements' | 'rest' | 'signing', Part<unknown>>
>;
const sent: { url: string; headers: Headers; signal: AbortSignal | null | undefined }[] = [];
const clients: Auth[] = [];

// Modules as they are in a program that has just begun: nothing is loaded yet.
beforeEach(async () => {
  vi.resetModules();
  ({ Auth: AuthClass } = await import('../../../src/index.js'));
  const { inspectorPart } = await import('../../../src/inspection/late-inspector.js');
  parts = { ...(await import('../../../src/client/parts.js')).parts, inspector: inspectorPart };
});
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
  sent.length = 0;
  vi.doUnmock('../../../src/signing/token-request.js');
});

function client(options: ClientOptions = { key: KEY }): Auth {
  const auth = new AuthClass({
    ...options,
    logLevel: 'none',
    async fetch(input, init) {
      const request = new Request(input, init);
      sent.push({ url: request.url, headers: request.headers, signal: init?.signal });
      return Response.json([Date.UTC(2030, 0, 1)]);
    },
  });
  clients.push(auth);
  return auth;
}

const given = { token: 'a-token', issued: Date.now(), expires: Date.now() + 3_600_000 };

const calls: readonly (readonly [string, ClientOptions, (auth: Auth) => Promise<unknown>])[] = [
  ['requestToken', { key: KEY }, (auth) => auth.requestToken()],
  ['createTokenRequest', { key: KEY }, (auth) => auth.createTokenRequest()],
  ['revokeTokens', { key: KEY }, (auth) => auth.revokeTokens({ type: 'clientId', value: 'ada' })],
  ['time', { key: KEY }, (auth) => auth.time()],
  ['fetch', { key: KEY }, (auth) => auth.fetch('/channels/lobby')],
  ['require', { authCallback: async () => given }, (auth) => auth.require({ lobby: ['publish'] })],
];

describe('a call that loads its part of the library', () => {
  it('finds nothing loaded before it', () => {
    expect(Object.values(parts).map(({ loaded }) => loaded)).toEqual(
      Object.values(parts).map(() => undefined),
    );
  });

  it.each(calls)(
    '%s rejects when the client is disposed of meanwhile, and sends nothing',
    async (_name, options, call) => {
      const auth = client(options);
      const promise = call(auth);
      auth.dispose();
      await expect(promise).rejects.toMatchObject({ code: 80017 });
      expect(sent).toEqual([]);
    },
  );

  it.each(calls.slice(4))(
    '%s rejects when the user signs out meanwhile, and sends nothing',
    async (_name, options, call) => {
      const authCallback = vi.fn(async () => given);
      const auth = client(options.key === undefined ? { authCallback } : options);
      const promise = call(auth);
      auth.forget();
      await expect(promise).rejects.toMatchObject({ code: 80017 });
      expect(sent).toEqual([]);
      expect(authCallback).not.toHaveBeenCalled();
      expect(auth.state.value).toBe('idle');
    },
  );

  it('authorize() with a key rejects when the client is disposed of meanwhile, and sends nothing', async () => {
    const auth = client();
    const promise = auth.authorize();
    await Promise.resolve();
    auth.dispose();
    await expect(promise).rejects.toMatchObject({ code: 80017 });
    await Promise.all([parts.rest.load(), parts.signing.load()]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(sent).toEqual([]);
  });

  it('fetch() sends what it was given at the time of the call', async () => {
    const auth = client();
    const url = new URL('https://main.realtime.ably.net/first');
    const headers = new Headers({ 'x-number': '1' });
    const init: RequestInit = { headers };
    const first = auth.fetch(url, init);
    url.pathname = '/second';
    headers.set('x-number', '2');
    init.method = 'DELETE';
    await first;
    expect(sent.map(({ url: to, headers: of }) => [to, of.get('x-number')])).toEqual([
      ['https://main.realtime.ably.net/first', '1'],
    ]);
  });

  it('is loaded again after it could not be loaded', async () => {
    vi.doMock('../../../src/signing/token-request.js', () => {
      throw new Error('the network is gone');
    });
    const auth = client();
    await expect(auth.createTokenRequest()).rejects.toMatchObject({
      code: 80003,
      message: 'a part of Latchkey could not be loaded',
    });
    vi.doUnmock('../../../src/signing/token-request.js');
    await expect(auth.createTokenRequest()).resolves.toMatchObject({ keyName: 'app.key' });
  });

  it('is not awaited by a token source: no part is loaded for the first token of an authCallback', async () => {
    const auth = client({ authCallback: async () => given });
    await auth.authorize();
    expect(Object.entries(parts).filter(([, { loaded }]) => loaded !== undefined)).toEqual([]);
  });
});

describe('an inspector whose code is loaded at the first event', () => {
  it('is told of every event in order, also of those before it was loaded', async () => {
    const late: string[] = [];
    const prompt: string[] = [];
    const name = (event: InspectionEvent) => `${event.type} ${'event' in event ? event.event.type : ''}`;
    const auth = client({ authCallback: async () => given, inspect: (event) => late.push(name(event)) });
    auth.actor.system.inspect((event) => prompt.push(name(event)));
    await auth.authorize();
    await parts.inspector.load();
    await auth.authorize();
    auth.forget();
    expect(prompt.length).toBeGreaterThan(20);
    expect(late.slice(-prompt.length)).toEqual(prompt);
  });

  it('is told of no event after the client has ended', async () => {
    const late: string[] = [];
    const auth = client({ authCallback: async () => given, inspect: (event) => late.push(event.type) });
    await auth.authorize();
    auth.dispose();
    await parts.inspector.load();
    const told = late.length;
    await new Promise((resolve) => setTimeout(resolve));
    expect(told).toBeGreaterThan(0);
    expect(late).toHaveLength(told);
  });
});
