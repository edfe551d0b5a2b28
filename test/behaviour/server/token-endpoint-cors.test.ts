import { describe, expect, it } from 'vitest';
import { type CorsOptions, refuse } from '../../../src/server/index.js';
import { EndpointUnderTest } from '../../kit/token-endpoint-harness.js';

const PAGE = 'https://app.example.com';
const named = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'));

const preflight = (origin: string) =>
  new Request('https://example.com/token', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });

describe('a token endpoint and pages of other origins', () => {
  it('pages of other origins cannot read answers by default', async () => {
    const endpoint = new EndpointUnderTest();
    const { status, headers } = await endpoint.get({}, { origin: PAGE });
    expect([status, named(headers)]).toEqual([200, {}]);
    expect(named((await endpoint.send(preflight(PAGE))).headers)).toEqual({});
  });

  it('a listed origin can read every answer', async () => {
    let isOpen = true;
    const endpoint = new EndpointUnderTest({
      cors: { origins: ['https://other.example', PAGE] },
      grant: () => (isOpen ? { capability: { a: ['*'] } } : refuse(403)),
    });
    const expected = {
      vary: 'origin',
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': 'x-ably-errorcode, x-ably-errormessage, retry-after, date',
    };
    expect(named((await endpoint.get({}, { origin: PAGE })).headers)).toEqual(expected);
    isOpen = false;
    const refused = await endpoint.get({}, { origin: PAGE });
    expect([refused.status, named(refused.headers)]).toEqual([403, expected]);
    expect(named((await endpoint.get({ ttl: 'x' }, { origin: PAGE })).headers)).toEqual(expected);
  });

  it.each([
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://APP.example.com',
    'null',
  ])('the origin %s gets no CORS headers, and caches learn that answers differ', async (origin) => {
    const endpoint = new EndpointUnderTest({ cors: { origins: [PAGE], credentials: true } });
    expect(named((await endpoint.get({}, { origin })).headers)).toEqual({ vary: 'origin' });
    expect(named((await endpoint.send(preflight(origin))).headers)).toEqual({ vary: 'origin' });
  });

  it.each([
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'app://obsidian.md',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc',
    'http://localhost:5173',
  ])('an app can be listed by the origin it sends: %s', async (origin) => {
    const endpoint = new EndpointUnderTest({ cors: { origins: [origin] } });
    const { headers } = await endpoint.get({}, { origin });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
  });

  it.each([
    'null',
    '*',
    'file://',
    'file://host',
    'capacitor://',
    'capacitor://localhost/',
    'capacitor://localhost/page',
    'capacitor://*',
    'Capacitor://localhost',
    'data:text/plain,x',
    'mailto:ada@example.com',
    'https://app.example.com/',
    'https://APP.example.com',
  ])('an origin that no page sends cannot be listed: %s', (origin) => {
    expect(() => new EndpointUnderTest({ cors: { origins: [origin] } })).toThrow('cors.origins');
  });

  it.each<[string, CorsOptions, string]>([
    ['headers of 513 letters', { origins: [PAGE], headers: ['x'.repeat(513)] }, 'cors.headers'],
    [
      'many headers',
      { origins: [PAGE], headers: Array.from({ length: 100 }, (_, index) => `x-header-${index}`) },
      'cors.headers',
    ],
    ['an origin without end', { origins: [`https://${'x'.repeat(300)}.example`] }, 'cors.origins'],
  ])('an option that would make the header block long is refused: %s', (_title, cors, name) => {
    expect(() => new EndpointUnderTest({ cors })).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining(name) }),
    );
  });

  it('a preflight is answered without a call of grant', async () => {
    let asked = 0;
    const endpoint = new EndpointUnderTest({
      cors: { origins: [PAGE], credentials: true, headers: ['X-Csrf'], maxAge: 60_000 },
      grant: () => {
        asked += 1;
        return null;
      },
    });
    const { status, headers, text } = await endpoint.send(preflight(PAGE));
    expect([status, text, asked]).toEqual([204, '', 0]);
    expect(named(headers)).toEqual({
      vary: 'origin',
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-ably-errorcode, x-ably-errormessage, retry-after, date',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, x-csrf',
      'access-control-max-age': '60',
    });
  });
});
