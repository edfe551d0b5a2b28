import { parts } from '../../src/client/parts.js';
import { RealtimeConnection } from '../../src/connection/index.js';
import { eventOf, parseMessage } from '../../src/connection/realtime/protocol.js';
import { CONNECTION_STATES } from '../../src/connection/states.js';
import { Auth, type ClientOptions, ErrorInfo, isErrorInfo, isTokenError } from '../../src/index.js';
import { entriesIn, fieldOf } from '../../src/redaction/received.js';
import { SecretStore } from '../../src/redaction/secret-store.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer } from '../kit/connection-server.js';
import { calls } from './calls.js';
import {
  must,
  mustBeClear,
  mustEnd,
  mustReadRecording,
  NOW,
  outcomeOf,
  SECRET,
  TOKEN,
  WORDS,
} from './checks.js';
import { early } from './early.js';
import { HostileFrames } from './frames.js';
import type { Lies } from './lies.js';
import { readings } from './reading.js';
import { type HostileRequest, HostileRequests } from './requests.js';
import { studios } from './studio.js';

/** One kind of input from strangers. */
export interface Kind {
  readonly name: string;
  /** Sends one input. Throws when the client, or the endpoint, does what it must not do. */
  readonly attack: (lies: Lies, seed: number) => Promise<void>;
  /** Makes an input of so many bytes, and gives a function that reads it. Absent: no stranger decides the size. */
  readonly reader?: (bytes: number) => () => unknown;
}

const KEY = `app.key:${SECRET}`;
const HOUR_MS = 3_600_000;

const url = (answer: () => Response): ClientOptions => ({
  authUrl: `https://example.com/token?pass=${encodeURIComponent(WORDS)}`,
  authHeaders: { authorization: `Bearer ${TOKEN}`, 'x-pass': WORDS },
  fetch: async () => answer(),
});

const header = (lies: Lies): string =>
  lies.one([
    ...[
      '0',
      '-1',
      '1e999',
      '99999999999',
      'soon',
      'Fri, 31 Dec 9999 23:59:59 GMT',
      'Thu, 01 Jan 1970 00:00:00 GMT',
    ],
    ...['application/json', 'application/jwt', 'text/plain; charset=x', 'text/html', 'multipart/x', ''],
    ...[`https://user:${TOKEN}@example.com/`, 'javascript:1', 'http://[', `${TOKEN}`, 'x'.repeat(9_000)],
  ]);

const HEADERS = [
  ...['retry-after', 'content-type', 'content-length', 'date', 'age', 'location', 'x-ably-errorcode'],
  ...['x-ably-errormessage', 'www-authenticate', 'set-cookie', 'cache-control'],
];

const STATUSES = [200, 200, 200, 201, 204, 301, 302, 303, 307, 400, 401, 403, 404, 429, 500, 503];

const good = () => ({
  token: 'a-token',
  issued: NOW,
  expires: NOW + HOUR_MS,
  capability: '{"*":["*"]}',
  clientId: 'ada',
});

const signed = () => ({
  keyName: 'app.key',
  ttl: HOUR_MS,
  capability: '{"*":["*"]}',
  clientId: 'ada',
  timestamp: NOW,
  nonce: 'a-nonce-of-sixteen-letters',
  mac: 'bWFj',
});

/** A response, with what the platform allows of these headers. */
function responseOf(
  body: string | null,
  status: number,
  headers: readonly (readonly [string, string])[],
): Response {
  const isEmpty = status === 204;
  const response = new Response(isEmpty ? null : body, { status });
  for (const [name, value] of headers) {
    try {
      response.headers.set(name, value);
    } catch {
      // The platform refuses it as well.
    }
  }
  return response;
}

async function headers(lies: Lies): Promise<void> {
  const some = HEADERS.filter(() => lies.chance() < 0.4).map((name) => [name, header(lies)] as const);
  const body = JSON.stringify(
    lies.one([good(), { error: { code: 40142, statusCode: 401, message: WORDS } }]),
  );
  await mustEnd(url(() => responseOf(body, lies.one(STATUSES), some)));
}

async function bodies(lies: Lies): Promise<void> {
  const body = lies.one<() => string>([
    () => JSON.stringify(lies.spoiled(good(), () => lies.plain())),
    () => JSON.stringify(lies.spoiled(signed(), () => lies.plain())),
    () =>
      JSON.stringify({
        error: lies.spoiled({ code: 40142, statusCode: 401, message: WORDS }, () => lies.plain()),
      }),
    () => JSON.stringify(lies.plain()),
    () => '['.repeat(Math.floor(lies.chance() * 20_000)),
    () => lies.text(),
    () => `a.${btoa(JSON.stringify({ iat: lies.plain(0), exp: lies.plain(0) }).replace(/[^ -~]/g, ''))}.c`,
  ])();
  const type = lies.one(['application/json', 'text/plain', 'application/jwt', 'text/html']);
  await mustEnd(url(() => responseOf(body, lies.one(STATUSES), [['content-type', type]])));
}

async function callbacks(lies: Lies): Promise<void> {
  const cause = lies.value();
  for (const test of [isErrorInfo, isTokenError] as const)
    must(typeof test(cause as never) === 'boolean', 'no boolean');
  mustBeClear(new ErrorInfo({ code: 40000, message: 'an error', cause }));
  await mustEnd({
    authCallback: () => {
      const value = lies.one([
        () => lies.value(),
        () => lies.spoiled(good()),
        () => lies.spoiled(signed()),
      ])();
      if (lies.chance() < 0.3) throw value;
      return value as never;
    },
    fetch: async () => Response.json(good()),
  });
}

const OPTIONS = {
  ...{
    key: KEY,
    token: TOKEN,
    authUrl: 'https://example.com/',
    authCallback: async () => TOKEN,
    authMethod: 'GET',
  },
  ...{
    authHeaders: {},
    authParams: {},
    clientId: 'ada',
    useTokenAuth: true,
    queryTime: false,
    endpoint: 'main',
  },
  ...{
    tls: true,
    port: 80,
    tlsPort: 443,
    fallbackHosts: [],
    defaultTokenParams: {},
    renewal: {},
    keepAlive: true,
  },
  ...{
    httpRequestTimeout: 1,
    httpMaxRetryCount: 1,
    realtimeRequestTimeout: 1,
    logLevel: 'none',
    fetch,
    random: () => 0,
  },
  ...{
    clock: new VirtualClock(),
    environment: {},
    connection: undefined,
    logHandler: () => {},
    inspect: () => {},
  },
} as unknown as Readonly<Record<string, unknown>>;

async function options(lies: Lies): Promise<void> {
  const names = Object.keys(OPTIONS).filter(() => lies.chance() < 0.15);
  const given = Object.fromEntries(
    names.map((name) => [name, lies.chance() < 0.5 ? OPTIONS[name] : lies.value()]),
  );
  const made = await outcomeOf(() => new Auth({ logLevel: 'none', ...given } as never));
  if (made instanceof Auth) made.dispose();
}

const REPORTS = ['token.needed', 'token.asked', 'token.refused', 'connection.changed', 'identity.confirmed'];

async function adapters(lies: Lies): Promise<void> {
  const clock = new VirtualClock(NOW);
  let report: (value: unknown) => void = () => {};
  const connection = {
    get state() {
      return lies.chance() < 0.7 ? lies.one(CONNECTION_STATES) : lies.value(1);
    },
    push: () => {
      const value = lies.value(1);
      if (lies.chance() < 0.2) throw value;
      return lies.chance() < 0.5 ? Promise.resolve() : Promise.reject(value);
    },
    attach: (listener: (value: unknown) => void) => {
      report = listener;
      return () => {};
    },
  };
  const auth = new Auth({
    authCallback: async () => TOKEN,
    connection: connection as never,
    clock,
    logLevel: 'none',
  });
  try {
    const call = outcomeOf(() => auth.authorize());
    await parts.link.load();
    for (let left = 4; left > 0; left -= 1) {
      const whole = {
        type: lies.one(REPORTS),
        state: lies.one(CONNECTION_STATES),
        error: new Error(TOKEN),
        clientId: 'ada',
        retryInMs: 1,
      };
      report(
        lies.one([
          () => lies.value(),
          () => lies.trap(),
          () => lies.spoiled(whole),
          () => lies.spoiled(whole, () => lies.trap()),
        ])(),
      );
      await clock.advance(1);
      if (left === 2) await clock.advance(120_000);
    }
    await call;
    mustBeClear({ state: auth.state, explained: auth.explain() });
  } finally {
    auth.dispose();
  }
}

const SHOWN = { title: 'a', charts: [], controls: [] };

async function recordings(lies: Lies): Promise<void> {
  const entry = { n: 1, at: NOW, type: 'log', level: 'warn', text: TOKEN };
  const whole = { format: 'latchkey-recording', version: 1, session: SHOWN, entries: [entry] };
  const text = lies.one([
    () => JSON.stringify(lies.spoiled(whole, () => lies.plain())),
    () => JSON.stringify({ ...whole, entries: [lies.spoiled(entry, () => lies.plain())] }),
    () => JSON.stringify({ ...whole, session: lies.spoiled(SHOWN, () => lies.plain()) }),
    () => '{'.repeat(Math.floor(lies.chance() * 20_000)),
    () => lies.text(),
  ])();
  mustReadRecording(text);
}

const CHAT = { 'chat:*': ['publish', 'subscribe'] };
const grantNow = () => ({ clientId: 'ada', capability: CHAT, ttl: HOUR_MS });
const issuerClock = new VirtualClock(NOW);
const issuer = new Auth({ key: KEY, clock: issuerClock, logLevel: 'none' });

const endpointWith = (grant: () => unknown, format: 'token-request' | 'jwt' = 'token-request') =>
  tokenEndpoint({ auth: issuer, grant: grant as never, format, onError: mustBeClear });

const RICH = {
  clientId: 'ada',
  ttl: HOUR_MS,
  capability: JSON.stringify(CHAT),
  revocationKey: 'a-key',
  claims: { 'ably.channel.chat:*': 'moderator', 'ably.limits.publish': 10 } as object,
};

/** Grants of a backend that repeats what a stranger wrote in it. */
function richGrant(lies: Lies): object {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_one, n) => [`c${n}`, ['a']]));
  const part = lies.one<object>([
    { claims: { 'ably.channel.a': lies.value(1) } },
    { claims: { other: 'x' } },
    { claims: lies.value() },
    { revocationKey: lies.value(0) },
    { capability: lies.one(['{', '{}', '[]', JSON.stringify(many(3)), '['.repeat(500)]) },
    { capability: many(2_049) },
    { capability: { a: Array.from({ length: 65 }, (_one, n) => `o${n}`) } },
    { capability: { [`a${'b'.repeat(66_000)}`]: ['a'] } },
    { capability: { a: [], b: [''] } },
    { ttl: lies.one([1, 999, 0.5, Number.NaN]) },
    {},
  ]);
  return { ...RICH, ...part };
}

/** What is in an answer of the endpoint: nothing, or rights that are no wider than the grant. */
async function mustGrantNoMore(grant: () => unknown, request: Request): Promise<void> {
  const endpoint = endpointWith(grant);
  const response = await endpoint(request);
  const body = await response.text();
  must(!body.includes(SECRET), 'the answer holds the secret of the key');
  if (response.status !== 200) {
    const { error } = JSON.parse(body || '{"error":{"code":1}}');
    must(Number.isInteger(error.code), `${response.status} without an error`);
    return;
  }
  const { capability, clientId, ttl } = JSON.parse(body);
  must(clientId === 'ada', `the token is for ${clientId}`);
  must(ttl > 0 && ttl <= HOUR_MS, `the token lives for ${ttl} ms`);
  for (const [resource, operations] of Object.entries<string[]>(JSON.parse(capability))) {
    must(resource.startsWith('chat:'), `the token is good for ${resource}`);
    must(
      operations.every((one) => CHAT['chat:*'].includes(one)),
      `the token is good for ${operations}`,
    );
  }
}

const GRANT_FIELDS = { clientId: 1, capability: 1, ttl: 1, revocationKey: 1, claims: 1 };

async function grants(lies: Lies): Promise<void> {
  const rich = richGrant(lies);
  const answer = await endpointWith(
    () => rich,
    lies.one(['jwt', 'jwt', 'token-request']),
  )(new Request(`https://example.com/t?${lies.one(['', 'ttl=5', 'ttl=999'])}`));
  must(!(await answer.text()).includes(SECRET), 'the answer holds the secret of the key');
  const given = lies.chance() < 0.2 ? lies.value() : lies.spoiled(grantNow());
  const isOther = (value: unknown) => value !== 'ada';
  const grant = () => {
    if (lies.chance() < 0.05) throw given;
    return given;
  };
  const [clientId, capability, ttl] = ['clientId', 'capability', 'ttl'].map((name) => fieldOf(given, name));
  // A grant of other rights, by an application that means them, is not an attack.
  if (isOther(clientId) || capability !== CHAT || (ttl !== undefined && ttl !== HOUR_MS)) {
    const response = await endpointWith(grant)(new Request('https://example.com/t'));
    must(!(await response.text()).includes(SECRET), 'the answer holds the secret of the key');
    const isUnknown = entriesIn(given, 10).some(([name]) => !Object.hasOwn(GRANT_FIELDS, name));
    must(response.status !== 200 || !isUnknown, 'a grant with an unknown field is taken');
    return;
  }
  await mustGrantNoMore(grant, new Request('https://example.com/t'));
}

async function requests(_lies: Lies, seed: number): Promise<void> {
  const all = new HostileRequests(seed * 7_919);
  for (let count = 0; count < 3; count += 1) await oneRequest(all.next(), seed);
  if (seed % 10 < 2) await oneRequest(all.crossing(), seed);
}

/** One request of a stranger; some of their bodies break off, and some never end. */
async function oneRequest({ method, query, headers, body }: HostileRequest, seed: number): Promise<void> {
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const isStream = body !== undefined && seed % 7 === 0;
  const request = new Request(
    `https://example.com/t${query}`,
    isStream
      ? ({ ...init, body: brokenStream(body as string, seed % 2 === 0), duplex: 'half' } as RequestInit)
      : (init as RequestInit),
  );
  if (method === 'HEAD' || method === 'OPTIONS') {
    await endpointWith(grantNow)(request);
    return;
  }
  const isSlow = isStream && seed % 2 === 0;
  const outcome = mustGrantNoMore(grantNow, request);
  if (isSlow) await issuerClock.advance(11_000);
  await outcome;
  const isOwn = seed % 2 === 0;
  const wide = () => ({ ...grantNow(), clientId: '*', capability: isOwn ? WIDE : CROSSING });
  await endpointWith(wide, isOwn ? 'jwt' : undefined)(new Request(request.url, init as RequestInit));
}

const WIDE = { '*': ['*'], '[*]*': ['publish', 'history'], 'chat:*': ['*'] };
const CROSSING = Object.fromEntries(
  Array.from({ length: 1_100 }, (_one, index) => [`a${index}:*`, ['subscribe']]),
);

/** A body that breaks off. */
const brokenStream = (body: string, isEndless: boolean): ReadableStream =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(body));
      if (!isEndless) controller.error(new Error('the stranger leaves'));
    },
  });

async function frames(_lies: Lies, seed: number): Promise<void> {
  const clock = new VirtualClock(NOW);
  const server = new ScriptedServer();
  const connection = new RealtimeConnection({
    clock,
    fallbackHosts: [],
    WebSocket: server.WebSocket,
    logLevel: 'none',
  });
  const auth = new Auth({ authCallback: async () => TOKEN, connection, clock, logLevel: 'none' });
  try {
    const call = outcomeOf(() => auth.authorize());
    await clock.advance(10);
    await call;
    server.line.sendText(new HostileFrames(seed).next());
    await clock.advance(10);
    must(CONNECTION_STATES.includes(connection.state), `the state is ${connection.state}`);
    mustBeClear({ reason: connection.errorReason, state: auth.state });
  } finally {
    auth.dispose();
    connection.dispose();
  }
}

const pairs = (bytes: number) =>
  `{${Array.from({ length: bytes / 16 }, (_one, index) => `"f${index}":"abcdef"`).join(',')}}`;

/** Few enough for V8 to keep the object as it keeps small ones: it pays once for each larger one. */
const channels = (bytes: number) =>
  Object.fromEntries(
    Array.from({ length: bytes / 96 }, (_one, index) => [`chat:${'c'.repeat(60)}-${index}`, ['subscribe']]),
  );

/** Reads a text of the server as a frame. */
function readFrame(text: string): () => void {
  return () => {
    const message = parseMessage(text);
    if (typeof message !== 'string') eventOf(message, noSecrets);
  };
}

const noSecrets = new SecretStore({}, () => []);

/** Calls authorize() of a client whose endpoint gives this answer. */
const readAnswer = (answer: () => Response) => () => mustEnd(url(answer));

/** All kinds. */
export const kinds: readonly Kind[] = [
  {
    name: 'frames',
    attack: frames,
    reader: (bytes) => readFrame(`{"action":15,"messages":[${Array(bytes / 64).fill(pairs(64))}]}`),
  },
  {
    name: 'headers',
    attack: headers,
    reader: (bytes) =>
      readAnswer(() => responseOf('', 500, [['x-ably-errormessage', 'a b=c,'.repeat(bytes / 6)]])),
  },
  {
    name: 'bodies',
    attack: bodies,
    reader: (bytes) => readAnswer(() => Response.json({ ...good(), more: pairs(bytes) })),
  },
  {
    name: 'callbacks',
    attack: callbacks,
    reader: (bytes) => () =>
      mustEnd({ authCallback: () => Promise.reject(new Error('a b=c,'.repeat(bytes / 6))) }),
  },
  // The application decides how large its options and grants are.
  { name: 'options', attack: options },
  {
    name: 'adapters',
    attack: adapters,
    reader: (bytes) => {
      const error = new Error('a b=c,'.repeat(bytes / 6));
      let report: (value: unknown) => void = () => {};
      const attach = (listener: (value: unknown) => void) => {
        report = listener;
        return () => {};
      };
      const connection = { state: 'connected', push: () => Promise.resolve(), attach };
      const auth = new Auth({
        ...{ authCallback: async () => TOKEN, connection: connection as never, logLevel: 'none' },
        clock: new VirtualClock(NOW),
      });
      void auth.authorize();
      return () => report({ type: 'connection.changed', state: 'disconnected', reason: error, retryInMs: 1 });
    },
  },
  {
    name: 'recordings',
    attack: recordings,
    reader: (bytes) => {
      const entries = Array.from({ length: bytes / 128 }, (_one, n) => ({
        n,
        at: NOW,
        type: 'log',
        level: 'warn',
        text: 'a b=c,'.repeat(10),
      }));
      const text = JSON.stringify({ format: 'latchkey-recording', version: 1, session: SHOWN, entries });
      return () => mustReadRecording(text);
    },
  },
  { name: 'grants', attack: grants },
  {
    name: 'requests',
    attack: requests,
    reader: (bytes) => {
      const fields = new URLSearchParams({ capability: JSON.stringify(channels(bytes)) });
      const endpoint = endpointWith(grantNow);
      return () =>
        endpoint(new Request('https://example.com/t', { method: 'POST', body: fields })).then((response) =>
          response.text(),
        );
    },
  },
  ...readings,
  { name: 'calls', attack: calls },
  { name: 'early', attack: early },
  { name: 'studios', attack: studios },
];
