import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { Part } from '../../../src/async/part.js';
import type {
  Auth,
  ClientOptions,
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  TokenParams,
} from '../../../src/index.js';
import { ErrorInfo } from '../../../src/index.js';
import { VirtualClock } from '../../../src/testing/index.js';

const KEY = 'app.key:secret';

let AuthClass: typeof Auth;
let parts: typeof import('../../../src/client/parts.js').parts;
const sent: { url: string; headers: Headers; signal: AbortSignal | null | undefined }[] = [];
const clients: Auth[] = [];

// Fresh modules, as in a new program: no part is loaded yet.
beforeEach(async () => {
  vi.resetModules();
  ({ Auth: AuthClass } = await import('../../../src/index.js'));
  ({ parts } = await import('../../../src/client/parts.js'));
});
afterEach(() => {
  for (const client of clients.splice(0)) client.dispose();
  sent.length = 0;
  vi.doUnmock('../../../src/client/key-signer.js');
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
  it('no part is loaded before its first use', () => {
    expect(Object.values(parts).map(({ loaded }) => loaded)).toEqual(
      Object.values(parts).map(() => undefined),
    );
  });

  it.each(calls)(
    '%s rejects when the client is disposed of during the load, and sends nothing',
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

  it('authorize() with a key rejects when the client is disposed of during the load, and sends nothing', async () => {
    const auth = client();
    const promise = auth.authorize();
    await Promise.resolve();
    auth.dispose();
    await expect(promise).rejects.toMatchObject({ code: 80017 });
    await Promise.all([parts.rest.load(), parts.signing.load()]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(sent).toEqual([]);
  });

  it('fetch() sends the arguments as they were at the time of the call', async () => {
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

  it('a part that could not be loaded is loaded again at the next call', async () => {
    vi.doMock('../../../src/client/key-signer.js', () => {
      throw new Error('the network is gone');
    });
    const auth = client();
    await expect(auth.createTokenRequest()).rejects.toMatchObject({
      code: 80003,
      message: 'a part of Latchkey could not be loaded',
    });
    vi.doUnmock('../../../src/client/key-signer.js');
    await expect(auth.createTokenRequest()).resolves.toMatchObject({ keyName: 'app.key' });
  });

  it('a token source waits for no part: nothing is loaded for the first token of an authCallback', async () => {
    const auth = client({ authCallback: async () => given });
    await auth.authorize();
    expect(Object.entries(parts).filter(([, { loaded }]) => loaded !== undefined)).toEqual([]);
  });
});

describe('an inspector whose code is loaded at the first event', () => {
  it('the inspector receives every event in order, also those from before it was loaded', async () => {
    const late: string[] = [];
    const prompt: string[] = [];
    const name = (event: InspectionEvent) => `${event.type} ${'event' in event ? event.event.type : ''}`;
    const auth = client({ authCallback: async () => given, inspect: (event) => late.push(name(event)) });
    auth.actor.system.inspect((event) => prompt.push(name(event)));
    await auth.authorize();
    await parts.inspection.load();
    await auth.authorize();
    auth.forget();
    expect(prompt.length).toBeGreaterThan(20);
    expect(late.slice(-prompt.length)).toEqual(prompt);
  });

  it('the inspector receives no event after the client was disposed of', async () => {
    const late: string[] = [];
    const auth = client({ authCallback: async () => given, inspect: (event) => late.push(event.type) });
    await auth.authorize();
    auth.dispose();
    await parts.inspection.load();
    const told = late.length;
    await new Promise((resolve) => setTimeout(resolve));
    expect(told).toBeGreaterThan(0);
    expect(late).toHaveLength(told);
  });
});

/** The code of a part is loaded when the test says so. */
function slow(part: () => Part<unknown>) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const load = part().load;
  vi.spyOn(part(), 'load').mockImplementation(async () => {
    await opened;
    return await load();
  });
  return async () => {
    open();
    await part().load();
    await settled();
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('an inspector whose code could not be loaded', () => {
  const INSPECTION = '../../../src/client/inspection.js';
  afterEach(() => vi.doUnmock(INSPECTION));

  it('the inspector receives all events at the first event after its code was loaded', async () => {
    vi.doMock(INSPECTION, () => {
      throw new Error('the network is gone');
    });
    const log: string[] = [];
    const types: string[] = [];
    const auth = new AuthClass({
      authCallback: async () => given,
      inspect: (event) => types.push('event' in event ? event.event.type : event.type),
      logHandler: (message) => log.push(message),
    });
    clients.push(auth);
    await auth.authorize();
    await vi.waitUntil(() => log.length > 0);
    expect(log).toEqual([expect.stringContaining('a part of Latchkey could not be loaded')]);
    expect(types).toEqual([]);
    vi.doUnmock(INSPECTION);
    auth.forget();
    await vi.waitUntil(() => types.includes('forget'));
    expect(types).toContain('authorize');
    expect(log).toHaveLength(1);
  });
});

describe('the words for a trouble', () => {
  const TROUBLES = '../../../src/client/troubles.js';
  const fails = () => Promise.reject(new Error('the source is down'));
  afterEach(() => vi.doUnmock(TROUBLES));

  it('the words are loaded with the first trouble, which is logged then', async () => {
    const log: string[] = [];
    const auth = new AuthClass({ authCallback: fails, logHandler: (message) => log.push(message) });
    clients.push(auth);
    auth.token$.subscribe();
    await vi.waitUntil(() => log.length > 0);
    expect(log[0]).toMatch(
      /^no token from authCallback: the token source failed: the source is down .*Next try/,
    );
  });

  it('the trouble is logged even if the client was disposed of meanwhile, and nothing is logged after it', async () => {
    const load = slow(() => parts.troubles);
    const log: string[] = [];
    const auth = new AuthClass({ authCallback: fails, logHandler: (message) => log.push(message) });
    auth.token$.subscribe();
    await vi.waitUntil(() => auth.state.value === 'failed');
    auth.dispose();
    expect(log).toEqual([]);
    await load();
    expect(log).toEqual([expect.stringMatching(/^no token from authCallback: /)]);
  });

  it('the error alone is logged while the words cannot be loaded', async () => {
    vi.doMock(TROUBLES, () => {
      throw new Error('the network is gone');
    });
    const log: string[] = [];
    const auth = new AuthClass({ authCallback: fails, logHandler: (message) => log.push(message) });
    clients.push(auth);
    auth.token$.subscribe();
    await vi.waitUntil(() => log.length > 0);
    expect(log).toEqual(['the token source failed: the source is down (40170)']);
  });
});

const LINK = '../../../src/connection/link/connection-link.js';

const slowLink = () => slow(() => parts.link);

/** A connection that writes down what it is told, and accepts every token. */
function connection(state: ConnectionState = 'initialized') {
  const heard: string[] = [];
  let report: (report: ConnectionReport) => void = () => {};
  const adapter = {
    state,
    push: async (event: Parameters<ConnectionAdapter['push']>[0]) => {
      heard.push(
        event.type === 'connection.fail' ? `fail ${event.error.code}` : `${event.type} ${event.token.token}`,
      );
    },
    attach: (listener: typeof report) => {
      report = listener;
      return () => heard.push('detach');
    },
    forget: () => heard.push('forget'),
  };
  const become = (next: ConnectionState) => {
    adapter.state = next;
    report({ type: 'connection.changed', state: next });
  };
  const needToken = () => {
    become('connecting');
    report({ type: 'token.needed' });
  };
  return { adapter: adapter as unknown as ConnectionAdapter, heard, become, needToken };
}

describe("a connection while the code of its client's end is loaded", () => {
  afterEach(() => vi.doUnmock(LINK));

  it('the source is asked at once, and the connection gets the token when the code is there', async () => {
    const load = slowLink();
    const { adapter, heard, needToken } = connection();
    const authCallback = vi.fn(async () => given);
    const auth = client({ authCallback, connection: adapter });
    await settled();
    expect(authCallback).not.toHaveBeenCalled();
    needToken();
    await vi.waitUntil(() => auth.state.value === 'authorized');
    expect(heard).toEqual([]);
    await load();
    await vi.waitUntil(() => heard.length > 0);
    expect(heard).toEqual(['connection.open a-token']);
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  it.each([0, 1, 2])(
    'a close that the adapter holds back is newer than the %i reports before it',
    async (reports) => {
      const load = slowLink();
      const { adapter, become, needToken } = connection();
      const catchUp = vi.fn(() => {
        if (adapter.state !== 'closed') become('closed');
      });
      const auth = client({
        authCallback: async () => given,
        connection: Object.assign(adapter, { catchUp }),
      });
      const states: string[] = [];
      auth.on('connection.changed', ({ state }) => states.push(state));
      await settled();
      if (reports === 2) needToken();
      if (reports === 1) become('connecting');
      await load();
      if (reports === 0) await settled();
      else await vi.waitUntil(() => states.length >= 2);
      expect(states).toEqual(reports === 0 ? [] : ['connecting', 'closed']);
    },
  );

  it('the connection is opened once, with the token of an authorize() that was called meanwhile', async () => {
    const load = slowLink();
    const { adapter, heard, needToken } = connection();
    const authCallback = async (params: TokenParams) => ({ ...given, token: `for ${params.clientId}` });
    const auth = client({ authCallback, connection: adapter });
    needToken();
    const call = auth.authorize({ clientId: 'ada' });
    await settled();
    await load();
    await call;
    expect(heard).toEqual(['connection.open for ada']);
  });

  it('the connection is opened once, with the newest token, however many came and were offered meanwhile', async () => {
    const load = slowLink();
    const clock = new VirtualClock();
    const { adapter, heard, needToken, become } = connection();
    let issued = 0;
    const authCallback = async () => {
      issued += 1;
      const now = clock.now();
      return { token: `token ${issued}`, issued: now, expires: now + 3_600_000 };
    };
    const auth = client({ authCallback, connection: adapter, clock });
    for (let asked = 0; asked < 8; asked += 1) {
      needToken();
      await clock.advance(1_000_000);
      become('disconnected');
    }
    needToken();
    await settled();
    await load();
    await settled();
    expect(issued).toBeGreaterThan(2);
    expect(heard).toEqual([`connection.open ${auth.tokenDetails?.token}`]);
  });

  it('a token that was refused meanwhile opens no connection', async () => {
    const load = slowLink();
    const clock = new VirtualClock();
    const { adapter, heard, needToken } = connection();
    let calls = 0;
    const authCallback = async () => {
      calls += 1;
      if (calls > 1) throw new Error('the source is down');
      return given;
    };
    const auth = client({ authCallback, connection: adapter, clock });
    needToken();
    await clock.advance(0);
    expect(auth.tokenDetails?.token).toBe('a-token');
    auth.actor.send({
      type: 'token.refused',
      error: new ErrorInfo({ code: 40142, message: 'the token expired' }),
    });
    await clock.advance(0);
    await load();
    await settled();
    expect(heard).toEqual(['fail 40170']);
    expect(calls).toBe(2);
  });

  it('that the user closes meanwhile is not opened by authorize()', async () => {
    const load = slowLink();
    const { adapter, heard, needToken, become } = connection();
    const auth = client({ authCallback: async () => given, connection: adapter });
    needToken();
    const call = auth.authorize();
    await settled();
    become('closed');
    const refused = expect(call).rejects.toMatchObject({ code: 80017, message: 'the connection was closed' });
    await load();
    await refused;
    expect(heard).toEqual([]);
  });

  it('the connection receives nothing after the client was disposed of meanwhile', async () => {
    const load = slowLink();
    const { adapter, heard, needToken } = connection();
    const auth = client({ authCallback: async () => given, connection: adapter });
    needToken();
    const call = auth.authorize();
    auth.dispose();
    await expect(call).rejects.toMatchObject({ code: 80017 });
    await load();
    needToken();
    expect(heard).toEqual(['detach']);
  });

  it('the client requests no token again when the user signs out meanwhile', async () => {
    const load = slowLink();
    const { adapter, heard, needToken } = connection();
    const authCallback = vi.fn(async () => given);
    const auth = client({ authCallback, connection: adapter });
    needToken();
    await vi.waitUntil(() => auth.state.value === 'authorized');
    auth.forget();
    await load();
    expect(heard).toEqual(['forget']);
    expect(auth.state.value).toBe('idle');
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  it('the connection fails when the source fails for good meanwhile, and the source is not asked again', async () => {
    const load = slowLink();
    const { adapter, heard, needToken } = connection();
    const authCallback = vi.fn(() => Promise.reject({ statusCode: 403, message: 'banned' }));
    const auth = client({ authCallback, connection: adapter });
    needToken();
    await vi.waitUntil(() => auth.state.value === 'failed');
    await load();
    expect(heard).toEqual(['fail 40300']);
    expect(authCallback).toHaveBeenCalledTimes(1);
  });

  it('the connection gets the token later when the code could not be loaded at first', async () => {
    vi.doMock(LINK, () => {
      throw new Error('the network is gone');
    });
    const clock = new VirtualClock();
    const { adapter, heard, needToken } = connection();
    const auth = client({ authCallback: async () => given, connection: adapter, clock });
    needToken();
    await vi.waitUntil(() => auth.state.value === 'authorized');
    await expect(parts.link.load()).rejects.toMatchObject({ code: 80003 });
    vi.doUnmock(LINK);
    await vi.waitUntil(async () => {
      await clock.advance(1_000);
      return heard.length > 0;
    });
    expect(heard).toEqual(['connection.open a-token']);
  });

  it('authorize() fails when the code cannot be loaded, and the token is not kept', async () => {
    vi.doMock(LINK, () => {
      throw new Error('the network is gone');
    });
    const { adapter, heard } = connection();
    const auth = client({ authCallback: async () => given, connection: adapter });
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 80003,
      message: 'a part of Latchkey could not be loaded',
    });
    expect(auth.tokenDetails).toBeNull();
    expect(heard).toEqual([]);
  });

  it('the constructor refuses an adapter that does not implement the port', () => {
    const { adapter } = connection();
    const bad = { ...adapter, attach: () => 'a text' } as unknown as ConnectionAdapter;
    expect(() => client({ authCallback: async () => given, connection: bad })).toThrow(
      "the connection adapter's attach() returned no function",
    );
  });
});

describe('a ping whose code is loaded', () => {
  it('the ping fails by the state that the connection has when the code is there', async () => {
    const { RealtimeConnection } = await import('../../../src/connection/index.js');
    const [closed, over] = [new RealtimeConnection(), new RealtimeConnection()];
    const pings = [closed.ping(), over.ping()].map((ping) => ping.catch((error: unknown) => error));
    over.dispose();
    expect(await Promise.all(pings)).toEqual([
      expect.objectContaining({ code: 80003, message: 'the connection is initialized' }),
      expect.objectContaining({ code: 80017, message: 'the connection was disposed of' }),
    ]);
    closed.dispose();
  });
});
