import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

describe('rest/unit/request.md', () => {
  utsCase('rest/unit/RSC19b/uses-configured-auth-0', 'sends its key, or its token', async () => {
    const http = new MockHttp(() => json([]));
    const byKey = await newAuth({ key: KEY, fetch: http.fetch }).fetch('/test');
    const byToken = await newAuth({ token: 'my-token-string', fetch: http.fetch }).fetch('/test');
    expect([byKey.status, byToken.status]).toEqual([200, 200]);
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/test', '/test']);
    expect(credentialsOf(http.requests[0])).toEqual(['Basic', KEY]);
    expect(credentialsOf(http.requests[1])).toEqual(['Bearer', 'my-token-string']);
  });

  utsCase(
    'rest/unit/RSC19b/cannot-override-auth-1',
    'replaces an Authorization header of the caller',
    async () => {
      const http = new MockHttp(() => json([]));
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      await auth.fetch('/test', { headers: { Authorization: 'Bearer malicious-token', 'X-Own': 'kept' } });
      await auth.fetch('/test', { headers: [['AUTHORIZATION', 'Bearer malicious-token']] });
      expect(http.requests.map(credentialsOf)).toEqual([
        ['Basic', KEY],
        ['Basic', KEY],
      ]);
      expect(http.requests[0]?.headers.get('x-own')).toBe('kept');
    },
  );
});
