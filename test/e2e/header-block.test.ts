import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Listening, type Sandbox } from '../../src/sandbox/index.js';
import { refuse, type TokenEndpointOptions, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';

/** Proxies accept 4 KB by default, for the first line and all headers together. */
const MOST_BYTES = 2_048;

const LONG = 'x'.repeat(5_000);

/** The longest origin that an endpoint can list. */
const LISTED = `https://${'label.'.repeat(47)}example.org`.slice(0, 300);
const encoded = (value: object) => encodeURIComponent(JSON.stringify(value));
const get = (query: string, headers = '') => `GET /token?${query} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`;
const post = (body: string, type = 'application/json') =>
  `POST /token HTTP/1.1\r\nhost: a\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/** Requests of untrusted clients, and the answers of the application. */
const requests: readonly [title: string, bytes: string][] = [
  ['a long channel name with no list', get(`capability=${encoded({ [LONG]: 'x' })}`)],
  ['a long channel name by POST', post(JSON.stringify({ capability: { ['y'.repeat(60_000)]: 1 } }))],
  [
    'a channel name of three bytes a letter',
    post(JSON.stringify({ capability: { ['…'.repeat(20_000)]: 1 } })),
  ],
  ['a channel name of line breaks', post(JSON.stringify({ capability: { ['\r\n'.repeat(5_000)]: 1 } }))],
  ['a channel name of halves', post(JSON.stringify({ capability: { ['\ud800'.repeat(5_000)]: 1 } }))],
  ['a long operation', get(`capability=${encoded({ a: [LONG] })}`)],
  ['a long capability that is no JSON', get(`capability=${LONG}`)],
  ['a long clientId', get(`clientId=${LONG}`)],
  ['a long clientId of control characters', get(`clientId=${'%01'.repeat(3_000)}`)],
  ['a long ttl', get(`ttl=${'9'.repeat(5_000)}`)],
  ['a ttl of many digits in JSON', post(`{"ttl":${'9'.repeat(5_000)}}`)],
  ['a long name that comes twice', get(`${LONG}=1&${LONG}=2`)],
  ['many parameters', get(Array.from({ length: 2_000 }, (_, index) => `p${index}=`).join('&'))],
  ['a long value of a parameter', get(`room=${LONG}`)],
  ['a deep body', post('['.repeat(60_000))],
  ['a deep parameter', post(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)],
  ['a body too long', post('x'.repeat(200_000))],
  ['a long content type', post('{}', `x/${LONG}`)],
  ['a long Origin', get('', `origin: https://${LONG}.example\r\n`)],
  ['a listed Origin', get('', 'origin: https://app.example.com\r\n')],
  ['the longest Origin that is listed', get('', `origin: ${LISTED}\r\n`)],
  ['a preflight of it', `OPTIONS /token HTTP/1.1\r\nhost: a\r\norigin: ${LISTED}\r\n\r\n`],
  ['a refusal with a long reason for it', get('', `x-user: mallory\r\norigin: ${LISTED}\r\n`)],
  ['a long cookie', get('', `cookie: session=${LONG}\r\n`)],
  ['a long destination', get('', `sec-fetch-dest: ${LONG}, script\r\n`)],
  ['another method', 'PROPFIND /token HTTP/1.1\r\nhost: a\r\n\r\n'],
  ['a long path', `GET /${LONG} HTTP/1.1\r\nhost: a\r\n\r\n`],
  ['a preflight', `OPTIONS /token HTTP/1.1\r\nhost: a\r\norigin: https://app.example.com\r\n\r\n`],
  [
    'a preflight that asks for much',
    `OPTIONS /token HTTP/1.1\r\nhost: a\r\norigin: https://app.example.com\r\naccess-control-request-headers: ${LONG}\r\n\r\n`,
  ],
  ['a refusal with a long reason', get('', 'x-user: mallory\r\n')],
  ['a refusal with a reason in other letters', get('', 'x-user: mélanie\r\n')],
  ['a grant', get('', 'x-user: ada\r\n')],
  ['a grant that narrows', get(`capability=${encoded({ [LONG]: ['*'] })}`, 'x-user: ada\r\n')],
  ['a grant that fails', get('', 'x-user: eve\r\n')],
];

/** The received bytes until the connection is closed or the body begins. */
async function headOf(port: number, bytes: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1');
  let received = Buffer.alloc(0);
  socket.write(bytes);
  socket.on('error', () => {});
  for await (const part of socket) {
    received = Buffer.concat([received, part as Buffer]);
    if (received.includes('\r\n\r\n')) break;
  }
  socket.destroy();
  const end = received.indexOf('\r\n\r\n');
  if (end < 0)
    throw new Error(`there was no whole header block: ${received.toString('latin1').slice(0, 200)}`);
  return received.subarray(0, end + 4);
}

function expectShort(head: Buffer): void {
  expect(head.byteLength).toBeLessThanOrEqual(MOST_BYTES);
  const text = head.toString('latin1');
  expect(text).toMatch(/^HTTP\/1\.1 \d{3} [\x20-\x7e]*\r\n([\w-]+: ?[\x20-\x7e]*\r\n)+\r\n$/);
  expect(text.match(/^x-ably-errormessage: /gim)?.length ?? 0).toBeLessThanOrEqual(1);
}

describe.each(['token-request', 'jwt'] as const)(
  'the header block of a token endpoint, format %s',
  (format) => {
    let server: Server;
    let port: number;

    beforeAll(async () => {
      const grant: TokenEndpointOptions['grant'] = ({ headers }) => {
        const user = headers.get('x-user');
        if (user === null) return refuse(401);
        if (user === 'eve') throw new Error(LONG);
        if (user === 'ada') return { clientId: user, capability: { '*': ['*'] } };
        return refuse(403, user === 'mallory' ? 'no '.repeat(5_000) : 'ça ne va pas… 😀\r\n'.repeat(2_000));
      };
      const cors = {
        origins: ['https://app.example.com', LISTED],
        credentials: true,
        headers: [`x-${'y'.repeat(510)}`],
      };
      const endpoint = tokenEndpoint({
        auth: new Auth('appId.keyId:secret'),
        format,
        grant,
        cors,
        onError: () => {},
      });
      server = createServer({ maxHeaderSize: 64 * 1024 }, nodeListener(endpoint)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    });

    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    it.each(requests)(
      `an answer has a header block of at most ${MOST_BYTES} plain bytes: %s`,
      async (_title, bytes) => {
        const head = await headOf(port, bytes);
        expectShort(head);
        expect(head.toString('latin1')).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
      },
    );
  },
);

describe('the header block of a sandbox', () => {
  let sandbox: Sandbox;
  let listening: Listening;
  let keyStr: string;

  beforeAll(async () => {
    sandbox = createSandbox();
    listening = await sandbox.listen();
    keyStr = sandbox.createApp().keys[0]?.keyStr ?? '';
  });

  afterAll(() => sandbox.dispose());

  const ask = (method: string, path: string, headers: string, body = '') =>
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const json = 'content-type: application/json\r\n';
  const basic = () => `authorization: Basic ${btoa(keyStr)}\r\n`;
  const fault = (plan: object) => ask('PUT', '/_sandbox/fault', json, JSON.stringify(plan));
  const request = (fields: object) => {
    const [keyName] = keyStr.split(':');
    const body = JSON.stringify({ keyName, timestamp: Date.now(), ...fields });
    return ask('POST', `/keys/${keyName}/requestToken`, json + basic(), body);
  };

  it.each<[string, () => string]>([
    ['a long path', () => ask('GET', `/${LONG}`, '')],
    ['a long format', () => ask('GET', `/time?format=${LONG}`, '')],
    ['a long key name', () => ask('POST', `/keys/${LONG}/requestToken`, json, '{}')],
    ['a long token', () => ask('GET', '/channels/a/messages', `authorization: Bearer ${LONG}\r\n`)],
    ['a long Origin', () => ask('POST', '/apps', `${json}origin: https://${LONG}\r\n`, '{}')],
    ['a long channel name in a capability', () => request({ capability: { [LONG]: 'x' } })],
    ['a long operation in a capability', () => request({ capability: { a: [LONG] } })],
    ['a long clientId that is not text', () => request({ clientId: [LONG] })],
    ['a channel name of other letters', () => request({ capability: { ['…'.repeat(500)]: 'x' } })],
    ['a fault that there is not', () => fault({ [LONG]: 1 })],
    ['a fault with a long message', () => fault({ time: { status: 500, message: LONG } })],
    ['that fault', () => ask('GET', '/time', '')],
    ['the end of it', () => ask('DELETE', '/_sandbox/fault', '')],
    ['a token', () => request({})],
    ['a preflight', () => ask('OPTIONS', '/time', `origin: https://${LONG}\r\n`)],
    ['the history of a channel', () => ask('GET', `/channels/a/messages?x=${LONG}`, basic())],
    [
      'the history of a channel, asked with long values',
      () =>
        ask(
          'GET',
          `/channels/a/messages?limit=1&limit=${LONG}&format=${LONG}`,
          `accept: application/json\r\n${basic()}`,
        ),
    ],
    ['a control route', () => ask('GET', '/_sandbox', '')],
    ['nonsense', () => 'nonsense\r\n\r\n'],
    ['headers too large', () => ask('GET', '/time', `x: ${'x'.repeat(20_000)}\r\n`)],
  ])(`an answer has a header block of at most ${MOST_BYTES} plain bytes: %s`, async (_title, bytes) => {
    const head = await headOf(listening.port, bytes());
    expectShort(head);
    expect(head.toString('latin1')).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(head.toString('latin1')).toMatch(/\r\ncross-origin-resource-policy: same-origin\r\n/i);
  });
});
