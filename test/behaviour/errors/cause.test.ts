import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { fakeConnection, settle, VirtualClock } from '../../../src/testing/index.js';

const SECRET = 'app.key:0123456789abcdefghij';

/** As errors of HTTP libraries are: they carry the request, and print parts of it by themselves. */
class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly #config = { headers: { authorization: SECRET } };
  readonly code = 40300;
  readonly statusCode = 403;
  readonly config = this.#config;

  get request(): unknown {
    return this.#config;
  }

  toJSON(): unknown {
    return { ...this, sent: this.#config.headers };
  }

  override toString(): string {
    return `HttpError to ${this.config.headers.authorization}`;
  }

  [inspect.custom](): string {
    return `HttpError to ${this.config.headers.authorization}`;
  }
}

const everything = { depth: null, showHidden: true, getters: true, maxStringLength: null } as const;

/** All texts that a logger can make of a value. */
function texts(value: unknown): string {
  return [
    String(value),
    JSON.stringify(value),
    inspect(value, everything),
    inspect(value, { ...everything, customInspect: false }),
    inspect(structuredClone(value), everything),
    (value as Error).stack,
  ].join('\n');
}

const causes: readonly [what: string, cause: Error][] = [
  ['of a class that prints itself', new HttpError(`no ${SECRET}`)],
  ['of the platform', new TypeError(`no ${SECRET}`)],
  ['a DOMException', new DOMException(`no ${SECRET}`, 'NotAllowedError')],
  ['an AggregateError', new AggregateError([new Error(SECRET)], `no ${SECRET}`)],
  ['with members', Object.assign(new RangeError(`no ${SECRET}`), { config: { SECRET }, [SECRET]: SECRET })],
  ['with causes', new Error('no', { cause: new HttpError(SECRET, { cause: new HttpError(SECRET) }) })],
  [
    'whose stack says more',
    Object.assign(new Error('no'), { stack: `Error: ${SECRET}\n    at ${SECRET}\n${SECRET}` }),
  ],
  ['whose message has lines', new Error(`no\n    at ${SECRET} (file.js:1:2)`)],
  ['whose message was changed', Object.assign(new Error(SECRET), { message: 'no' })],
];

/** The number of errors in a chain of causes. */
function lengthOf(error: unknown): number {
  let length = 0;
  for (let one = error; one instanceof Error && length < 100; one = one.cause) length += 1;
  return length;
}

type Rejecting = (error: ErrorInfo) => Promise<unknown>;
const failsWith = (error: ErrorInfo) => () => Promise.reject(error);
const serving = (options: object) => new Auth({ clock: new VirtualClock(), ...options });

/** The doors through which an ErrorInfo with causes can come. */
const doors: readonly (readonly [door: string, reject: Rejecting])[] = [
  ['authCallback', (error) => serving({ authCallback: failsWith(error) }).authorize()],
  ['authHeaders', (error) => serving({ authUrl: 'https://a.b/', authHeaders: failsWith(error) }).authorize()],
  ['the option fetch', (error) => serving({ key: 'a.b:c', fetch: failsWith(error) }).requestToken()],
  [
    'a connection',
    async (error) => {
      const connection = fakeConnection({ autoAccept: false });
      const call = serving({ authCallback: async () => 'a-token', connection }).authorize();
      void settle().then(() => connection.refuse(error));
      return await call;
    },
  ],
];

describe('the cause of an ErrorInfo', () => {
  it.each(doors)('a chain of causes is cut after the fifth error: from %s', async (_door, reject) => {
    for (const secret of ['', ` ${SECRET}`]) {
      const chain = (length: number): ErrorInfo =>
        new ErrorInfo({
          ...{ code: 40142, statusCode: 401, message: `no ${length}${secret}` },
          ...(length > 1 ? { cause: chain(length - 1) } : {}),
        });
      const ends = [1, 4, 5, 6, 12].map((length) => reject(chain(length)).catch(lengthOf));
      expect(await Promise.all(ends)).toEqual([1, 4, 5, 5, 5]);
    }
  });

  it.each(causes)('an error %s: the copy has its class and name, and shows no secret', (_what, cause) => {
    const error = new ErrorInfo({ code: 40170, message: 'm', cause });
    const copy = error.cause as Error;
    expect(copy).toBeInstanceOf(cause.constructor);
    expect(copy.name).toBe(cause.name);
    expect(copy).not.toBe(cause);
    expect(texts(error) + texts(copy)).not.toContain('0123456789');
    expect(error.original).toBe(cause);
  });

  it('the copy has numeric codes and the calls of the stack, and no other members', () => {
    const thrown = new HttpError('not you');
    const { cause } = new ErrorInfo({ code: 40170, message: 'm', cause: thrown });
    expect(cause).toMatchObject({ message: 'not you', code: 40300, statusCode: 403 });
    expect(Object.keys(cause as object)).toEqual(['code', 'statusCode']);
    expect((cause as Error).stack).toMatch(/^HttpError: not you\n +at .*cause\.test\.ts:\d+:\d+/);
    expect(JSON.stringify(cause)).toBe('{"name":"HttpError","message":"not you"}');
    expect([String(cause), inspect(cause)]).toEqual(['HttpError: not you', 'HttpError: not you']);
  });

  it('a code that is a text is kept if it is the code of a system error', () => {
    const codeOf = (code: string) =>
      (
        new ErrorInfo({ code: 1, message: 'm', cause: Object.assign(new Error(), { code }) }).cause as {
          code?: unknown;
        }
      ).code;
    expect(
      ['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'AKIAIOSFODNN7EXAMPLE7', 'secret'].map(codeOf),
    ).toEqual(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', undefined, undefined]);
  });

  it.each([
    [
      'a plain object',
      { code: 1, statusCode: 2, message: 'no', token: SECRET },
      { code: 1, statusCode: 2, message: 'no' },
    ],
    ['a text', `no ${SECRET}`, 'no […]'],
    ['a number', 7, 7],
    ['an array', [SECRET], undefined],
  ])('%s is copied without its members', (_what, cause, copy) => {
    const error = new ErrorInfo({ code: 40170, message: 'm', cause });
    if (copy !== undefined) expect({ is: error.cause }).toMatchObject({ is: copy });
    expect(inspect(error.cause, everything)).not.toContain('0123456789');
    expect(error.original).toBe(cause);
  });

  it('a cause that is set later is copied', () => {
    const error = new ErrorInfo({ code: 40170, message: 'm' });
    error.cause = new HttpError(SECRET);
    expect(error.cause).toBe(error.cause);
    const other = new ErrorInfo({ code: 40170, message: 'm', cause: new Error('before') });
    other.cause = new HttpError(SECRET);
    expect(texts(other)).not.toContain('0123456789');
  });

  it('a cause in a circle ends', () => {
    const cause = new Error('round');
    cause.cause = cause;
    expect(texts(new ErrorInfo({ code: 40170, message: 'm', cause }).cause).length).toBeLessThan(100_000);
  });
});

describe('the original of an ErrorInfo', () => {
  const failing = async (thrown: unknown): Promise<ErrorInfo> => {
    const auth = new Auth({ authCallback: () => Promise.reject(thrown), clock: new VirtualClock() });
    const error: unknown = await auth.authorize().catch((reason: unknown) => reason);
    auth.dispose();
    return error as ErrorInfo;
  };

  it.each<[string, unknown]>([
    ['an Error', new Error('no')],
    ['an error with codes', new HttpError('no')],
    ['an object with codes', { code: 40300, statusCode: 403, message: 'no', token: SECRET }],
    ['an ErrorInfo', new ErrorInfo({ code: 40300, message: 'no' })],
    ['an ErrorInfo with a cause', new ErrorInfo({ code: 40300, message: 'no', cause: new Error('why') })],
    [
      'an ErrorInfo with members',
      Object.assign(new ErrorInfo({ code: 40300, message: 'no', origin: 'source' }), { SECRET }),
    ],
  ])('is the object that the source threw: %s', async (_what, thrown) => {
    const error = await failing(thrown);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).not.toBe(thrown);
    expect(error.original).toBe(thrown);
    expect(texts(error)).not.toContain('0123456789');
  });

  it('is the one of its cause', async () => {
    const thrown = new HttpError('no');
    const around = new ErrorInfo({ code: 80019, message: 'around', cause: await failing(thrown) });
    expect(around.original).toBe(thrown);
  });

  it('is not a member that loggers walk', async () => {
    const error = await failing(new HttpError('no'));
    expect(Object.keys(error)).not.toContain('original');
    expect(Object.getOwnPropertyNames(error)).not.toContain('original');
    expect({ ...error }).not.toHaveProperty('original');
    const names: string[] = [];
    for (const name in error) names.push(name);
    expect(names).not.toContain('original');
    expect(inspect(error, { ...everything, customInspect: false })).not.toMatch(
      /headers|request:|0123456789/,
    );
  });
});
