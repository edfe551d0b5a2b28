import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../../../src/errors/error-codes.js';
import { ErrorInfo, isErrorInfo, isTokenError, toErrorInfo } from '../../../src/errors/error-info.js';

describe('an ErrorInfo', () => {
  it('an ErrorInfo gets status, remediation and link from its code', () => {
    const error = new ErrorInfo({ code: 40106, message: 'nothing given' });
    expect(error).toMatchObject({
      name: 'ErrorInfo',
      code: 40106,
      statusCode: 401,
      message: 'nothing given',
      remediation: errorCodes[40106].remediation,
      href: 'https://ably.com/docs/platform/errors/codes/40106-no-valid-authentication-method-provided',
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('explicit fields of an ErrorInfo win over the table', () => {
    const told = { statusCode: 500, remediation: 'Wait.', href: 'https://example.com', retryAfterMs: 5 };
    expect(new ErrorInfo({ code: 40106, message: 'm', ...told })).toMatchObject(told);
  });

  it.each([
    [40003, 400],
    [40142, 401],
    [40300, 403],
    [42910, 429],
    [50003, 500],
    [80019, 400],
    [91000, 400],
    [0, 400],
  ])('an ErrorInfo with code %i has status %i', (code, statusCode) => {
    expect(new ErrorInfo({ code, message: 'm' }).statusCode).toBe(statusCode);
  });

  it('an ErrorInfo as JSON is plain data with its causes, no stack, and only name and message of other errors', () => {
    const stranger = Object.assign(new TypeError('fetch failed'), { token: 's3cr3t' });
    const inner = new ErrorInfo({ code: 80003, message: 'lost', cause: stranger });
    const json = JSON.parse(JSON.stringify(new ErrorInfo({ code: 40170, message: 'm', cause: inner })));
    expect(json).toMatchObject({
      code: 40170,
      cause: { code: 80003, cause: { name: 'TypeError', message: 'fetch failed' } },
    });
    expect(JSON.stringify(json)).not.toMatch(/s3cr3t|at .*\.ts/);
  });

  it('an ErrorInfo as JSON has the causes of other errors too, and the code of a system error', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const stranger = new TypeError('fetch failed', { cause: refused });
    expect(new ErrorInfo({ code: 80003, message: 'lost', cause: stranger }).toJSON()).toMatchObject({
      cause: {
        message: 'fetch failed',
        cause: { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
      },
    });
    const round = new Error('round');
    round.cause = round;
    expect(JSON.stringify(new ErrorInfo({ code: 80003, message: 'm', cause: round }))).toContain('round');
  });

  it('an ErrorInfo has requestId and details only if they are known', () => {
    const detail = { room: 'lobby' };
    const error = new ErrorInfo({ code: 40000, message: 'm', requestId: 'r-1', detail });
    detail.room = 'changed';
    expect(error).toMatchObject({ requestId: 'r-1', detail: { room: 'lobby' } });
    expect(error.toJSON()).toMatchObject({ requestId: 'r-1', detail: { room: 'lobby' } });
    const bare = new ErrorInfo({ code: 40000, message: 'm', detail: {} });
    expect(bare.toJSON()).not.toHaveProperty('detail');
    expect(bare.detail).toBeUndefined();
  });

  it.each([
    ['an object', { token: 's3cr3t' }, '[object]'],
    ['text', 's3cr3t', '[string]'],
    ['a function', () => 's3cr3t', '[function]'],
  ])('an ErrorInfo shows only the kind of a cause that is %s', (_what, cause, shown) => {
    expect(new ErrorInfo({ code: 40170, message: 'm', cause }).toJSON()).toMatchObject({ cause: shown });
  });

  it('an ErrorInfo has a copy of the cause, and does not show it when the error is printed', () => {
    const cause = Object.assign(new Error('why'), { token: 's3cr3t' });
    const error = new ErrorInfo({ code: 40170, message: 'm', cause });
    expect(error.cause).toEqual(new Error('why'));
    expect(error.original).toBe(cause);
    // As Node prints an uncaught error.
    expect(inspect(error, { customInspect: false })).not.toMatch(/why|s3cr3t/);
    expect(Object.keys(error)).not.toContain('cause');
    error.cause = undefined;
    expect(error.cause).toBeUndefined();
  });

  it.each([
    ['TypeError', 'TypeError'],
    ['PrismaClientKnownRequestError', 'PrismaClientKnownRequestError'],
    ['Sup3rS3cretValueXYZ0123456789', '[…]'],
    [7, '7'],
  ])('an ErrorInfo shows a cause with the name %s: %s', (name, told) => {
    const cause = Object.assign(new Error('why'), { name });
    expect(new ErrorInfo({ code: 40170, message: 'm', cause }).toJSON()).toMatchObject({
      cause: { name: told },
    });
  });

  it('an ErrorInfo without a cause has no property cause', () => {
    const error = new ErrorInfo({ code: 40170, message: 'm' });
    expect('cause' in error).toBe(false);
    expect('cause' in error.toJSON()).toBe(false);
  });

  it('the text of an ErrorInfo has code, message, remediation and link', () => {
    const error = new ErrorInfo({ code: 40142, message: 'too late', remediation: 'Be early.' });
    expect(String(error)).toBe(
      'ErrorInfo 40142/401: too late. Be early. See https://ably.com/docs/platform/errors/codes/40142-token-expired',
    );
    expect(String(new ErrorInfo({ code: 91000, message: 'm' }))).toBe(
      'ErrorInfo 91000/400: m. See https://help.ably.io/error/91000',
    );
  });
});

describe('a token error', () => {
  it.each([
    [40140, 401, true],
    [40142, 401, true],
    [40149, 401, true],
    [40139, 401, false],
    [40150, 401, false],
    [40142, 403, false],
    [40300, 403, false],
  ])('isTokenError is right for %i/%i: %j', (code, statusCode, is) => {
    expect(isTokenError({ code, statusCode })).toBe(is);
  });
});

describe('toErrorInfo() with any thrown value', () => {
  const fallback = { code: 40170, message: 'the source failed' };

  it('an ErrorInfo stays the same object', () => {
    const error = new ErrorInfo({ code: 40003, message: 'm' });
    expect(toErrorInfo(error, fallback)).toBe(error);
  });

  it('an error like Ably’s is copied', () => {
    const cause = new Error('why');
    const thrown = Object.assign(new Error('no'), { code: 40300, statusCode: 403, cause });
    const error = toErrorInfo(thrown, fallback);
    expect(error).toBeInstanceOf(ErrorInfo);
    expect(error).toMatchObject({ code: 40300, statusCode: 403, message: 'no', cause });
  });

  it.each([
    ['an Error', new Error('boom')],
    ['text', 'boom'],
    [
      'an error of Node, whose code is text',
      Object.assign(new Error('x'), { code: 'ECONNRESET', statusCode: 1 }),
    ],
    ['an object with half of it', { code: 40300 }],
  ])('the fallback has the cause %s', (_what, thrown) => {
    expect(toErrorInfo(thrown, fallback)).toMatchObject({ ...fallback, statusCode: 401, cause: thrown });
  });

  it.each([null, undefined, 0, 'text', {}, { code: '40300', statusCode: 403 }])(
    '%j does not count as an ErrorInfo',
    (value) => {
      expect(isErrorInfo(value)).toBe(false);
    },
  );
});
