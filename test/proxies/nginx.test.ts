import { once } from 'node:events';
import { createServer, type RequestListener, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { refuse, type TokenEndpointOptions, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { type Nginx, startNginx } from './nginx.js';

/** Enough to make nginx count two servers as failed: by default one failure excludes a server. */
const BAD_REQUESTS = 6;
const HONEST_REQUESTS = 20;

const LONG = 'x'.repeat(5_000);
const REASON = 'closed for good. '.repeat(1_000);

const grant: TokenEndpointOptions['grant'] = ({ headers }) => {
  const user = headers.get('x-user');
  if (user === null) return refuse(401);
  return user === 'mallory' ? refuse(403, REASON) : { clientId: user, capability: { '*': ['*'] } };
};

interface Bad {
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

let servers: Server[] = [];
let nginx: Nginx | undefined;

/** Two equal servers behind nginx. */
async function startBehindNginx(listener: RequestListener): Promise<Nginx> {
  servers = [createServer(listener), createServer(listener)];
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening');
  nginx = await startNginx(servers.map((server) => (server.address() as AddressInfo).port));
  return nginx;
}

afterEach(async () => {
  await nginx?.stop();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  nginx = undefined;
  servers = [];
});

const endpoint = (format: 'jwt' | 'token-request' = 'token-request') =>
  nodeListener(tokenEndpoint({ auth: new Auth('appId.keyId:secret'), format, grant }));

/** @returns the status of the answer */
function ask({ url }: Nginx, { method = 'GET', query = '', headers = {}, body }: Bad): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = send(`${url}/token?${query}`, { method, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    request.once('error', reject).end(body);
  });
}

async function statuses(times: number, to: Nginx, request: Bad): Promise<number[]> {
  const all: number[] = [];
  for (let count = 0; count < times; count += 1) all.push(await ask(to, request));
  return all;
}

const json = { 'content-type': 'application/json' };
const named = (name: string) => JSON.stringify({ [name]: 'x' });

describe('two token endpoints behind nginx with its default settings', () => {
  it.each<[string, number, Bad]>([
    ['a channel name of 5,000 letters', 400, { query: `capability=${encodeURIComponent(named(LONG))}` }],
    ['the same by POST', 400, { method: 'POST', headers: json, body: `{"capability":${named(LONG)}}` }],
    [
      'a channel name of 20,000 other letters',
      400,
      { method: 'POST', headers: json, body: `{"capability":${named('…'.repeat(20_000))}}` },
    ],
    [
      'a channel name of line breaks',
      400,
      { method: 'POST', headers: json, body: `{"capability":${named('\r\n'.repeat(9_000))}}` },
    ],
    ['a long clientId', 400, { query: `clientId=${LONG}` }],
    ['a long name that comes twice', 400, { query: `${'y'.repeat(3_000)}=1&${'y'.repeat(3_000)}=2` }],
    ['many parameters', 400, { query: Array.from({ length: 1_000 }, (_, index) => `p${index}=`).join('&') }],
    ['a body of 900 KB', 413, { method: 'POST', headers: json, body: 'x'.repeat(900_000) }],
    [
      'a body of 900 KB in parts',
      413,
      { method: 'POST', headers: { ...json, 'transfer-encoding': 'chunked' }, body: 'x'.repeat(900_000) },
    ],
    ['a deep body', 400, { method: 'POST', headers: json, body: '['.repeat(60_000) }],
    ['a long content type', 415, { method: 'POST', headers: { 'content-type': `x/${LONG}` }, body: '{}' }],
    ['a long Origin', 401, { headers: { origin: `https://${LONG}.example` } }],
    ['a long destination', 403, { headers: { 'sec-fetch-dest': `${LONG}, script` } }],
    ['headers of 20 KB', 431, { headers: { a: LONG, b: LONG, c: LONG, d: LONG } }],
    ['another method', 405, { method: 'PROPFIND' }],
    ['nothing that says who they are', 401, {}],
  ])(
    'ordinary clients get their tokens after untrusted clients have sent %s',
    async (_title, status, bad) => {
      const proxy = await startBehindNginx(endpoint());
      expect(await statuses(BAD_REQUESTS, proxy, bad)).toEqual(Array(BAD_REQUESTS).fill(status));
      const honest = await statuses(HONEST_REQUESTS, proxy, { headers: { 'x-user': 'ada' } });
      expect(honest.filter((one) => one !== 200)).toEqual([]);
      expect(await proxy.log()).not.toMatch(/upstream/);
    },
  );

  it('a refusal with 403 is final for a client, however long its reason is', async () => {
    const proxy = await startBehindNginx(endpoint());
    const auth = new Auth({ authUrl: `${proxy.url}/token`, authHeaders: { 'x-user': 'mallory' } });
    await expect(auth.authorize()).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('closed for good'),
    });
    expect(auth.state).toMatchObject({ value: 'failed', final: true });
    auth.dispose();
    expect(await statuses(HONEST_REQUESTS, proxy, { headers: { 'x-user': 'ada' } })).not.toContain(502);
  });

  it('the largest token that a grant allows passes nginx', async () => {
    const names = Array.from({ length: 2_048 }, (_, index) => `room:${index}`.padEnd(20, 'x'));
    const capability = Object.fromEntries(names.map((name) => [name, ['subscribe']]));
    const auth = new Auth('appId.keyId:secret');
    const large = tokenEndpoint({ auth, format: 'jwt', grant: () => ({ capability }) });
    const proxy = await startBehindNginx(nodeListener(large));
    expect(await statuses(HONEST_REQUESTS, proxy, {})).toEqual(Array(HONEST_REQUESTS).fill(200));
  });
});

describe('nginx with its default settings', () => {
  it('nginx answers 502 to all clients after a few answers with a header of 5 KB, so that these tests can fail', async () => {
    const proxy = await startBehindNginx((request, response) => {
      const isBad = request.headers['x-user'] === undefined;
      response.writeHead(isBad ? 400 : 200, isBad ? { 'x-ably-errormessage': LONG } : {}).end();
    });
    expect(await statuses(BAD_REQUESTS, proxy, {})).toEqual(Array(BAD_REQUESTS).fill(502));
    expect(await statuses(HONEST_REQUESTS, proxy, { headers: { 'x-user': 'ada' } })).toContain(502);
    expect(await proxy.log()).toContain('upstream sent too big header');
  });
});
