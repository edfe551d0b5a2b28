import { describe, expect } from 'vitest';
import { ErrorInfo } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { KEY, newAuth } from './new-auth.js';

/** The error of a caller when the service answers with `error`. */
async function told(error: { statusCode: number } & Record<string, unknown>): Promise<unknown> {
  const http = new MockHttp(() => json({ error }, error.statusCode));
  return await newAuth({ key: KEY, fetch: http.fetch })
    .time()
    .catch((thrown: unknown) => thrown);
}

describe('rest/unit/types/error_types.md', () => {
  utsCase('rest/unit/TI1/errorinfo-attributes-0', 'keeps what it is made from', () => {
    const cause = new Error('Network failure');
    const message = 'Bad request: invalid parameter';
    const href = 'https://errors.example.com/40000';
    expect(new ErrorInfo({ code: 40000, message }).code).toBe(40000);
    expect(new ErrorInfo({ code: 40100, statusCode: 401, message }).statusCode).toBe(401);
    expect(new ErrorInfo({ code: 40000, statusCode: 400, message }).message).toBe(message);
    expect(new ErrorInfo({ code: 40000, message, href }).href).toBe(href);
    expect(new ErrorInfo({ code: 40000, message }).href).toBe('https://help.ably.io/error/40000');
    expect(new ErrorInfo({ code: 50003, statusCode: 500, message: 'Timeout', cause }).cause).toEqual(cause);
  });

  utsCase('rest/unit/TI/errorinfo-from-json-0', 'reads the error of a response', async () => {
    const error = {
      code: 40100,
      statusCode: 401,
      message: 'Token expired',
      href: 'https://help.ably.io/error/40100',
    };
    const failure = await told(error);
    expect(failure).toBeInstanceOf(ErrorInfo);
    expect(failure).toMatchObject(error);
  });

  utsCase('rest/unit/TI/errorinfo-nested-cause-1', 'reads the cause of the error of a response', async () => {
    const failure = await told({
      code: 50000,
      statusCode: 500,
      message: 'Internal error',
      cause: { code: 50001, message: 'Database connection failed' },
    });
    expect(failure).toMatchObject({ code: 50000, statusCode: 500, message: 'Internal error' });
    const { cause } = failure as ErrorInfo;
    expect(cause).toBeInstanceOf(Error);
    expect(cause).toMatchObject({ code: 50001, message: 'Database connection failed' });
  });

  utsCase('rest/unit/TI/ably-exception-wraps-errorinfo-2', 'is an error that can be thrown itself', () => {
    const error = new ErrorInfo({ code: 40000, statusCode: 400, message: 'Bad request' });
    let caught: unknown;
    try {
      throw error;
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(caught).toBeInstanceOf(Error);
    expect(caught).toMatchObject({ code: 40000, statusCode: 400, message: 'Bad request' });
  });

  utsCase(
    'rest/unit/TI/common-error-codes-3',
    'keeps the codes of Ably, from a response as well',
    async () => {
      const codes = [
        [40000, 400, 'Bad request'],
        [40100, 401, 'Unauthorized'],
        [40101, 401, 'Invalid credentials'],
        [40140, 401, 'Token error'],
        [40142, 401, 'Token expired'],
        [40160, 401, 'Invalid capability'],
        [40300, 403, 'Forbidden'],
        [40400, 404, 'Not found'],
        [50000, 500, 'Internal server error'],
        [50003, 500, 'Timeout'],
      ] as const;
      for (const [code, statusCode, message] of codes) {
        const error = { code, statusCode, message };
        expect(new ErrorInfo(error)).toMatchObject(error);
        expect(new ErrorInfo({ code, message }).statusCode).toBe(statusCode);
        expect(await told(error)).toMatchObject(error);
      }
    },
  );

  utsCase('rest/unit/TI/error-string-representation-4', 'prints code, status and message', () => {
    const error = new ErrorInfo({ code: 40100, statusCode: 401, message: 'Unauthorized: token expired' });
    expect(String(error)).toContain('40100/401');
    expect(String(error)).toContain('Unauthorized: token expired');
  });

  utsCase('rest/unit/TI/error-equality-5', 'is equal in its JSON form to one of the same content', () => {
    const bad = { code: 40000, statusCode: 400, message: 'Bad request' };
    const one = new ErrorInfo(bad);
    const other = new ErrorInfo({ code: 40100, statusCode: 401, message: 'Unauthorized' });
    expect(one.toJSON()).toStrictEqual(new ErrorInfo(bad).toJSON());
    expect(one.toJSON()).not.toEqual(other.toJSON());
  });
});
