import { describe, expect } from 'vitest';
import { ErrorInfo } from '../../../src/index.js';
import { utsCase } from '../case.js';
import { ablyError, json, MockHttp } from '../mock-http.js';
import { newAuth } from './new-auth.js';

const TIME = Date.UTC(2024, 0, 1);
const KEY = 'app.key:secret';

const answering = () => new MockHttp(() => json([TIME]));

describe('rest/unit/time.md', () => {
  utsCase('rest/unit/RSC16/returns-server-time-0', 'tells the time of the server', async () => {
    const http = answering();
    expect(await newAuth({ key: KEY, fetch: http.fetch }).time()).toBe(1_704_067_200_000);
    expect(http.requests.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', '/time']]);
  });

  utsCase('rest/unit/RSC16/request-format-get-time-1', 'asks with the standard headers', async () => {
    const http = answering();
    await newAuth({ key: KEY, fetch: http.fetch }).time();
    expect(http.requests).toHaveLength(1);
    expect(http.requests[0]).toMatchObject({ method: 'GET', body: '' });
    expect(http.requests[0]?.url.pathname).toBe('/time');
    expect(http.requests[0]?.headers.get('x-ably-version')).toMatch(/^\d+$/);
    expect(http.requests[0]?.headers.get('ably-agent')).toMatch(/^\S+\/\d+\.\d+\.\d+/);
  });

  utsCase('rest/unit/RSC16/no-auth-required-2', 'asks without credentials, whatever it has', async () => {
    for (const means of [{ key: KEY }, { token: 'a token' }, { key: KEY, useTokenAuth: true }]) {
      const http = answering();
      expect(await newAuth({ ...means, fetch: http.fetch }).time()).toBe(TIME);
      expect(http.requests).toHaveLength(1);
      expect(http.requests[0]?.headers.has('authorization')).toBe(false);
    }
  });

  utsCase('rest/unit/RSC16/works-without-tls-3', 'asks over HTTP where tls is false', async () => {
    const http = answering();
    const auth = newAuth({ key: KEY, tls: false, useTokenAuth: true, fetch: http.fetch });
    expect(await auth.time()).toBe(TIME);
    expect(http.requests).toHaveLength(1);
    expect(http.requests[0]?.url.protocol).toBe('http:');
    expect(http.requests[0]?.headers.has('authorization')).toBe(false);
  });

  utsCase('rest/unit/RSC16/error-propagated-4', 'throws the error of the server', async () => {
    const http = new MockHttp(() => ablyError(50000, 500, 'Internal server error'));
    const auth = newAuth({ key: KEY, fetch: http.fetch });
    const failure: unknown = await auth.time().catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(ErrorInfo);
    expect(failure).toMatchObject({ code: 50000, statusCode: 500, message: 'Internal server error' });
    expect([auth.state.value, auth.error]).toEqual(['idle', null]);
  });
});
