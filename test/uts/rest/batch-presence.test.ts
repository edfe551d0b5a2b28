import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, newAuth } from './new-auth.js';

describe('rest/unit/batch_presence.md', () => {
  utsCase('rest/unit/RSC24/uses-configured-auth-0', 'asks for presence with the key', async () => {
    const answer = { successCount: 1, failureCount: 0, results: [{ channel: 'ch', presence: [] }] };
    const http = new MockHttp(() => json(answer));
    const response = await newAuth({ key: 'fake.key:secret', fetch: http.fetch }).fetch(
      '/presence?channels=ch',
    );
    expect(await response.json()).toEqual(answer);
    expect(http.requests).toHaveLength(1);
    expect(http.requests[0]?.url.search).toBe('?channels=ch');
    expect(credentialsOf(http.requests[0])).toEqual(['Basic', 'fake.key:secret']);
  });
});
