import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

describe('rest/unit/batch_publish.md', () => {
  utsCase('rest/unit/RSC22c/uses-configured-auth-0', 'posts a batch with the token, or the key', async () => {
    const http = new MockHttp(() => json({ channel: 'ch', messageId: 'm', serials: ['s'] }, 201));
    const batch = { channels: ['ch'], messages: [{ name: 'event', data: 'hello' }] };
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch),
    };
    await newAuth({ token: 'batch-token', fetch: http.fetch }).fetch('/messages', init);
    await newAuth({ key: KEY, fetch: http.fetch }).fetch('/messages', init);
    expect(http.requests.map(credentialsOf)).toEqual([
      ['Bearer', 'batch-token'],
      ['Basic', KEY],
    ]);
    for (const { method, url, headers, body } of http.requests) {
      expect([method, url.pathname, headers.get('content-type')]).toEqual([
        'POST',
        '/messages',
        'application/json',
      ]);
      expect(JSON.parse(body)).toEqual(batch);
    }
  });
});
