import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

describe('rest/unit/presence/rest_presence.md', () => {
  utsCase('rest/unit/RSP4/history-auth-header-3', 'asks for presence history with the key', async () => {
    const http = new MockHttp(() => json([]));
    await newAuth({ key: KEY, fetch: http.fetch }).fetch('/channels/test/presence/history');
    expect(http.requests.map(({ url }) => url.pathname)).toEqual(['/channels/test/presence/history']);
    expect(credentialsOf(http.requests[0])).toEqual(['Basic', KEY]);
  });
});
