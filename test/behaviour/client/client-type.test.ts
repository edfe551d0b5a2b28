import { afterEach, describe, expect, it, vi } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { warnOfServerClaim } from '../../../src/sources/server-claim.js';
import { fakeConnection } from '../../../src/testing/index.js';

/** An account that is billed by monthly active users, and what a client of it uses. */
class Account {
  readonly sandbox = createSandbox({ pricing: 'mau' });
  readonly key = this.sandbox.createApp().keys[0]?.keyStr ?? '';
  /** The warnings and errors of the clients. */
  readonly lines: string[] = [];
  readonly log = { logHandler: (line: string) => this.lines.push(line) };
  /** The addresses that the clients requested, and how they named themselves. */
  readonly requests: URL[] = [];
  readonly agents: (string | null)[] = [];
  readonly fetch: typeof fetch = (input, init) => {
    this.requests.push(new URL(String(input)));
    this.agents.push(new Headers(init?.headers).get('ably-agent'));
    return this.sandbox.fetch(input, init);
  };

  /** A source of tokens that answers with a JWT. */
  jwts(grant: { readonly clientId?: string; readonly clientType?: 'server' }) {
    const issuer = new Auth({ key: this.key, fetch: this.sandbox.fetch });
    const endpoint = tokenEndpoint({ auth: issuer, grant: () => ({ capability: '{"*":["*"]}', ...grant }) });
    return {
      authCallback: async () => (await endpoint(new Request('https://a.example/token'))).json(),
    };
  }

  connection(options: RealtimeConnectionOptions = {}) {
    return new RealtimeConnection({ WebSocket: this.sandbox.WebSocket, ...this.log, ...options });
  }

  auth(options: ClientOptions, connection = this.connection()): Opened {
    const auth = new Auth({ fetch: this.fetch, connection, ...this.log, ...options });
    return { auth, connection };
  }
}

interface Opened {
  readonly auth?: Auth;
  readonly connection: RealtimeConnection;
}

type Make = (account: Account) => Opened;

const CLAIM = /x-ably-clientType: "server".*40167/;

const cases: readonly [title: string, make: Make, code: number | undefined, warns: boolean][] = [
  [
    'of a device with a clientId',
    (a) => a.auth({ ...a.jwts({ clientId: 'ada' }), clientType: 'device' }),
    undefined,
    false,
  ],
  ['of a device without a clientId', (a) => a.auth({ ...a.jwts({}), clientType: 'device' }), 40012, false],
  [
    'of a device by an Ably Token',
    (a) => a.auth({ key: a.key, clientId: 'ada', clientType: 'device' }),
    undefined,
    false,
  ],
  ['that declares nothing', (a) => a.auth(a.jwts({ clientId: 'ada' })), 40168, false],
  [
    'of a server by key',
    (a) => ({ connection: a.connection({ key: a.key, clientType: 'server' }) }),
    undefined,
    false,
  ],
  ['by key that declares nothing', (a) => ({ connection: a.connection({ key: a.key }) }), 40168, false],
  [
    'of a server by JWT with the claim',
    (a) => a.auth({ ...a.jwts({ clientType: 'server' }), clientType: 'server' }),
    undefined,
    false,
  ],
  [
    'of a server by JWT without the claim',
    (a) => a.auth({ ...a.jwts({}), clientType: 'server' }),
    40167,
    true,
  ],
  ['of a server by an Ably Token', (a) => a.auth({ key: a.key, clientType: 'server' }), 40167, true],
  [
    'whose own type comes before that of its Auth',
    (a) =>
      a.auth(
        { ...a.jwts({ clientId: 'ada' }), clientType: 'device' },
        a.connection({ clientType: 'server' }),
      ),
    40167,
    false,
  ],
  [
    'that declares more than its Auth',
    (a) => a.auth(a.jwts({ clientId: 'ada' }), a.connection({ clientType: 'device' })),
    undefined,
    false,
  ],
];

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('at an account billed by monthly active users', () => {
  it.each(cases)('a connection %s', async (_title, make, code, warns) => {
    const account = new Account();
    const { auth, connection } = make(account);
    await connection.whenState(code === undefined ? 'connected' : 'failed');
    const { errorReason } = connection;
    const warning = account.lines.findIndex((line) => CLAIM.test(line) && line.includes('tokenEndpoint'));
    auth?.dispose();
    connection.dispose();
    expect(errorReason?.code).toBe(code);
    expect(warning, account.lines.join('\n')).toBe(warns ? 0 : -1);
    if (code !== 40167 && code !== 40168) return;
    expect(errorReason?.remediation).toMatch(/clientType: 'device'/);
    if (code === 40167)
      expect(errorReason?.remediation).toMatch(/clientType: 'server' from the grant, or connect/);
    if (code === 40168) expect(errorReason?.remediation).toMatch(/needs a claim too, see 40167/);
    expect(account.lines.at(-1)).toContain("clientType: 'device'");
  });

  it('a request declares the type of the client, and an address that does so already stays', async () => {
    const account = new Account();
    const { auth, connection } = account.auth({ ...account.jwts({ clientId: 'ada' }), clientType: 'device' });
    const response = await auth?.fetch('/channels/chat/messages?limit=1#top');
    await auth?.fetch('/channels/chat/messages?clientType=device&limit=2');
    await auth?.fetch('/channels/chat/messages#?clientType=server');
    await auth?.time();
    connection.dispose();
    auth?.dispose();
    expect(response?.status).toBe(200);
    expect(account.requests.map(({ pathname, search }) => pathname + search)).toEqual([
      '/channels/chat/messages?limit=1&clientType=device',
      '/channels/chat/messages?clientType=device&limit=2',
      '/channels/chat/messages?clientType=device',
      '/time?clientType=device',
    ]);
  });

  it('a server that sends a request by a token without the claim is warned once', async () => {
    const account = new Account();
    const auth = new Auth({
      fetch: account.sandbox.fetch,
      ...account.log,
      ...account.jwts({}),
      clientType: 'server',
    });
    for (const _ of [1, 2]) expect((await auth.fetch('/channels/chat/messages')).status).toBe(401);
    auth.dispose();
    expect(account.lines).toEqual([expect.stringMatching(CLAIM)]);
  });
});

describe('what a client declares', () => {
  const declared = (more: object = {}) => {
    const connection = fakeConnection();
    const attach = vi.spyOn(connection, 'attach');
    new Auth({ authCallback: () => 'a-token', connection, ...more }).dispose();
    return attach.mock.lastCall?.[1];
  };

  it.each([
    ['a page', { document: {} }],
    ['a worker of a browser', { navigator: { product: 'Gecko', userAgent: 'Mozilla/5.0 (X11)' } }],
    ['React Native', { navigator: { product: 'ReactNative' } }],
  ])('a client in %s is a device unless it says otherwise', (_title, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    expect(declared()).toStrictEqual({ clientId: null, clientType: 'device' });
    expect(declared({ clientType: 'server' })).toEqual({ clientId: null, clientType: 'server' });
  });

  it.each(['Node.js/22', 'Deno/2.0', 'Bun/1.2', 'Cloudflare-Workers', undefined])(
    'a client where navigator.userAgent is %s declares nothing',
    (userAgent) => {
      vi.stubGlobal('navigator', { userAgent });
      expect(declared()).toStrictEqual({ clientId: null });
    },
  );

  it('a server checks each token for the claim once', async () => {
    const reads = { first: 0, second: 0 };
    const detailsOf = (name: keyof typeof reads) => ({
      get token() {
        reads[name] += 1;
        const payload = Buffer.from('{"x-ably-clientType":"server"}').toString('base64url');
        return `${name}.${payload}.signature`;
      },
    });
    const [first, second] = [detailsOf('first'), detailsOf('second')];
    const lines: string[] = [];
    const log = (line: string) => lines.push(line);
    for (const details of [first, first, second, second, first])
      warnOfServerClaim(details, { clientType: 'server', log });
    expect([reads, lines]).toEqual([{ first: 1, second: 1 }, []]);
    // Another client may declare the same token.
    warnOfServerClaim(first, { clientType: 'server', log: () => {} });
    expect(reads.first).toBe(2);
  });

  it('an adapter gets the programs of the app', () => {
    const agents = { 'my-app': '1.0.0', chat: '', ui: null, kit: undefined };
    expect(declared({ agents })).toEqual({ clientId: null, agents: 'my-app/1.0.0 chat ui kit' });
  });

  it('the agent names Latchkey first, then the programs of the Auth and of the connection', async () => {
    const account = new Account();
    const urls: URL[] = [];
    const WebSocket = class extends account.sandbox.WebSocket {
      constructor(url: string) {
        super(url);
        urls.push(new URL(url));
      }
    };
    const connection = account.connection({ WebSocket, agent: 'own/2' });
    const { auth } = account.auth(
      { key: account.key, clientId: 'ada', clientType: 'device', agents: { 'my-app': '1.0.0' } },
      connection,
    );
    await connection.whenState('connected');
    auth?.dispose();
    connection.dispose();
    expect(urls[0]?.searchParams.get('agent')).toMatch(/^latchkey\/[\d.]+ my-app\/1\.0\.0 own\/2$/);
    expect(account.agents[0]).toMatch(/^latchkey\/[\d.]+ my-app\/1\.0\.0$/);
  });

  it.each([
    ['a name with a space', { 'my app': '1' }, 'agents: the name "my app" has the character " "'],
    ['a name with a slash', { 'my/app': '1' }, 'agents: the name "my/app" has the character "/"'],
    ['a name with a line break', { 'a\r\nb': '1' }, 'agents: the name "a\\r\\nb" has the character "\\r"'],
    ['an empty name', { '': '1' }, 'agents has an empty name'],
    ['a name beyond ASCII', { müsli: '1' }, 'agents: the name "müsli" has the character "ü"'],
    ['a name with an emoji', { 'app🔑': '1' }, 'agents: the name "app🔑" has the character "🔑"'],
    [
      'a version with a line break',
      { app: '1\r\nx: y' },
      'agents: the version of "app" has the character "\\r"',
    ],
    [
      'a version with a space',
      { good: '1', app: '1 ably-pubsub-server' },
      'agents: the version of "app" has the character " "',
    ],
    ['a version that is an object', { app: {} }, 'agents: the version of "app" is an object, not a string'],
    ['a version that is a number', { app: 2 }, 'agents: the version of "app" is 2, not a string'],
  ])('agents with %s are refused, and the message says what is wrong', (_title, agents, message) => {
    expect(() => declared({ agents })).toThrow(expect.objectContaining({ code: 40003, message }));
  });

  it.each([
    ['Auth', (clientType: string) => declared({ clientType })],
    ['RealtimeConnection', (clientType: string) => new RealtimeConnection({ clientType } as object)],
    [
      'attach()',
      (clientType: string) =>
        new RealtimeConnection().attach(() => {}, { clientId: null, clientType } as never),
    ],
  ])('%s refuses another client type by its name', (_title, make) => {
    for (const other of ['Server', 'browser', ''])
      expect(() => make(other)).toThrow(
        expect.objectContaining({ code: 40003, message: expect.stringMatching(/^clientType is .*'device'/) }),
      );
  });
});
