import { describe, expect, it, vi } from 'vitest';
import { ErrorInfo } from '../../../src/errors/error-info.js';
import { authCallbackSource } from '../../../src/sources/auth-callback.js';
import type { AuthCallback, AuthCallbackAnswer } from '../../../src/sources/auth-options.js';
import { byName } from '../../../src/sources/port.js';
import { settle } from '../../../src/testing/virtual-clock.js';
import type { ParsedTokenParams } from '../../../src/token/token-params.js';

const ask = async (
  authCallback: unknown,
  params: ParsedTokenParams = {},
  signal = new AbortController().signal,
): Promise<string> => {
  const answer = await authCallbackSource(authCallback as AuthCallback)(params, signal, byName);
  return answer.kind === 'token' ? answer.token.expose().token : answer.request.expose().keyName;
};
type Answer = AuthCallbackAnswer;
const later = (run: () => void) => setImmediate(run);

describe('the answers of an authCallback', () => {
  it.each<[string, unknown]>([
    ['with a promise', async () => 'a-token'],
    [
      'with a promise, though it takes the callback',
      async (_params: unknown, _callback: Answer) => 'a-token',
    ],
    ['with a thenable', () => ({ then: (resolve: (token: string) => void) => resolve('a-token') })],
    ['at once', () => 'a-token'],
    ['at once, though it takes the callback', (_params: unknown, _callback: Answer) => 'a-token'],
    ['at once, with a TokenDetails', (_params: unknown, _callback: Answer) => ({ token: 'a-token' })],
    ['through the callback', (_params: unknown, callback: Answer) => callback(null, 'a-token')],
    [
      'through the callback, without null',
      (_params: unknown, callback: Answer) => callback(undefined, 'a-token'),
    ],
    ['through the callback, with false', (_params: unknown, callback: Answer) => callback(false, 'a-token')],
    ['through the callback, with ""', (_params: unknown, callback: Answer) => callback('', 'a-token')],
    [
      'through the callback, later',
      (_params: unknown, callback: Answer) => void later(() => callback(null, 'a-token')),
    ],
    [
      'through the callback, later, in a wrapper that passes all on',
      (...all: [unknown, Answer]) => void later(() => all[1](null, 'a-token')),
    ],
    [
      'through the callback, later, and takes the rest',
      (_params: unknown, ...rest: [Answer]) => later(() => rest[0](null, 'a-token')),
    ],
    [
      'through the callback, later, and looks at its arguments',
      function wrapper() {
        // biome-ignore lint/complexity/noArguments: as older code does
        const all = arguments as unknown as [unknown, Answer];
        return later(() => all[1](null, 'a-token'));
      },
    ],
    [
      'through the callback, and returns a timer',
      (_params: unknown, callback: Answer) => later(() => callback(null, 'a-token')),
    ],
    [
      'through the callback, and returns a number',
      (_params: unknown, callback: Answer) => [later(() => callback(null, 'a-token'))].length,
    ],
    [
      'through the callback, and returns null',
      (_params: unknown, callback: Answer) => [later(() => callback(null, 'a-token'))].at(1) ?? null,
    ],
    [
      'through the callback before its promise ends',
      async (_params: unknown, callback: Answer) => callback(null, 'a-token'),
    ],
    [
      'through the callback after its promise ended',
      async (_params: unknown, callback: Answer) => void later(() => callback(null, 'a-token')),
    ],
    [
      'through the callback, and its promise ends with what that gives',
      (_params: unknown, callback: Answer) =>
        Promise.resolve('a-token').then((token) => callback(null, token), callback),
    ],
    ['through the rest of its arguments', (...all: [unknown, Answer]) => all[1](null, 'a-token')],
    ['with a TokenRequest', () => ({ keyName: 'a-token', timestamp: 1, nonce: 'n', mac: 'm' })],
  ])('%s (RSA8d)', async (_how, authCallback) => {
    expect(await ask(authCallback)).toBe('a-token');
  });

  it('an authCallback answers once: only the first answer counts', async () => {
    const first = (_params: unknown, callback: Answer) => {
      callback(null, 'first');
      callback(new Error('second'));
      callback(null, 'third');
      throw new Error('fourth');
    };
    expect(await ask(first)).toBe('first');
    const failure = (_params: unknown, callback: Answer) => {
      callback(new Error('first'));
      callback(null, 'second');
      return 'third';
    };
    await expect(ask(failure)).rejects.toThrow('failed: first');
  });

  it('an authCallback receives a copy of the TokenParams and the signal', async () => {
    const params = Object.freeze({ ttl: 5, clientId: 'ada' });
    const over = new AbortController();
    const seen = vi.fn((given: { ttl?: number }, { signal }: Answer) => {
      expect(given).toEqual(params);
      given.ttl = 6;
      expect(signal).toBe(over.signal);
      return 'a-token';
    });
    await ask(seen, params, over.signal);
    expect(seen).toHaveBeenCalledOnce();
    expect(params.ttl).toBe(5);
  });
});

describe('the failures of an authCallback', () => {
  it.each<[string, unknown, string]>([
    [
      'it throws',
      () => {
        throw new TypeError('no such thing');
      },
      'failed: no such thing',
    ],
    ['it rejects', () => Promise.reject(new TypeError('no such thing')), 'failed: no such thing'],
    [
      'it calls back with an error',
      (_params: unknown, callback: Answer) => callback(new Error('no such thing')),
      'failed: no such thing',
    ],
    [
      'it calls back with a text',
      (_params: unknown, callback: Answer) => callback('no such thing'),
      'failed: no such thing',
    ],
    [
      'it throws nothing',
      () => {
        throw undefined;
      },
      'failed',
    ],
    ['it throws an object', () => Promise.reject({ message: 'no such thing' }), 'failed'],
    ['it returns nothing and takes no callback', () => undefined, 'returned nothing'],
    ['it returns null and takes no callback', () => null, 'gave null'],
    ['it calls back with nothing', (_params: unknown, callback: Answer) => callback(null), 'gave undefined'],
    ['its promise gives nothing, and it takes no callback', async () => undefined, 'gave undefined'],
    [
      'its promise gives nothing, and it takes the signal alone',
      async (_params: unknown, { signal }: Answer) => void signal,
      'gave undefined',
    ],
    [
      'it returns nothing and takes the signal alone',
      function source(_params: unknown, { signal }: Answer) {
        void signal;
      },
      'returned nothing',
    ],
    ['its promise gives null', async (_params: unknown, _callback: Answer) => null, 'gave null'],
    [
      'it rejects before it has called back',
      async (_params: unknown, callback: Answer) => {
        later(() => callback(null, 'a-token'));
        throw new Error('no such thing');
      },
      'failed: no such thing',
    ],
    [
      'its thenable throws',
      () => ({
        then: () => {
          throw new Error('no such thing');
        },
      }),
      'no such thing',
    ],
  ])('an authCallback fails when %s (RSA4e)', async (_what, authCallback, message) => {
    await expect(ask(authCallback)).rejects.toMatchObject({
      name: 'ErrorInfo',
      code: 40170,
      statusCode: 401,
      message: expect.stringContaining(message),
    });
  });

  it('the error has the application’s error as its cause, and a redacted message', async () => {
    const own = new Error(`bad token ${'aB3'.repeat(10)}`);
    const error: unknown = await ask(() => Promise.reject(own)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'the token source failed: bad token […]' });
    expect((error as ErrorInfo).original).toBe(own);
    expect(JSON.stringify(error)).not.toContain('aB3aB3');
    await expect(ask(() => Promise.reject(`bad token ${'aB3'.repeat(10)}`))).rejects.toMatchObject({
      message: 'the token source failed: bad token […]',
    });
  });

  it('an ErrorInfo of the application is passed on unchanged except for its origin', async () => {
    const own = new ErrorInfo({ code: 40300, statusCode: 403, message: 'not you', remediation: 'Ask Ada.' });
    const error: unknown = await ask(() => {
      throw own;
    }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect((error as ErrorInfo).toJSON()).toEqual({ ...own.toJSON(), origin: 'source' });
  });

  class WithGetters extends Error {
    get code() {
      return 40300;
    }
    get statusCode() {
      return 403;
    }
  }

  it.each([
    ['a plain object', { code: 40300, statusCode: 403, message: 'not you' }],
    ['an Error with two numbers', Object.assign(new Error('not you'), { code: 40300, statusCode: 403 })],
    ['an error of a class', new WithGetters('not you')],
  ])('the error has the code and status of %s (RSA4d)', async (_what, own) => {
    const error: unknown = await ask(() => Promise.reject(own)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({ code: 40300, statusCode: 403, message: 'not you' });
    expect((error as ErrorInfo).original).toBe(own);
  });

  const forbidden = (more: object) => Object.assign(new Error('not you'), { statusCode: 403, ...more });

  it.each<[string, object]>([
    ['alone', forbidden({})],
    ['beside a code that is text', forbidden({ code: 'FORBIDDEN' })],
    ['and the status as makers of HTTP errors give it', forbidden({ status: 403, expose: true })],
    ['of a plain object', { statusCode: 403, message: 'not you' }],
  ])('a statusCode 403 %s is final (RSA4d)', async (_what, own) => {
    const error: unknown = await ask(() => Promise.reject(own)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({ code: 40300, statusCode: 403, message: 'not you' });
    expect((error as ErrorInfo).original).toBe(own);
  });

  it('the message of an error with status 403 is redacted', async () => {
    const message = `not with ${'aB3'.repeat(10)}`;
    await expect(ask(() => Promise.reject(forbidden({ message })))).rejects.toMatchObject({
      code: 40300,
      message: 'not with […]',
    });
    await expect(ask(() => Promise.reject({ statusCode: 403 }))).rejects.toMatchObject({
      code: 40300,
      message: 'no reason was given',
    });
  });

  it.each([{ statusCode: 500 }, { statusCode: '403' }, { status: 403 }])(
    '%j without a code is not final (RSA4e)',
    async (own) => {
      await expect(ask(() => Promise.reject(own))).rejects.toMatchObject({ code: 40170, statusCode: 401 });
    },
  );
});

describe('an authCallback that is no longer needed', () => {
  it('an authCallback is not called after an abort', async () => {
    const authCallback = vi.fn(() => 'a-token');
    const gone = AbortSignal.abort(new Error('gone'));
    await expect(ask(authCallback, {}, gone)).rejects.toMatchObject({ code: 40170 });
    expect(authCallback).not.toHaveBeenCalled();
  });

  it('an authCallback is aborted with the reason, and its late answer is ignored', async () => {
    const over = new AbortController();
    const reason = new ErrorInfo({ code: 80017, message: 'closed' });
    let answer: Answer | undefined;
    const asked = ask(
      (_params: unknown, callback: Answer) => {
        answer = callback;
      },
      {},
      over.signal,
    );
    const rejection = expect(asked).rejects.toBe(reason);
    await settle();
    over.abort(reason);
    await rejection;
    expect(() => answer?.(null, 'late')).not.toThrow();
  });

  it('an authCallback leaves no listener at the signal, in every outcome', async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await ask(() => 'a-token', {}, signal);
    await ask(() => Promise.reject(new Error('no')), {}, signal).catch(() => {});
    await settle();
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});
