import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AblyRealtime, type AblyStateChange, ablyJs } from '../../../src/connection/ably-js/index.js';
import { Auth, ErrorInfo, type TokenDetails } from '../../../src/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { hostileValues } from '../../e2e/hostile-values.js';
import { AuthorizeHarness } from '../../kit/authorize-harness.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { json, MockHttp } from '../../uts/mock-http.js';

const HOUR = 3_600_000;
const TRAP = { toString: 0, valueOf: 0 };
const values = Object.entries(hostileValues);

/** Handmade sockets. */
class HandMadeSocket {
  static last: HandMadeSocket;
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  terminate?: () => void;

  constructor() {
    HandMadeSocket.last = this;
  }

  send(): void {}

  close(): void {
    throw new Error('it cannot be closed');
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function raise(): never {
  throw new Error('it cannot be done');
}

const trapOf = (name: string): object => Object.defineProperty({}, name, { get: raise });

const connected = { action: 4, connectionId: 'an id', connectionDetails: { connectionKey: 'a key' } };

describe('a connection with any WebSocket', () => {
  const start = () => {
    const log: string[] = [];
    const logHandler = (line: string, level: string) => log.push(`${level}: ${line}`);
    const one = new ConnectionHarness({ WebSocket: HandMadeSocket as never, logHandler });
    onTestFinished(() => one.connection.dispose());
    return { one, log };
  };

  // A text that is longer than any frame ends the transport.
  const short = values.filter(([what]) => what !== 'a text of 10 MB');

  it.each(short)(
    'a connection continues when a handler of its socket is called with %s',
    async (_what, make) => {
      const { one } = start();
      one.push('connection.open', 'a token');
      const { last: socket } = HandMadeSocket;
      socket.onopen?.(make());
      socket.onmessage?.(make());
      socket.onmessage?.({ data: make() });
      socket.say(connected);
      expect(one.connection.state).toBe('connected');
      socket.onerror?.(make());
      expect([one.connection.state, one.connection.errorReason?.code]).toEqual(['disconnected', 80003]);
    },
  );

  it('a connection logs the error of a socket that throws when it is closed, and continues', async () => {
    const { one, log } = start();
    one.push('connection.open', 'a token');
    HandMadeSocket.last.say(connected);
    HandMadeSocket.last.onclose?.({ code: 1006 });
    expect(one.connection.state).toBe('disconnected');
    expect(log).toEqual([expect.stringMatching(/^error: .*Error: it cannot be closed/)]);
  });

  it('a ping fails and the connection stays when the socket refuses a message', async () => {
    const { one } = start();
    one.push('connection.open', 'a token');
    const { last: socket } = HandMadeSocket;
    const ping = one.connection.ping().catch((error: unknown) => error);
    socket.send = () => {
      throw new Error('it is full');
    };
    socket.onopen?.({});
    socket.say(connected);
    expect(await ping).toMatchObject({ code: 80003 });
    expect(one.connection.state).toBe('connected');
  });

  it.each([
    ['bytes with a message in them', Buffer.from('{"action":9}'), 'it is not text'],
    [
      '100,000 brackets',
      `{"action":15,"messages":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
      'it is nested too deep',
    ],
    ['a fraction for an action', '{"action":8.5}', 'it has no action'],
    ['half a message', '{"action":', 'it is not JSON'],
  ])('a connection ignores %s, and logs it once', async (_what, data, why) => {
    const { one, log } = start();
    const messages = vi.fn();
    one.connection.onMessage(messages);
    one.push('connection.open', 'a token');
    HandMadeSocket.last.say(connected);
    for (let count = 0; count < 3; count += 1) HandMadeSocket.last.onmessage?.({ data });
    expect([one.connection.state, messages.mock.calls]).toEqual(['connected', []]);
    expect(log).toEqual([`warn: the server sent a frame that is not a protocol message: ${why}`]);
  });

  it('a connection accepts a message with any number of brackets in its texts', async () => {
    const { one } = start();
    const messages = vi.fn();
    one.connection.onMessage(messages);
    one.push('connection.open', 'a token');
    HandMadeSocket.last.say(connected);
    HandMadeSocket.last.say({ action: 15, data: '"\\[{'.repeat(1_000), list: Array(500).fill([{}]) });
    expect(messages).toHaveBeenCalledOnce();
  });
});

describe('the details of a connection', () => {
  it.each([
    ['connectionId', { connectionId: 'x'.repeat(4_097) }],
    ['connectionKey', { connectionDetails: { connectionKey: 'x'.repeat(4_097) } }],
    ['clientId', { connectionDetails: { clientId: 'x'.repeat(4_097) } }],
  ])('a CONNECTED with a %s of more than 4,096 characters ends the transport', async (_name, more) => {
    const one = await new AuthorizeHarness().reach('connecting');
    one.server.onOpen = 'silence';
    one.authorize().promise.catch(() => {});
    await one.clock.advance(1);
    one.server.line.send({ action: 4, ...more });
    expect(one.connection.state).toBe('disconnected');
    expect(one.connection.errorReason?.message).toMatch(/more than 4096 letters/);
    await one.recovers();
  });

  it.each([1e308, 1e15, HOUR + 1])(
    'a maxIdleInterval of %d ms counts as an hour',
    async (maxIdleInterval) => {
      const one = new ConnectionHarness();
      onTestFinished(() => one.connection.dispose());
      one.server.details = { maxIdleInterval };
      one.push('connection.open', 'a token');
      await one.clock.advance(HOUR + 9_999);
      expect(one.server.lines).toHaveLength(1);
      await one.clock.advance(2);
      expect(one.server.lines).toHaveLength(2);
    },
  );

  it.each([1e308, 1e15])('a connectionStateTtl of %d ms counts as an hour', async (connectionStateTtl) => {
    const one = new AuthorizeHarness();
    one.server.details = { connectionStateTtl };
    await one.reach('connected');
    one.server.onOpen = 'break';
    one.server.line.break();
    await one.clock.advance(HOUR + 1);
    expect(one.changes).toContain('suspended 80003');
  });

  it.each([-1, 0, '120000', TRAP, null])('a connectionStateTtl of %j is ignored', async (ms) => {
    const one = new AuthorizeHarness();
    one.server.details = { connectionStateTtl: ms, maxIdleInterval: ms };
    await one.reach('connected');
    one.server.onOpen = 'break';
    one.server.line.break();
    await one.clock.advance(60_000);
    expect(one.connection.state).toBe('disconnected');
    await one.clock.advance(60_000);
    expect(one.connection.state).toBe('suspended');
  });

  it('an error without numbers is reported by its message', async () => {
    const one = await new AuthorizeHarness().reach('connected');
    one.server.line.send({ action: 9, error: { code: '50000', message: 'the cluster moves' } });
    expect(one.connection.errorReason).toMatchObject({
      code: 80003,
      message: 'the server ended the connection: the cluster moves',
    });
  });
});

/** The part of the official SDK that the adapter uses, without a service. */
function fakeSdk() {
  const listeners: ((change: AblyStateChange) => void)[] = [];
  const connection = {
    state: 'connected' as AblyRealtime['connection']['state'],
    connect: () => {},
    close: () => {},
    on: (listener: (change: AblyStateChange) => void) => void listeners.push(listener),
    off: () => {},
  };
  const client: AblyRealtime = { auth: { clientId: null, authorize: async () => ({}) }, connection };
  const become = (current: AblyRealtime['connection']['state'], reason: unknown) => {
    const previous = connection.state;
    connection.state = current;
    for (const listener of listeners) listener({ previous, current, reason });
  };
  return { client, become };
}

describe('the adapter for the official SDK', () => {
  it.each(values)(
    'a connection through the official SDK accepts %s as the reason of a state',
    async (_what, make) => {
      const { client, become } = fakeSdk();
      const clock = new VirtualClock();
      const auth = new Auth({
        authCallback: async () => 'a token',
        connection: ablyJs(client, { clock }),
        clock,
      });
      onTestFinished(() => auth.dispose());
      const reasons: (ErrorInfo | undefined)[] = [];
      auth.on('connection.changed', ({ reason }) => reasons.push(reason));
      await settle();
      become('disconnected', make());
      become('failed', make());
      expect(reasons).toHaveLength(2);
      for (const reason of reasons) if (reason !== undefined) expect(reason).toBeInstanceOf(ErrorInfo);
      expect(JSON.stringify(reasons).length).toBeLessThan(5_000);
    },
  );
});

describe('the times of a token', () => {
  const jwt = (claims: string) => `e30.${Buffer.from(claims).toString('base64url')}.c2ln`;

  it.each<[what: string, answer: unknown]>([
    ['a JWT whose times are infinite as ms', jwt('{"iat":1e306,"exp":1e306}')],
    ['a JWT whose times are too large', jwt('{"iat":-1e300,"exp":1e300}')],
    ['a JWT whose times are texts', jwt('{"iat":"1","exp":"2"}')],
    ['a JWT of 10,000 brackets', jwt(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)],
    ['a JWT with a prototype', jwt('{"__proto__":{"iat":1,"exp":2}}')],
    ['a JWT of dots', '.'.repeat(100_000)],
    ['a JWT that is a list', jwt('[1,2]')],
  ])('%s is used as the token, and the source is asked for it once', async (_what, answer) => {
    const clock = new VirtualClock();
    const authCallback = vi.fn(async () => answer as string);
    const auth = new Auth({ authCallback, clock });
    onTestFinished(() => auth.dispose());
    await auth.authorize();
    await clock.advance(HOUR);
    expect([auth.state.value, authCallback.mock.calls.length]).toEqual(['authorized', 1]);
  });

  it.each<[what: string, times: Partial<TokenDetails>]>([
    ['too large', { issued: -1.7e308, expires: 1.7e308 }],
    ['infinite', { issued: 0, expires: Number.POSITIVE_INFINITY }],
    ['a text that is infinite', { issued: 0, expires: '1e999' as never }],
  ])('a TokenDetails with a time that is %s is refused by name', async (_what, times) => {
    const auth = new Auth({ authCallback: async () => ({ token: 't', ...times }) });
    await expect(auth.authorize()).rejects.toMatchObject({
      code: 40170,
      message: expect.stringMatching(/(issued|expires)$/),
    });
    auth.dispose();
  });
});

describe('an answer of Ably’s REST API', () => {
  it.each(['Infinity', '1e999', '-1', '40142.5', 'NaN', 'x', `${'9'.repeat(400)}`])(
    'an answer of the REST API has the code of its status where its header says %s',
    async (code) => {
      const refusal = new Response('', { status: 401, headers: { 'x-ably-errorcode': code } });
      const auth = new Auth({ key: 'a.b:c', fetch: async () => refusal });
      await expect(auth.requestToken()).rejects.toMatchObject({ code: 40100, statusCode: 401 });
    },
  );

  it.each<[what: string, error: unknown]>([
    [
      'a message that makes no text',
      { code: 40160, statusCode: 401, message: TRAP, href: TRAP, cause: TRAP },
    ],
    [
      'a cause and details of traps',
      { code: 40160, message: 'm', cause: { code: 1, message: TRAP }, detail: TRAP },
    ],
    ['a status of another type', { code: 40160, statusCode: '401', message: 'm' }],
    ['a status with a fraction', { code: 40160, statusCode: 401.5, message: 'm' }],
  ])('an error of the REST API keeps its code with %s', async (_what, error) => {
    const http = new MockHttp(() => json({ error }, 401));
    const auth = new Auth({ key: 'a.b:c', fetch: http.fetch });
    await expect(auth.requestToken()).rejects.toMatchObject({ code: 40160, statusCode: 401 });
  });

  it('the results of a revocation may be of any type', async () => {
    const results = [
      { target: TRAP, issuedBefore: TRAP, appliesAt: [TRAP] },
      { target: TRAP, error: TRAP },
    ];
    const http = new MockHttp(() => json({ results }, 201));
    const auth = new Auth({ key: 'a.b:c', fetch: http.fetch });
    const { failureCount, successCount } = await auth.revokeTokens({ type: 'clientId', value: 'ada' });
    expect([successCount, failureCount]).toEqual([1, 1]);
  });
});

describe('any fetch implementation', () => {
  const bodies: readonly (readonly [what: string, body: unknown])[] = [
    ['a body that cannot be cancelled', {}],
    ['a body whose cancel() promises nothing', { cancel: () => undefined }],
    ['a body whose cancel() throws', { cancel: () => raise() }],
    ['a body whose cancel() rejects', { cancel: () => Promise.reject(new Error('no')) }],
    ['a body that throws', trapOf('cancel')],
    ['no body', null],
  ];

  it.each(bodies)('a late answer may have %s after its caller has aborted', async (_what, body) => {
    let bring: (response: unknown) => void = () => {};
    const answer = new Promise((resolve) => {
      bring = resolve;
    });
    const auth = new Auth({ token: 't', fetch: () => answer as Promise<Response> });
    onTestFinished(() => auth.dispose());
    const over = new AbortController();
    const outcome = auth.fetch('/x', { signal: over.signal }).catch((error: unknown) => error);
    await settle();
    over.abort();
    expect(await outcome).toBe(over.signal.reason);
    bring({ status: 200, headers: new Headers(), body });
    // An uncaught error would fail this run.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('an ErrorInfo', () => {
  const info = (cause?: unknown) => new ErrorInfo({ code: 40170, message: 'm', cause });

  it('an ErrorInfo whose causes form a circle, or a chain of 10,000, can be printed', () => {
    const [first, second] = [info(), info()];
    first.cause = second;
    second.cause = first;
    let deep = info();
    for (let count = 0; count < 10_000; count += 1) deep = info(deep);
    for (const error of [first, deep]) {
      expect(JSON.stringify(error).length).toBeLessThan(5_000);
      expect(String(error)).toContain('40170');
    }
  });

  it.each(['remediation', 'href', 'retryAfterMs', 'requestId', 'detail', 'cause', 'origin', 'stack', 'more'])(
    'an ErrorInfo with a throwing %s is passed on by an authCallback without it',
    async (name) => {
      const trap = Object.defineProperty(info(), name, { enumerable: true, get: () => expect.unreachable() });
      for (const thrown of [trap, info(trap), new Error('m', { cause: trap })]) {
        const auth = new Auth({ authCallback: () => Promise.reject(thrown) });
        const error: unknown = await auth.requestToken().catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(ErrorInfo);
        expect(error).toMatchObject({ code: 40170, origin: 'source' });
        expect((error as ErrorInfo).message).toMatch(/m$/);
        expect(JSON.stringify(error)).toContain('40170');
        auth.dispose();
      }
    },
  );

  it.each(values)('an ErrorInfo whose cause is %s can be printed', (_what, make) => {
    const error = info(make());
    expect(JSON.stringify(error).length).toBeLessThan(5_000);
  });
});
