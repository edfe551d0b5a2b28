import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, newAuth } from './new-auth.js';

describe('rest/unit/stats.md', () => {
  utsCase(
    'rest/unit/RSC6a/authenticated-with-headers-1',
    'asks for stats with the key and the standard headers',
    async () => {
      const http = new MockHttp(() => json([]));
      await newAuth({ key: 'app.key:secret', fetch: http.fetch }).fetch('/stats');
      expect(http.requests).toHaveLength(1);
      expect(credentialsOf(http.requests[0])).toEqual(['Basic', 'app.key:secret']);
      expect(http.requests[0]?.headers.get('x-ably-version')).toMatch(/^\d+$/);
      expect(http.requests[0]?.headers.get('ably-agent')).toMatch(/^\S+\/\d+\.\d+\.\d+/);
    },
  );
});
