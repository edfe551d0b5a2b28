import type { Configuration } from '@hocuspocus/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Identity, type TokenGate, tokenGate } from '../../examples/hocuspocus/server.js';
import { type HocuspocusOptions, hocuspocus, tokenAccepted } from '../../src/connection/hocuspocus/index.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { DocumentServer } from '../kit/document-server.js';
import { eventually } from '../kit/eventually.js';

const expired = { code: 40142, statusCode: 401, message: 'the token expired' };
const someday = 4_000_000_000_000;

/** Tokens are `ada 1`, `ada 2`, …: the client, and a number. */
const holderOf = (token: string): Identity => ({ clientId: token.split(' ')[0] ?? '', expires: someday });

describe('Hocuspocus behind a Latchkey Auth', () => {
  const open: { dispose(): unknown }[] = [];
  let server: DocumentServer;
  let gate: TokenGate;
  /** The tokens that the server saw, by document. */
  let seen: string[];
  let refused: Set<string>;

  const listen = async (hooks: Partial<Configuration> = { extensions: [gate] }) => {
    server = await DocumentServer.listen(hooks);
  };

  beforeEach(() => {
    vi.spyOn(console, 'error').mockReturnValue();
    vi.spyOn(console, 'log').mockReturnValue();
    seen = [];
    refused = new Set();
    gate = tokenGate(async (token, name) => {
      seen.push(`${name}: ${token}`);
      if (refused.has(token)) throw expired;
      return holderOf(token);
    });
  });

  afterEach(async () => {
    for (const one of open.splice(0)) one.dispose();
    await server.close();
    vi.restoreAllMocks();
  });

  /** A document with its own connection and Auth, whose source counts its tokens. */
  const opened = (
    name = 'minutes',
    {
      socket,
      auth: more,
      ...options
    }: HocuspocusOptions & { socket?: ReturnType<DocumentServer['socket']>; auth?: ClientOptions } = {},
  ) => {
    const provider = server.document(name, socket ?? server.socket());
    const connection = hocuspocus(provider, options);
    let issued = 0;
    const authCallback = async () => {
      issued += 1;
      return `ada ${issued}`;
    };
    const auth = new Auth({ authCallback, connection, logLevel: 'none', ...more });
    open.unshift(auth, connection);
    const states: string[] = [];
    auth.on('connection.changed', ({ state }) => states.push(state));
    const told: string[] = [];
    for (const event of ['renewed', 'connection.upgrade', 'connection.open', 'connection.replace'] as const)
      auth.on(event, () => told.push(event));
    return {
      provider,
      connection,
      auth,
      states,
      told,
      body: provider.document.getText('body'),
      issued: () => issued,
    };
  };

  const connected = async (...given: Parameters<typeof opened>) => {
    const one = opened(...given);
    one.connection.connect();
    await eventually(() =>
      expect([one.connection.state, one.provider.isSynced]).toEqual(['connected', true]),
    );
    one.states.length = 0;
    one.told.length = 0;
    return one;
  };

  const bodyAt = (name: string) => server.copyOf(name)?.getText('body').toString();

  it('a document is opened with a token, and its edits arrive', async () => {
    await listen();
    const { auth, body } = await connected();
    body.insert(0, 'hello');
    await eventually(() => expect(bodyAt('minutes')).toBe('hello'));
    expect([auth.clientId, seen]).toEqual(['ada', ['minutes: ada 1']]);
  });

  it('a provider that connects by itself asks the Auth for its token', async () => {
    await listen();
    const { provider, connection } = opened();
    provider.attach();
    provider.configuration.websocketProvider.connect();
    await eventually(() => expect([connection.state, seen]).toEqual(['connected', ['minutes: ada 1']]));
  });

  it('a new token is accepted in place, and the document stays open', async () => {
    await listen();
    const { auth, states, provider } = await connected();
    const opens = vi.fn();
    provider.on('open', opens);
    provider.on('close', opens);
    await auth.authorize();
    expect([states, seen, provider.isSynced]).toEqual([[], ['minutes: ada 1', 'minutes: ada 2'], true]);
    expect(opens).not.toHaveBeenCalled();
  });

  it('the server asks for a token, and gets a new one in place', async () => {
    await listen();
    const { told } = await connected();
    gate.askForTokens();
    await eventually(() => expect(told).toContain('renewed'));
    expect([told, seen]).toEqual([
      ['connection.upgrade', 'renewed'],
      ['minutes: ada 1', 'minutes: ada 2'],
    ]);
  });

  it('a document that the server closes with its expired token is opened with the next one, on the same websocket', async () => {
    await listen();
    const { connection, provider, states } = await connected();
    const { webSocket } = provider.configuration.websocketProvider;
    gate.dropTokens(expired);
    await eventually(() => expect(states).toContain('connected'));
    expect(seen).toEqual(['minutes: ada 1', 'minutes: ada 2']);
    expect(provider.configuration.websocketProvider.webSocket).toBe(webSocket);
    expect(connection.state).toBe('connected');
  });

  it('what is edited while the document is closed arrives when it is open again', async () => {
    await listen();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const authCallback = vi.fn(async () => {
      if (authCallback.mock.calls.length > 1) await held;
      return `ada ${authCallback.mock.calls.length}`;
    });
    const { body, states, provider } = await connected('minutes', { auth: { authCallback } });
    gate.dropTokens(expired);
    await eventually(() => expect(states).toContain('connecting'));
    body.insert(0, 'while away');
    release();
    await eventually(() => expect(bodyAt('minutes')).toBe('while away'));
    await eventually(() => expect(provider.hasUnsyncedChanges).toBe(false));
  });

  it('what is edited while the websocket is down arrives when it is up again', async () => {
    await listen();
    const { body, states, provider } = await connected();
    provider.configuration.websocketProvider.webSocket?.close();
    await eventually(() => expect(states).toContain('disconnected'));
    body.insert(0, 'while down');
    await eventually(() => expect(bodyAt('minutes')).toBe('while down'));
    expect(seen).toEqual(['minutes: ada 1', 'minutes: ada 1']);
  });

  it('a document whose new token the hook onTokenSync refuses by an exception is open again with the former token', async () => {
    await listen({
      onAuthenticate: async ({ token }) => ({ token: `${seen.push(token)}` && token }),
      connected: async ({ connection, context }) =>
        connection.sendStateless(tokenAccepted(context.token, 'ada')),
      onTokenSync: async ({ token }) => {
        seen.push(token);
        throw { reason: 'Unauthorized' };
      },
    });
    const { auth, states, provider, connection } = await connected();
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40140 });
    await eventually(() => expect([connection.state, provider.isSynced]).toEqual(['connected', true]));
    expect([states, seen]).toEqual([
      ['disconnected', 'connecting', 'connected'],
      ['ada 1', 'ada 2', 'ada 1'],
    ]);
  });

  it('a document whose former token is refused while the new one waits for its answer is opened with the new one', async () => {
    await listen();
    const { auth, states } = await connected();
    gate.onTokenSync = async () => gate.dropTokens(expired);
    await auth.authorize();
    expect([states, seen]).toEqual([
      ['disconnected', 'connecting', 'connected'],
      ['minutes: ada 1', 'minutes: ada 2'],
    ]);
  });

  it('two documents share a websocket, each with its own token, and the refusal of one leaves the other open', async () => {
    await listen();
    const socket = server.socket();
    const one = await connected('minutes', { socket });
    const other = await connected('agenda', { socket, auth: { authCallback: async () => 'bob 1' } });
    const close = vi.fn();
    socket.on('close', close);
    refused.add('ada 2');
    await expect(one.auth.authorize()).rejects.toMatchObject({ code: 40142 });
    await one.auth.authorize();
    expect([one.connection.state, other.connection.state, other.states]).toEqual([
      'connected',
      'connected',
      [],
    ]);
    expect([other.provider.isSynced, other.auth.clientId]).toEqual([true, 'bob']);
    one.connection.close();
    other.body.insert(0, 'still open');
    await eventually(() => expect(bodyAt('agenda')).toBe('still open'));
    one.connection.connect();
    await eventually(() => expect(one.connection.state).toBe('connected'));
    expect(close).not.toHaveBeenCalled();
  });

  it('a document whose token waits for an answer gets a newer one on a new websocket, and the other documents come back', async () => {
    await listen();
    const socket = server.socket();
    const other = await connected('agenda', { socket });
    let isSilent = true;
    const hooks = gate.onAuthenticate;
    gate.onAuthenticate = async (data) => {
      if (data.documentName === 'minutes' && isSilent) await new Promise(() => {});
      return hooks?.(data);
    };
    const { connection, auth, states } = opened('minutes', { socket });
    connection.connect();
    await eventually(() => expect(auth.state.value).toBe('authorized'));
    isSilent = false;
    await auth.authorize();
    expect(states).toEqual(['connecting', 'connected']);
    await eventually(() =>
      expect([other.connection.state, other.provider.isSynced]).toEqual(['connected', true]),
    );
    expect(other.states).toEqual(['disconnected', 'connecting', 'connected']);
  });

  it('a server without acknowledgements is served by opening the document again with each token', async () => {
    await listen({
      onAuthenticate: async ({ token }) => {
        seen.push(token);
      },
    });
    const { auth, body } = await connected('minutes', { inPlace: false });
    body.insert(0, 'kept');
    await auth.authorize();
    expect([seen, auth.tokenDetails?.token]).toEqual([['ada 1', 'ada 2'], 'ada 2']);
    body.insert(4, ' and sent');
    await eventually(() => expect(bodyAt('minutes')).toBe('kept and sent'));
  });

  it('a server that never acknowledges ends in an error that names the remedy, and the document is tried again', async () => {
    await listen({ onAuthenticate: async ({ token }) => void seen.push(token) });
    const { auth, connection } = opened('minutes', { answerTimeoutMs: 50 });
    const failed = await auth.authorize().catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 80014, remediation: expect.stringContaining('acknowledges') });
    expect(connection.state).toBe('disconnected');
  });

  it('an upgrade that is never acknowledged ends in the same error, and the document stays open', async () => {
    await listen({
      onAuthenticate: async ({ token }) => ({ token }),
      connected: async ({ connection, context }) =>
        connection.sendStateless(tokenAccepted(context.token, 'ada')),
    });
    const { auth, states } = await connected('minutes', { answerTimeoutMs: 50 });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    expect(states).toEqual([]);
  });

  it('the acknowledgement of another token is ignored', async () => {
    await listen({
      onAuthenticate: async () => {},
      connected: async ({ connection }) => {
        connection.sendStateless(tokenAccepted('eve 1', 'eve'));
        connection.sendStateless('{"latchkey":"accepted"}');
        connection.sendStateless('{"latchkey":"accepted","token":7');
        connection.sendStateless(`{"latchkey":${'['.repeat(5_000)}`);
      },
    });
    const { auth, connection } = opened('minutes', { answerTimeoutMs: 50 });
    await expect(auth.authorize()).rejects.toMatchObject({ code: 80014 });
    expect([connection.state, auth.clientId]).toEqual(['disconnected', null]);
  });

  it('a document that the server closes for a reason of its own comes back with its token', async () => {
    await listen();
    const { states } = await connected();
    for (const [connection] of server.copyOf('minutes')?.connections ?? [])
      connection.close({ code: 4999, reason: 'the moon is full' });
    await eventually(() => expect(states).toEqual(['disconnected', 'connecting', 'connected']));
    expect(seen).toEqual(['minutes: ada 1', 'minutes: ada 1']);
  });

  it('a server that refuses every token is asked more and more slowly', async () => {
    await listen({
      onAuthenticate: async ({ token }) => {
        seen.push(token);
        throw new Error('no');
      },
    });
    const { connection, auth } = opened();
    connection.connect();
    await eventually(() => expect(auth.state.value).toBe('failed'));
    expect([new Set(seen).size, seen.length <= 3]).toEqual([seen.length, true]);
  });

  it('a provider that is destroyed while its token is fetched sends nothing, and stays closed', async () => {
    await listen();
    let release = (_token: string) => {};
    const authCallback = () =>
      new Promise<string>((resolve) => {
        release = resolve;
      });
    const { provider, connection, auth } = opened('minutes', { auth: { authCallback } });
    const authorized = auth.authorize().catch((error: unknown) => error);
    connection.connect();
    provider.destroy();
    release('ada 1');
    expect(await authorized).toMatchObject({ code: 80017 });
    setTimeout(() => release('ada 2'));
    await expect(auth.authorize()).rejects.toMatchObject({ message: expect.stringContaining('destroyed') });
    expect([seen, connection.state]).toEqual([[], 'failed']);
  });

  it('a websocket that the app closes closes its documents, and opens them when the app opens it again', async () => {
    await listen();
    const { provider, connection, states } = await connected();
    const { websocketProvider } = provider.configuration;
    websocketProvider.disconnect();
    await eventually(() => expect(connection.state).toBe('closed'));
    websocketProvider.connect();
    await eventually(() => expect(states).toEqual(['closed', 'connecting', 'connected']));
  });

  it.each([['minutes'], [`議事録 ${'x'.repeat(200)}`]])(
    'the next user opens the document %s with a token of their own, after the server closed it',
    async (name) => {
      await listen();
      let user = 'ada';
      const { auth, connection } = await connected(name, { auth: { authCallback: async () => `${user} 1` } });
      auth.forget();
      expect(connection.state).toBe('closed');
      user = 'bob';
      await auth.authorize();
      expect([seen, auth.clientId]).toEqual([[`${name}: ada 1`, `${name}: bob 1`], 'bob']);
    },
  );

  it('a token for another client is refused in place, and the document is opened with it', async () => {
    await listen();
    let user = 'ada';
    const { auth, connection } = await connected('minutes', {
      auth: { authCallback: async () => `${user} 1` },
    });
    user = 'bob';
    await expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    expect(connection.state).toBe('failed');
    await auth.authorize();
    expect([connection.state, auth.clientId]).toEqual(['connected', 'bob']);
  });

  it('a provider has one connection at a time, and is left as the app made it', async () => {
    await listen();
    const provider = server.document('minutes');
    provider.configuration.token = 'of the app';
    const first = hocuspocus(provider);
    expect(() => hocuspocus(provider)).toThrow(
      expect.objectContaining({ code: 40003, message: 'provider has a connection already' }),
    );
    first.dispose();
    expect(provider.configuration.token).toBe('of the app');
    const second = hocuspocus(provider);
    first.dispose();
    expect(() => hocuspocus(provider)).toThrow('provider has a connection already');
    open.unshift(new Auth({ authCallback: async () => 'ada 1', connection: second }), second);
    second.connect();
    await eventually(() => expect(second.state).toBe('connected'));
    provider.configuration.websocketProvider.webSocket?.close();
    await eventually(() => expect(seen).toEqual(['minutes: ada 1', 'minutes: ada 1']));
    expect(first.state).toBe('closed');
  });

  it.each([
    [
      'undefined',
      undefined,
      'provider is undefined, not a HocuspocusProvider of @hocuspocus/provider 3.3.1 or newer',
    ],
    [
      'a text',
      'minutes',
      'provider is a string, not a HocuspocusProvider of @hocuspocus/provider 3.3.1 or newer',
    ],
    [
      'a provider of release 2.15, which has no sendToken()',
      { configuration: { websocketProvider: {} }, on() {}, startSync() {} },
      'provider is not a HocuspocusProvider of @hocuspocus/provider 3.3.1 or newer: it has no sendToken',
    ],
  ])('%s is refused by name', async (_, provider, message) => {
    await listen();
    expect(() => hocuspocus(provider as never)).toThrow(expect.objectContaining({ code: 40003, message }));
  });

  it('options with a wrong value are refused by name', async () => {
    await listen();
    const provider = server.document('minutes');
    expect(() => hocuspocus(provider, { inPlace: 'yes' } as never)).toThrow(/inPlace/);
    expect(() => hocuspocus(provider, { answerTimeoutMs: 0 })).toThrow(/answerTimeoutMs/);
  });
});
