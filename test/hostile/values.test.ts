import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo, isErrorInfo, isTokenError } from '../../src/index.js';
import { redacted } from '../../src/inspect.js';
import { parseJson, sizeOf } from '../../src/redaction/received.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ConnectionHarness } from '../kit/connection-harness.js';

function raise(): never {
  throw new Error('a trap');
}

const trapped = (target: object): object =>
  new Proxy(target, {
    ...{ get: raise, has: raise, ownKeys: raise, getPrototypeOf: raise, set: raise },
    ...{ getOwnPropertyDescriptor: raise, defineProperty: raise },
  });

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An error with parts of these types; a function is a getter. */
const errorWith = (parts: Readonly<Record<string, unknown>>): Error =>
  Object.defineProperties(
    new Error('an error'),
    Object.fromEntries(
      Object.entries(parts).map(([name, value]) => [
        name,
        typeof value === 'function' ? { get: value as () => unknown } : { value },
      ]),
    ),
  );

/** An ErrorInfo behind a Proxy that lies about some of its parts. */
const infoWith = (parts: Readonly<Record<string, unknown>>): object =>
  new Proxy(new ErrorInfo({ code: 40142, message: 'an error' }), {
    get(target, name) {
      const part = Object.hasOwn(parts, name) ? parts[name as string] : Reflect.get(target, name);
      return part === raise ? raise() : part;
    },
  });

/** A Proxy that can be read this often. */
function readable(times: number): object {
  let left = times;
  const count = () => {
    left -= 1;
    if (left < 0) raise();
  };
  return new Proxy(new Error('an error'), {
    get(target, name) {
      count();
      return Reflect.get(target, name);
    },
    getPrototypeOf(target) {
      count();
      return Reflect.getPrototypeOf(target);
    },
  });
}

/** Values that a stranger can throw, or give as a cause. */
const hostile: Readonly<Record<string, () => unknown>> = {
  'a Proxy full of traps': () => trapped({}),
  'a function behind a Proxy full of traps': () => trapped(() => {}),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of a function': () => revoked(() => {}),
  'an object without a prototype': () => Object.create(null),
  'a symbol': () => Symbol('s'),
  'an object whose status is a symbol': () => ({ status: Symbol('s') }),
  'a then that throws': () => Object.defineProperty({}, 'then', { get: raise }),
  'an error whose parts are of other types': () =>
    errorWith({ name: {}, message: [], stack: 7, cause: Symbol('s'), code: {} }),
  ...Object.fromEntries(
    ['name', 'message', 'stack', 'cause', 'code'].map((part) => [
      `an error whose ${part} throws`,
      () => errorWith({ [part]: raise }),
    ]),
  ),
  ...Object.fromEntries(
    ['name', 'message', 'stack', 'cause', 'code', 'detail', 'origin', 'retryAfterMs', 'remediation'].flatMap(
      (part) => [
        [`an ErrorInfo whose ${part} throws`, () => infoWith({ [part]: raise })],
        [`an ErrorInfo whose ${part} is a trap`, () => infoWith({ [part]: trapped({}) })],
        [`an ErrorInfo whose ${part} cannot be a text`, () => infoWith({ [part]: { toString: 0 } })],
      ],
    ),
  ),
  ...Object.fromEntries(
    [0, 1, 2, 3, 4, 5, 6].map((times) => [`an error that can be read ${times} times`, () => readable(times)]),
  ),
};

const cases = Object.entries(hostile);

/** All ways to print an error. */
function print(error: unknown): void {
  JSON.stringify(error);
  String(error);
  inspect(error);
  JSON.stringify(redacted({ error, list: [error] }));
}

describe('values of strangers that lie about their type', () => {
  it.each(cases)('no function of the package throws at %s', (_what, make) => {
    print(new ErrorInfo({ code: 40000, message: 'an error', cause: make() }));
    expect(typeof isErrorInfo(make())).toBe('boolean');
    expect(typeof isTokenError(make() as never)).toBe('boolean');
    JSON.stringify(redacted(make()));
  });

  it.each(cases.filter(([what]) => what.startsWith('an ErrorInfo')))('%s can be printed', (_what, make) => {
    const error = make() as ErrorInfo;
    expect(typeof ErrorInfo.prototype.toString.call(error)).toBe('string');
    expect(ErrorInfo.prototype.toJSON.call(error)).toHaveProperty('statusCode');
    const symbol = Symbol.for('nodejs.util.inspect.custom') as never;
    expect(typeof (ErrorInfo.prototype[symbol] as () => string).call(error)).toBe('string');
  });

  const source = (fields: object): ClientOptions => ({ logLevel: 'none', ...fields });
  const url = { authUrl: 'https://example.com/token' };
  const ways: Readonly<Record<string, (make: () => unknown) => ClientOptions>> = {
    'an authCallback rejects with': (make) => source({ authCallback: () => Promise.reject(make()) }),
    'an authCallback answers with': (make) => source({ authCallback: async () => make() }),
    'a fetch rejects with': (make) => source({ ...url, fetch: () => Promise.reject(make()) }),
    'a fetch answers with': (make) => source({ ...url, fetch: async () => make() }),
  };

  it.each(Object.entries(ways))(
    'authorize() ends with an ErrorInfo when %s such a value',
    async (_way, options) => {
      for (const [what, make] of cases) {
        const clock = new VirtualClock();
        const auth = new Auth({ ...options(make), clock });
        onTestFinished(() => auth.dispose());
        const result = auth.authorize().catch((error: unknown) => error);
        await clock.advance(120_000);
        const error = await result;
        expect([what, error instanceof ErrorInfo]).toEqual([what, true]);
        JSON.stringify(error);
        String(error);
        JSON.stringify(redacted(auth.explain()));
        auth.dispose();
      }
    },
  );

  it('a connection adapter can report such values, and the client continues', async () => {
    for (const [what, make] of cases) {
      let report: (value: unknown) => void = () => {};
      const clock = new VirtualClock();
      const connection = {
        state: 'connected',
        push: async () => {},
        attach: (listener: (value: unknown) => void) => {
          report = listener;
          return () => {};
        },
      };
      const auth = new Auth({
        ...{ authCallback: async () => 'a-token', connection: connection as never, clock, logLevel: 'none' },
      });
      for (const value of [
        make(),
        { type: make() },
        { type: 'token.refused', error: make() },
        { type: 'connection.changed', state: make() },
        { type: 'connection.changed', state: 'disconnected', reason: make(), retryInMs: make() },
        { type: 'identity.confirmed', clientId: make() },
        { type: 'identity.confirmed', clientId: 'x'.repeat(1_000_000) },
      ])
        report(value);
      await clock.advance(1);
      expect([what, (await auth.authorize()).token]).toEqual([what, 'a-token']);
      auth.dispose();
    }
  });
});

describe('the size and depth of what is received', () => {
  it('the size of a text is its letters, that of bytes their number', () => {
    const all = [
      'äb',
      new ArrayBuffer(3),
      new Uint8Array(4),
      Buffer.alloc(5),
      new Blob(['123456']),
      7,
      null,
      {},
    ];
    expect(all.map(sizeOf)).toEqual([2, 3, 4, 5, 6, 0, 0, 0]);
    expect(sizeOf(trapped({}))).toBe(0);
  });

  it('a JSON text that is nested more than 100 times is not parsed', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(parseJson(nested(100))).toHaveLength(1);
    expect(() => parseJson(nested(101))).toThrow(SyntaxError);
  });

  it.each<[what: string, frame: unknown]>([
    ['a text', 'x'.repeat(524_289)],
    ['an ArrayBuffer', new ArrayBuffer(524_289)],
    ['a Buffer', Buffer.alloc(524_289)],
    ['a Blob', new Blob([new Uint8Array(524_289)])],
  ])('a frame of more than 512 KiB ends its transport: %s', async (_what, frame) => {
    const one = await new ConnectionHarness({ logLevel: 'none' }).connected();
    onTestFinished(() => one.connection.dispose());
    one.server.line.sendText(frame);
    await one.clock.advance(0);
    expect(one.changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
  });

  it('a message of 64 KB, and a frame of 512 KiB, are read', async () => {
    const one = await new ConnectionHarness().connected();
    onTestFinished(() => one.connection.dispose());
    const lengths: number[] = [];
    one.connection.onMessage(({ data }) => lengths.push(String(data).length));
    for (const length of [65_536, 524_288 - 30])
      one.server.line.send({ action: 15, data: 'x'.repeat(length) });
    expect(lengths).toEqual([65_536, 524_258]);
  });

  it('the time to read a frame grows at most with its size', async () => {
    const one = await new ConnectionHarness({ logLevel: 'none' }).connected();
    onTestFinished(() => one.connection.dispose());
    const shapes: readonly ((size: number) => string)[] = [
      (size) => '['.repeat(size),
      (size) => JSON.stringify({ action: 15, messages: 'aB/'.repeat(size / 3) }),
      (size) =>
        JSON.stringify({ action: 6, error: { code: 1, statusCode: 1, message: 'aB/'.repeat(size / 3) } }),
      (size) => `{"action":15,"messages":[${'0,'.repeat(size / 2)}0]}`,
    ];
    for (const shape of shapes) {
      const cost = (size: number) => {
        const frames = Array.from({ length: 8 }, () => shape(size));
        const before = process.cpuUsage().user;
        for (const frame of frames) one.server.line.sendText(frame);
        return process.cpuUsage().user - before;
      };
      const least = (size: number) => Math.min(...Array.from({ length: 6 }, () => cost(size)));
      least(32_768);
      // Eight times the size. A quadratic cost would be 64 times as high; a busy machine adds noise.
      expect(least(262_144)).toBeLessThan(40 * Math.max(1_500, least(32_768)));
    }
  });
});
