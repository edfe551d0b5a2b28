import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { json, MockHttp } from '../mock-http.js';
import { credentialsOf, KEY, newAuth } from './new-auth.js';

describe('rest/unit/types/paginated_result.md', () => {
  utsCase(
    'rest/unit/TG/pagination-preserves-auth-4',
    'asks for the next page as for the first one',
    async () => {
      const next = '/channels/test/messages?cursor=next';
      const http = new MockHttp((_request, index) =>
        index === 0
          ? json([{ id: 'item1' }], 200, { link: `<${next}>; rel="next"` })
          : json([{ id: 'item2' }]),
      );
      const auth = newAuth({ key: KEY, fetch: http.fetch });
      const first = await auth.fetch('/channels/test/messages');
      const link = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
      const second = await auth.fetch(link);
      expect(await second.json()).toEqual([{ id: 'item2' }]);
      expect(http.requests.map(({ url }) => `${url.pathname}${url.search}`)).toEqual([
        '/channels/test/messages',
        next,
      ]);
      expect(credentialsOf(http.requests[0])).toEqual(['Basic', KEY]);
      expect(credentialsOf(http.requests[1])).toEqual(['Basic', KEY]);
    },
  );
});
