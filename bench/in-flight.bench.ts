import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as Ably from 'ably';
import { Auth } from 'latchkey';
import type { Measure } from './measure.js';
import { awaited, race } from './race.js';

const REQUESTS = 100;
const CALLS = 1_000;

/** How long the peer is observed, ms: it does not stop by itself. */
const WATCH_MS = 2_000;

interface Outcome {
  readonly sourceCalls: number;
  readonly httpRequests: number;
  readonly through: number;
}

/** A service that refuses the first token with 40142 and accepts every later one. */
async function scriptedService(): Promise<{ server: Server; port: number; requests(): number }> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const token = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    const isFresh = Number(token.split('-')[1]) > 1;
    const error = { code: 40142, statusCode: 401, message: 'Token expired', href: '' };
    response.writeHead(isFresh ? 200 : 401, {
      'content-type': 'application/json',
      ...(isFresh ? {} : { 'x-ably-errorcode': '40142', 'x-ably-errormessage': 'Token expired' }),
    });
    response.end(JSON.stringify(isFresh ? [] : { error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, requests: () => requests };
}

function countingSource() {
  let calls = 0;
  const next = () => {
    calls += 1;
    return {
      token: `token-${calls}`,
      issued: Date.now(),
      expires: Date.now() + 3_600_000,
      capability: '{"*":["*"]}',
    };
  };
  return { next, calls: () => calls };
}

async function latchkey(): Promise<Outcome> {
  const { server, port, requests } = await scriptedService();
  const source = countingSource();
  const auth = new Auth({ authCallback: async () => source.next(), endpoint: '127.0.0.1', port, tls: false });
  await auth.authorize();
  const results = await Promise.allSettled(
    Array.from({ length: REQUESTS }, () => auth.fetch('/channels/a/messages')),
  );
  const through = results.filter((one) => one.status === 'fulfilled' && one.value.ok).length;
  auth.dispose();
  server.closeAllConnections();
  server.close();
  return { sourceCalls: source.calls(), httpRequests: requests(), through };
}

async function ably(): Promise<Outcome> {
  const { server, port, requests } = await scriptedService();
  const source = countingSource();
  let through = 0;
  const rest = new Ably.Rest({
    logLevel: 0,
    endpoint: '127.0.0.1',
    port,
    tls: false,
    useBinaryProtocol: false,
    authCallback: (_params, callback) => callback(null, source.next()),
  });
  await rest.auth.authorize();
  const all = Array.from({ length: REQUESTS }, () =>
    rest.request('GET', '/channels/a/messages', 3, {}, null as never, {}).then(
      (page) => (through += page.success ? 1 : 0),
      () => {},
    ),
  );
  await Promise.race([Promise.all(all), new Promise((resolve) => setTimeout(resolve, WATCH_MS))]);
  const outcome = { sourceCalls: source.calls(), httpRequests: requests(), through };
  server.closeAllConnections();
  server.close();
  return outcome;
}

/** Not in ably's types: what each of its REST requests awaits to have a token. */
interface HeaderSource {
  tokenDetails: unknown;
  getAuthHeaders(): Promise<Record<string, string>>;
}

/** Many callers that wait for the same request. */
async function joins(): Promise<Measure> {
  const source = countingSource();
  const auth = new Auth({ authCallback: async () => source.next() });
  const rest = new Ably.Rest({
    logLevel: 0,
    authCallback: (_params, callback) => callback(null, source.next()),
  });
  await rest.auth.authorize();
  const headers = rest.auth as unknown as HeaderSource;
  const measure = await race({
    name: `${CALLS} callers without a token, at once`,
    latchkey: awaited(async () => {
      auth.forget();
      // Only authorize() leaves `signed out`.
      const first = auth.authorize();
      await Promise.all([first, ...Array.from({ length: CALLS - 1 }, () => auth.getToken())]);
    }),
    other: awaited(async () => {
      headers.tokenDetails = null;
      await Promise.all(Array.from({ length: CALLS }, () => headers.getAuthHeaders()));
    }),
    against: 'ably Rest getAuthHeaders()',
    target: 0.5,
    note: 'all but the first join a request that runs',
  });
  auth.dispose();
  return measure;
}

/** Many equal calls at once: how often the source and the service are asked. */
export async function inFlight(): Promise<Measure[]> {
  const ours = await latchkey();
  const theirs = await ably();
  const auth = () => {
    const source = countingSource();
    return { source, auth: new Auth({ authCallback: async () => source.next() }) };
  };
  const got = auth();
  await Promise.all(Array.from({ length: CALLS }, () => got.auth.getToken()));
  const authorized = auth();
  const tokens = await Promise.all(
    Array.from({ length: CALLS }, () => authorized.auth.authorize({ ttl: 60_000 })),
  );
  const peer = countingSource();
  const rest = new Ably.Rest({
    logLevel: 0,
    authCallback: (_params, callback) => callback(null, peer.next()),
  });
  await Promise.all(Array.from({ length: CALLS }, () => rest.auth.authorize({ ttl: 60_000 })));
  got.auth.dispose();
  authorized.auth.dispose();
  const count = (
    name: string,
    latchkeyCount: number,
    other: number | null,
    note: string | null = null,
  ): Measure => ({
    name,
    unit: 'count',
    latchkey: latchkeyCount,
    other,
    ratio: null,
    spread: null,
    target: null,
    against: other === null ? null : 'ably Rest',
    note,
  });
  return [
    count(`${REQUESTS} in flight, token refused: source calls`, ours.sourceCalls, theirs.sourceCalls),
    count(
      `${REQUESTS} in flight, token refused: HTTP requests`,
      ours.httpRequests,
      theirs.httpRequests,
      `the peer resends the refused token without end; it was watched for ${WATCH_MS} ms`,
    ),
    count(`${REQUESTS} in flight, token refused: got through`, ours.through, theirs.through),
    await joins(),
    count(`${CALLS} getToken() at once: source calls`, got.source.calls(), null),
    count(`${CALLS} identical authorize() at once: source calls`, authorized.source.calls(), peer.calls()),
    count(`${CALLS} identical authorize() at once: different tokens`, new Set(tokens).size, null),
  ];
}
