import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

describe('rest/unit/channel/publish.md', () => {
  utsCase(
    'rest/unit/RSL1m/clientid-not-injected-0',
    'posts messages as they are: its own clientId goes into no body',
    async () => {
      const posted = async (options: { clientId?: string }, message: object) => {
        const http = new MockHttp(() => json({ serials: ['s1'] }, 201));
        await newAuth({ key: KEY, ...options, fetch: http.fetch }).fetch('/channels/test/messages', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify([message]),
        });
        expect(credentialsOf(http.requests[0])).toEqual(['Basic', KEY]);
        return JSON.parse(http.requests[0]?.body ?? '')[0];
      };
      const message = { name: 'e', data: 'd' };
      // RSL1m1 · RSL1m2 · RSL1m3
      expect(await posted({ clientId: 'lib-client' }, message)).toEqual(message);
      const own = { ...message, clientId: 'lib-client' };
      expect(await posted({ clientId: 'lib-client' }, own)).toEqual(own);
      const foreign = { ...message, clientId: 'msg-client' };
      expect(await posted({}, foreign)).toEqual(foreign);
    },
  );
});
