import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { type GrantFunction, refuse, type TokenEndpointOptions } from '../../../src/server/index.js';
import { SandboxHarness } from '../../kit/sandbox-harness.js';
import { ADA, type Answer, EndpointUnderTest } from '../../kit/token-endpoint-harness.js';

const PAGE = 'https://app.example.com';
const cors = { origins: [PAGE], credentials: true };

const sandboxed = (fault: object): Partial<TokenEndpointOptions> => {
  const { sandbox, key, clock } = new SandboxHarness();
  sandbox.setFault(fault);
  return { auth: new Auth({ key: key.keyStr, fetch: sandbox.fetch, clock }), format: 'token' };
};

const sent = (init: RequestInit) => (endpoint: EndpointUnderTest) =>
  endpoint.send(new Request('https://example.com/token', init));

/** Every kind of answer. */
const answers: readonly [
  title: string,
  status: number,
  options: () => Partial<TokenEndpointOptions>,
  ask: (endpoint: EndpointUnderTest) => Promise<Answer>,
][] = [
  ['a TokenRequest', 200, () => ({}), (endpoint) => endpoint.get()],
  ['a JWT', 200, () => ({ format: 'jwt' }), (endpoint) => endpoint.get()],
  ['a token', 200, () => sandboxed({}), (endpoint) => endpoint.get()],
  ['a JWT by POST', 200, () => ({ format: 'jwt' }), (endpoint) => endpoint.post('{}')],
  [
    'a JWT for a listed origin',
    200,
    () => ({ format: 'jwt', cors }),
    (endpoint) => endpoint.get({}, { origin: PAGE }),
  ],
  ['a refusal with 401', 401, () => ({ grant: () => null }), (endpoint) => endpoint.get()],
  ['a refusal with 403', 403, () => ({ grant: () => refuse(403) }), (endpoint) => endpoint.get()],
  ['nothing granted', 401, () => ({}), (endpoint) => endpoint.get({ capability: '{"x":["*"]}' })],
  ['a bad parameter', 400, () => ({}), (endpoint) => endpoint.get({ ttl: 'soon' })],
  ['a bad body', 400, () => ({}), (endpoint) => endpoint.post('{')],
  ['a body too long', 413, () => ({}), (endpoint) => endpoint.post('x'.repeat(70_000))],
  ['a body of another type', 415, () => ({}), (endpoint) => endpoint.post('<a/>', 'application/xml')],
  ['another method', 405, () => ({}), sent({ method: 'PUT' })],
  ['HEAD', 405, () => ({}), sent({ method: 'HEAD' })],
  ['a grant that fails', 500, () => ({ grant: () => undefined as never }), (endpoint) => endpoint.get()],
  [
    'a service that is down',
    503,
    () => sandboxed({ requestToken: { status: 503 } }),
    (endpoint) => endpoint.get(),
  ],
  ['a preflight', 204, () => ({}), sent({ method: 'OPTIONS', headers: { origin: PAGE } })],
  [
    'a preflight of a listed origin',
    204,
    () => ({ cors }),
    sent({ method: 'OPTIONS', headers: { origin: PAGE } }),
  ],
  ['a script element', 403, () => ({}), sent({ headers: { 'sec-fetch-dest': 'script' } })],
];

describe('an answer of a token endpoint', () => {
  it.each(answers)(
    'an answer cannot be loaded as a script or any other resource: %s',
    async (_title, status, options, ask) => {
      const { headers, ...answer } = await ask(new EndpointUnderTest(options()));
      expect(answer.status).toBe(status);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );
});

describe('Sec-Fetch-Dest at a token endpoint', () => {
  const asked = async (destination: string | null, init: RequestInit = {}) => {
    let grants = 0;
    const grant: GrantFunction = () => {
      grants += 1;
      return ADA;
    };
    const endpoint = new EndpointUnderTest({ grant, format: 'jwt' });
    const headers = destination === null ? {} : { 'sec-fetch-dest': destination };
    const answer = await endpoint.send(new Request('https://example.com/token', { ...init, headers }));
    return { ...answer, grants };
  };

  it.each([
    'script',
    'style',
    'worker',
    'sharedworker',
    'serviceworker',
    'audioworklet',
    'paintworklet',
    'xslt',
    'json',
    'text',
    'manifest',
    'object',
    'embed',
    'iframe',
    'frame',
    'fencedframe',
    'image',
    'audio',
    'video',
    'track',
    'font',
    'report',
    'webidentity',
  ])('a request for a resource of a page is refused before grant is called: %s', async (destination) => {
    const { status, json, text, grants } = await asked(destination);
    expect([status, json.error?.code, grants]).toEqual([403, 40300, 0]);
    expect(json.error?.message).toBe(
      `the token endpoint must be asked with fetch() or XMLHttpRequest; this request has Sec-Fetch-Dest: ${destination}`,
    );
    expect(text).not.toContain('eyJ');
  });

  it.each([
    'Script',
    'SCRIPT',
    ' script ',
    '\tscript',
    'empty, script',
    'script,empty',
    'script;a=b',
    'script ; a',
    '"script"',
    'a;b=script',
  ])('a refused destination is recognised in any spelling of the header: %j', async (destination) => {
    expect((await asked(destination)).status).toBe(403);
    expect((await asked(destination, { method: 'POST' })).status).toBe(403);
  });

  it.each([null, 'empty', 'document', 'Empty', ' document ', 'empty, empty', '', 'unheard-of', 'scripts'])(
    'a request of a program or a person reaches grant: %j',
    async (destination) => {
      expect(await asked(destination)).toMatchObject({ status: 200, grants: 1 });
    },
  );
});

describe('the reason of a refusal', () => {
  const refusedWith = async (message: string) =>
    (await new EndpointUnderTest({ grant: () => refuse(403, message) }).get()).headers;

  it.each([
    ['as it is where it is short', 'closed for now', 'closed for now'],
    ['without line breaks', 'closed\r\nset-cookie: a=b', 'closed??set-cookie: a=b'],
    ['without control characters', 'closed\u0000\u007f', 'closed??'],
    ['in plain letters', 'fermé à midi', 'ferm? ? midi'],
    ['with one sign for each character', '😀!', '?!'],
    ['without halves of characters', '\ud83d!\ude00', '?!?'],
  ])('a short reason is sent in a header %s', async (_title, message, expected) => {
    expect((await refusedWith(message)).get('x-ably-errormessage')).toBe(expected);
  });

  it.each([
    ['letters', 'x'.repeat(5_000)],
    ['characters of three bytes', '…'.repeat(5_000)],
    ['characters of two units', '😀'.repeat(5_000)],
    ['line breaks', '\r\n'.repeat(5_000)],
  ])('a long reason is cut in the header: %s', async (_title, message) => {
    const text = (await refusedWith(message)).get('x-ably-errormessage') ?? '';
    expect(text.length).toBeGreaterThan(100);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256);
    expect(text).toMatch(/^[\x20-\x7e]+\.\.\.$/);
  });

  it('a long reason is cut in the body after a whole character', async () => {
    const endpoint = new EndpointUnderTest({ grant: () => refuse(403, `x${'😀'.repeat(5_000)}`) });
    const { message = '' } = (await endpoint.get()).json.error ?? {};
    expect(message).toMatch(/^x😀{400,500}\.\.\.$/u);
  });
});
