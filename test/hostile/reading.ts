import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { safeCause } from '../../src/errors/cause.js';
import { asReceived, copyOf } from '../../src/errors/copies.js';
import { ErrorInfo, isOwnError, toErrorInfo } from '../../src/errors/error-info.js';
import { fromReceived, readError, receivedError } from '../../src/errors/received-error.js';
import { isFromElsewhere, isRedirect } from '../../src/http/redirects.js';
import { retryAfterMs, sentAt } from '../../src/http/retry-after.js';
import { errorFrom } from '../../src/http/service-error.js';
import { Auth } from '../../src/index.js';
import { redacted } from '../../src/inspect.js';
import { discardBody, readBody } from '../../src/platform/body.js';
import { formPair } from '../../src/redaction/form.js';
import { hideKnown } from '../../src/redaction/known-secrets.js';
import { sizeOf } from '../../src/redaction/received.js';
import { SecretStore } from '../../src/redaction/secret-store.js';
import { redactKnown, redactText } from '../../src/redaction/text.js';
import { refuse, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import { readAnswer, tokenFault } from '../../src/sources/answer.js';
import { redactedError, withoutSecrets } from '../../src/sources/redacted-error.js';
import { sourceError } from '../../src/sources/source-error.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { formOf, fromBase64 } from '../../src/text.js';
import { jwtTimes } from '../../src/token/jwt.js';
import { encodings } from '../kit/encodings.js';
import { must, mustBeClear, NOW, SECRET, TOKEN, WORDS } from './checks.js';
import type { Lies } from './lies.js';
import { HostileRequests } from './requests.js';

const HOUR_MS = 3_600_000;

/** Secrets of several lengths and alphabets. */
const SECRETS = [
  SECRET,
  TOKEN,
  WORDS,
  'pass',
  'Grüße, öffne dich',
  `p+w/<a>&"b"='c' %41\\x`,
  'tok en+/'.repeat(256),
];

/** Text around a secret: words, escapes that are none, and what looks like a secret. */
const around = (lies: Lies): string =>
  lies.one([
    ...[
      '',
      ' ',
      ' a % of 100 %; ',
      ' &amp; &#x41; &#66; &lt ',
      ' \\u0041 \\" \\n ',
      ' Grüße 𝒳 ',
      ' \ud800 ',
      ' &#x110000; ',
    ],
    ...[
      ' index-B3xK9a.js:1:2 ',
      ` ${'aB3/'.repeat(12)} `,
      ' https://example.com/a/b?c=d ',
      ' x'.repeat(3_000),
    ],
  ]);

/** A text that repeats a secret is shown without it. */
async function texts(lies: Lies): Promise<void> {
  const secret = lies.one(SECRETS);
  const name = lies.one(Object.keys(encodings));
  const encoded = encodings[name]?.(secret) ?? '';
  const text = `${around(lies)}: ${encoded} ;${around(lies)}`;
  const end = lies.chance() < 0.2 ? Math.floor(lies.chance() * text.length) : text.length;
  for (const shown of [hideKnown(text, ['other', secret], end), redactText(text, [secret])])
    must(!shown.includes(encoded), `${secret} (${name}) is in ${shown.slice(0, 200)}`);
  if (secret === 'pass') must(hideKnown('compassion', [secret]) === 'compassion', 'a word lost a part');
  const store = new SecretStore({}, () => []);
  for (let count = 0; count < 20; count += 1)
    if (lies.chance() < 0.3) store.noteSent(() => [`${secret}${count}`]);
    else store.note(lies.one(['token', 'request'] as const), `${secret}${count}`);
  store.note('token', `${secret}19`, secret);
  must(!redactKnown(` ${secret} `, store.all()).includes(` ${secret} `), 'a noted secret is shown');
  JSON.stringify(redacted(objectOf(lies)));
  hideKnown(`%2525252525${'25'.repeat(9)}41 ${secret}`, [secret, 'abc']);
  sizeOf(lies.value());
  formPair(lies.one(['a=b', 'a', '=', '%', '%zz=%', 'a+b=c%20d', lies.text()]));
  formOf([[lies.text(), lies.text()]]);
  fromBase64(lies.one(['', 'YQ', 'Y', 'YWI=', '-_+/', 'a b', '\u0000', encoded]));
}

class Named {
  readonly field = TOKEN;
}

/** Objects as loggers get them. */
function objectOf(lies: Lies): unknown {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  return lies.one<() => unknown>([
    () => lies.value(),
    () => circle,
    () => ({ nonce: 7, tokens: 7, token: TOKEN, capability: { 'private:key': ['*'] }, client_id: 'ada' }),
    () => Array.from({ length: 300 }, () => [1]),
    () => Object.fromEntries(Array.from({ length: 300 }, (_one, index) => [`f${index}`, index])),
    () =>
      new Map<unknown, unknown>([
        [1, 1],
        [true, 2],
        [{}, 3],
        ['key', TOKEN],
        [Symbol('s'), 4],
      ]),
    () => ({ [`${TOKEN}1`]: 1, [`${TOKEN}2`]: 2 }),
    () => ({ id: 'a', sessionId: 'x:1', getSnapshot: () => ({}) }),
    () => ({ sessionId: 'x:1', getSnapshot: () => ({}) }),
    () => ({ sessionId: 'x:1' }),
    () => new Named(),
    () => Object.create({ constructor: undefined }),
    () => ({ toJSON: () => TOKEN }),
    () => new Set([TOKEN, new Uint8Array(9), new Date(Number.NaN)]),
    () => lies.nested(20),
    () =>
      Object.fromEntries(
        Array.from({ length: 60 }, (_one, index) => [index, Array(200).fill(Array(199).fill({}))]),
      ),
  ])();
}

const CODES = [40142, 40300, 40003, 50003, 80003, 80019, 1, 99_999, 50000];
const STATUSES = [400, 401, 403, 404, 408, 429, 500, 503, 504, 1];

/** An error as a server, an application or another library makes it. */
export function failureOf(lies: Lies, depth = 0): unknown {
  const text = () => lies.one([`a message with ${WORDS}`, `no ${TOKEN}`, '', 'x'.repeat(5_000), `${SECRET}`]);
  const cause = () => (depth < 8 && lies.chance() < 0.7 ? failureOf(lies, depth + 1) : lies.value(1));
  const parts = () => ({
    code: lies.one(CODES),
    statusCode: lies.one(STATUSES),
    message: text(),
    href: lies.one([
      'https://help.ably.io/error/40142',
      `https://example.com/${TOKEN}`,
      'javascript:1',
      'http://a/?b',
    ]),
    remediation: text(),
    requestId: text(),
    retryAfterMs: lies.one([0, 5, Number.POSITIVE_INFINITY, Number.NaN, -1]),
    detail: { [text()]: text(), more: 1 },
    cause: cause(),
  });
  const system = () =>
    Object.assign(new Error(text(), { cause: cause() }), {
      code: lies.one(['ECONNRESET', 'ETIMEDOUT', 'ERR_NETWORK', 'no code', 401]),
      status: lies.one([...STATUSES, undefined]),
      config: { headers: { authorization: TOKEN } },
    });
  const info = () =>
    new ErrorInfo({
      code: lies.one(CODES),
      statusCode: lies.one(STATUSES),
      message: text(),
      origin: lies.one(['latchkey', 'server', 'source']),
      remediation: lies.one([undefined, null, text()]) as string,
      cause: cause(),
    });
  return lies.one<() => unknown>([
    parts,
    () => lies.spoiled(parts()),
    system,
    () => lies.spoiled(system()),
    info,
    () => Object.assign(info(), { extra: TOKEN, count: 1 }),
    () => Object.assign(info(), { name: lies.one([TOKEN, 'PrismaError', '']) }),
    () =>
      Object.defineProperty(
        info(),
        lies.one(['name', 'stack', 'href', 'cause', 'detail', 'origin', 'reason']),
        { value: lies.value(1) },
      ),
    () => new Proxy(info(), { getPrototypeOf: () => null }),
    () => asReceived(info()),
    () => new TypeError(lies.one(['fetch failed', 'a.b is not a function', text()])),
    () => new DOMException(text(), lies.one(['AbortError', 'TimeoutError', 'NetworkError'])),
    () =>
      Object.assign(
        new (class WithToJson extends Error {
          toJSON() {
            return this;
          }
          [Symbol.for('nodejs.util.inspect.custom')]() {
            return TOKEN;
          }
          override toString() {
            return TOKEN;
          }
          get [Symbol.toStringTag]() {
            return TOKEN;
          }
        })(text()),
        { stack: `Error\n    at f (${TOKEN}.js:1:2)\n    at g (/a/index-B3xK9a.js:1:2)` },
      ),
    () => Object.setPrototypeOf(new Error(text()), Object.create(Object.create(Error.prototype))),
    () => Object.setPrototypeOf(new Error(text()), lies.trap()),
    () => Object.assign(new Error(text()), { name: 'A'.repeat(200), stack: undefined }),
    () => ({ response: { status: lies.one(STATUSES) } }),
    () => ({ name: 'StopRenewing', message: text(), statusCode: 403 }),
    () => ({ [Symbol.for('latchkey.ErrorInfo')]: true, ...parts() }),
    text,
    () => lies.value(),
  ])();
}

/** An error of anybody can be copied and printed, and shows no secret. */
async function causes(lies: Lies): Promise<void> {
  const known = [SECRET, TOKEN, WORDS];
  const given = failureOf(lies);
  const made = [
    new ErrorInfo({ code: 40000, message: 'an error', cause: redactedCause(given, known) as never }),
    redactedError(toErrorInfo(sourceError(given), { code: 40000, message: 'an error' }), known),
  ];
  for (const error of made) {
    mustBeClear(error);
    void error.original;
    copyOf(error);
    redactedError(error, known);
    if (lies.chance() < 0.3) mustBeClear(withoutSecrets(error, known));
  }
  const plain = new ErrorInfo({ code: 40000, message: 'an error', cause: given });
  inspect(plain);
  JSON.stringify([plain, redacted(given)]);
  String(plain);
  toErrorInfo(given, { code: 40000, message: 'an error' });
  asReceived(given);
  if (isOwnError(given)) {
    copyOf(given);
    if (given instanceof ErrorInfo) print(given);
    redactedError(given, known);
    asReceived(asReceived(given));
  }
  const init = lies.spoiled({
    code: 40000,
    message: 'an error',
    detail: {},
    reason: 'expired',
    href: null,
    statusCode: 400,
  } as object);
  try {
    new ErrorInfo(lies.chance() < 0.1 ? (lies.value() as never) : (init as never));
  } catch (error) {
    must(
      error instanceof ErrorInfo || /trap/.test(String(error)),
      `it failed with ${inspect(error, { depth: 0 })}`,
    );
  }
}

function print(error: ErrorInfo): void {
  inspect(error);
  JSON.stringify(error);
  String(error);
}

const redactedCause = (given: unknown, known: readonly string[]): unknown =>
  safeCause(given, (one) => (isOwnError(one) ? redactedError(one, known) : undefined), known);

const BYTES = [[0xff, 0xfe], [0xc3], [...Buffer.from('{"a":"ä"}')], [0xef, 0xbb, 0xbf, 0x7b, 0x7d], []];

/** A body as some maker of `fetch` gives it. */
export function bodyOf(lies: Lies): object {
  const part = (): unknown =>
    lies.one<unknown>([Uint8Array.from(lies.one(BYTES)), 'text', 'ä', 'x'.repeat(200_000)]);
  const stream = () =>
    new ReadableStream({
      pull(controller) {
        const next = lies.chance();
        if (next < 0.4) controller.close();
        else if (next < 0.5) controller.error(new Error('a broken stream'));
        else controller.enqueue(part());
      },
    });
  const headers = new Headers(
    lies.chance() < 0.3 ? { 'content-length': lies.one(['5', '999999', 'x']) } : {},
  );
  return lies.one<() => object>([
    () => ({ body: stream(), headers, status: 200, text: async () => lies.value(0) }),
    () => ({ body: stream() }),
    () => ({
      body: (async function* () {
        yield part();
        yield part();
      })(),
    }),
    () => ({
      body: Object.assign(
        (async function* () {
          yield part();
        })(),
        {
          destroy() {
            throw new Error('a trap');
          },
        },
      ),
    }),
    () => ({ body: null }),
    () => ({ body: lies.one([undefined, 7, 'text', {}]) }),
    () => ({ body: undefined, headers, text: async () => lies.one(['', 'text', 'x'.repeat(200_000)]) }),
    () => ({ body: undefined, json: async () => lies.plain() }),
    () => new Response('a body', { headers: { 'content-length': '6' } }),
  ])();
}

const dates = [
  'Sun, 29 Nov 2026 22:45:22 GMT',
  'Sunday, 29-Nov-26 22:45:22 GMT',
  'Sun Nov 29 22:45:22 2026',
  'Sun, nonsense',
  '0',
  '-1',
  '1e999',
  '120',
  '',
];

/** What servers answer is read, whatever it is; a wait is an hour at most. */
async function answers(lies: Lies): Promise<void> {
  const abort = new AbortController();
  if (lies.chance() < 0.1) abort.abort();
  const body = await readBody(bodyOf(lies) as never, lies.chance() < 0.8 ? abort.signal : undefined).catch(
    (error) => error,
  );
  must(typeof body === 'string' || body instanceof Error, `the body is ${typeof body}`);
  discardBody(bodyOf(lies) as never);
  const some = new Headers();
  for (const name of ['retry-after', 'date', 'age', 'x-ably-errorcode'])
    if (lies.chance() < 0.6) some.set(name, lies.one([...dates, '40142']));
  const wait = retryAfterMs(some, NOW);
  must(wait === undefined || (wait >= 0 && wait <= HOUR_MS), `it would wait ${wait} ms`);
  sentAt(some);
  const response = { headers: some, status: lies.one(STATUSES) } as Response;
  const told = failureOf(lies);
  const secrets = [SECRET, TOKEN, WORDS];
  const text = lies.one([
    () => jsonOf({ error: told }),
    () => jsonOf(told),
    () => '['.repeat(500),
    () => '',
  ])();
  mustBeClear(errorFrom(response, text, NOW, secrets));
  errorFrom(response, text, NOW);
  receivedError(text);
  const read = readError(told);
  if (read !== undefined) {
    mustBeClear(fromReceived(read, { secrets, by: lies.one(['ably', 'application']) }));
    fromReceived(read, { cause: new Error('behind') });
    fromReceived(read);
  }
  const url = lies.one(['', 'https://a.example/x', 'https://b.example/', 'http://[', undefined]);
  isFromElsewhere({ redirected: lies.one([true, false, undefined]), url } as never, 'https://a.example/');
  isRedirect({ status: lies.one([200, 302, 308]), type: lies.one(['basic', 'opaqueredirect']) });
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '{}';
  }
}

const jwtOf = (claims: unknown): string => `a.${Buffer.from(jsonOf(claims)).toString('base64url')}.c`;

/** An answer of a source is a token, or an error by name. */
async function tokens(lies: Lies): Promise<void> {
  const details = {
    token: 'a',
    issued: NOW,
    expires: String(NOW),
    keyName: 'a.b',
    capability: lies.one([{ a: ['b'] }, null, '{}', undefined]),
    clientId: lies.one(['', 'ada', null]),
  };
  const signed = {
    keyName: 'a.b',
    ttl: lies.one([undefined, '60000', 1, '']),
    timestamp: lies.one([NOW, String(NOW)]),
    nonce: 'n',
    mac: 'm',
    capability: lies.one([{ z: ['b', 'a'], 1: [], a: ['B"'] }, '']),
    clientId: lies.one(['', 'ada']),
  };
  const given = lies.one<() => unknown>([
    () => details,
    () => lies.spoiled(details),
    () => signed,
    () => lies.spoiled(signed),
    () => lies.spoiled(signed, () => lies.one([{ ['x'.repeat(200)]: 1 }, { a: [1] }, '..', 'a b', -1, 0.5])),
    () => ({ error: lies.value() }),
    () => ({ more: 'x'.repeat(200_000) }),
    () => lies.one(['x'.repeat(200_000), 'ä'.repeat(90_000), 'null', ' ', '{"token":"a"}', 'a\nb', TOKEN]),
    () => lies.value(),
    () => ({ toJSON: () => undefined }),
  ])();
  try {
    readAnswer(given);
  } catch (error) {
    must(
      error instanceof ErrorInfo && error.code === 40170,
      `it failed with ${inspect(error, { depth: 0 })}`,
    );
    JSON.stringify(error);
  }
  const token = lies.one<() => string>([
    () => jwtOf({ iat: lies.plain(0), exp: lies.plain(0) }),
    () => jwtOf({ iat: 1_764_000_000, exp: lies.one([1_764_003_600, 1e300, '1']) }),
    () => jwtOf(lies.plain()),
    () => `a.${lies.text()}.c`,
    () => lies.text(),
  ])();
  tokenFault(token);
  for (const time of Object.values(jwtTimes(token)))
    must(Number.isSafeInteger(Math.round(time)), `a time of ${time}`);
}

const CHAT = { 'chat:*': ['publish', 'subscribe'] };

/** A server whose listener is sometimes behind a parser, as in Express. */
const listening = (async () => {
  const issuer = new Auth({ key: `app.key:${SECRET}`, clock: new VirtualClock(NOW), logLevel: 'none' });
  const listener = nodeListener(
    tokenEndpoint({
      auth: issuer,
      grant: ({ headers }) =>
        headers.get('x-user') === '' ? refuse(401) : { clientId: 'ada', capability: CHAT, ttl: HOUR_MS },
      onError: mustBeClear,
    }),
  );
  const server = createServer((request, response) => {
    const parsed = request.headers['x-parsed'];
    if (parsed === undefined) return listener(request, response);
    request.resume().once('end', () => {
      const { value } = JSON.parse(String(parsed)) as { value: unknown };
      const body = value === 'deep' ? deep() : value === 'bytes' ? Buffer.from('{}') : value;
      listener(Object.assign(request, { body }), response);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  return (server.address() as AddressInfo).port;
})();

function deep(): unknown {
  let made: unknown = [];
  for (let level = 0; level < 20_000; level += 1) made = [made];
  return made;
}

/** Over a socket: an answer with a status, and no wider grant. */
async function sockets(lies: Lies, seed: number): Promise<void> {
  const port = await listening;
  const { method, query, headers, body, isCut } = new HostileRequests(seed * 7_919).next();
  const value = lies.one([lies.plain(), 'text', 'bytes', 'deep', { a: [1], b: { c: [1, 2] }, d: 'e' }, [1]]);
  const isHuge = seed % 150 === 7;
  const isParsed = !isHuge && lies.chance() < 0.4;
  const whole = isHuge ? Buffer.alloc(17 * 1024 * 1024) : (body ?? '');
  await new Promise<void>((resolve, reject) => {
    const sent = send({
      ...{
        port,
        host: '127.0.0.1',
        method: isHuge ? 'POST' : method,
        path: `/t${query}`,
        agent: false,
      },
      headers: {
        ...headers,
        ...(isParsed ? { 'x-parsed': JSON.stringify({ value }).replace(/[^ -~]/g, '?') } : {}),
        ...(lies.chance() < 0.3 ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...(isHuge ? { 'transfer-encoding': 'chunked' } : {}),
        ...(isHuge || lies.chance() < 0.5 || isCut ? {} : { 'content-length': Buffer.byteLength(whole) }),
      },
    });
    sent.once('error', () => resolve());
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.once('close', () => {
        try {
          mustGrant(response.statusCode ?? 0, text);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    if (!isCut || isHuge) return void sent.end(whole);
    sent.write(whole);
    setTimeout(() => sent.destroy(), 2);
  });
}

function mustGrant(status: number, text: string): void {
  must(!text.includes(SECRET), 'the answer holds the secret of the key');
  must(status < 500, `the status is ${status}`);
  if (status !== 200) return;
  const { capability, clientId } = JSON.parse(text) as Record<string, string>;
  must(clientId === 'ada', `the token is for ${clientId}`);
  for (const name of Object.keys(JSON.parse(capability ?? '')))
    must(name.startsWith('chat:'), `it is good for ${name}`);
}

/** Kinds of inputs that are given to the readers themselves. */
export const readings = [
  { name: 'texts', attack: texts },
  { name: 'causes', attack: causes },
  { name: 'answers', attack: answers },
  { name: 'tokens', attack: tokens },
  { name: 'sockets', attack: sockets },
] as const;
