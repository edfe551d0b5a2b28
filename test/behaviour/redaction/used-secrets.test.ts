import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Auth, type ClientOptions, ErrorInfo } from '../../../src/index.js';
import { SecretStore } from '../../../src/redaction/secret-store.js';
import { redactKnown } from '../../../src/redaction/text.js';
import { fakeConnection } from '../../../src/testing/fake-connection.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { json, MockHttp } from '../../uts/mock-http.js';

const everything = { depth: null, showHidden: true, getters: true, maxStringLength: null } as const;

const shown = (value: unknown): string => inspect(value, everything) + JSON.stringify(value);

function client(options: ClientOptions) {
  const lines: string[] = [];
  const auth = new Auth({
    clock: new VirtualClock(),
    logLevel: 'debug',
    logHandler: (line) => lines.push(line),
    ...options,
  });
  onTestFinished(() => auth.dispose());
  return { auth, lines };
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

/** Tokens that do not look like secrets. */
const tokenNumber = (count: number) => `opaque/${count}`;

describe('secrets that a client used before', () => {
  it('a source that repeats one of the last eight tokens: it is redacted, and so are its encodings', async () => {
    let count = 0;
    let fault: Error | undefined;
    const { auth } = client({
      authCallback: async () => {
        if (fault !== undefined) throw fault;
        count += 1;
        return tokenNumber(count);
      },
    });
    for (let turn = 0; turn < 8; turn += 1) await auth.authorize();
    for (let number = 1; number <= 8; number += 1) {
      const token = tokenNumber(number);
      fault = new Error(`no: ${token}, ${encodeURIComponent(token)}, ${btoa(token)}`, {
        cause: new Error(token),
      });
      const error = (await failureOf(auth.requestToken())) as ErrorInfo;
      expect(error.message).toMatch(/^the token source failed: no: \[…\], \[…\], \[…\]=*$/);
      expect(shown(error)).not.toContain(token);
    }
  });

  it('the service repeats the mac and the nonce of an earlier request', async () => {
    const sent: string[] = [];
    const http = new MockHttp(({ body }) => {
      const { mac, nonce } = JSON.parse(String(body)) as { mac: string; nonce: string };
      sent.push(mac, nonce);
      return json(
        { error: { code: 40000, statusCode: 400, message: `before: ${sent.slice(0, 2).join(' and ')}` } },
        400,
      );
    });
    const { auth } = client({ key: 'app.key:hushhush', fetch: http.fetch });
    await failureOf(auth.requestToken());
    const error = await failureOf(auth.requestToken());
    expect(sent).toHaveLength(4);
    for (const secret of sent) expect(shown(error)).not.toContain(secret);
  });

  it('the answer to a request repeats the key, in the form in which Basic sends it', async () => {
    const key = 'app.key:hushhush';
    const http = new MockHttp(() =>
      json({ error: { code: 40000, statusCode: 400, message: `${key} ${btoa(key)} hushhush` } }, 400),
    );
    const { auth } = client({ key, fetch: http.fetch });
    const error = await failureOf(auth.revokeTokens({ type: 'clientId', value: 'ada' }));
    expect(shown(error)).not.toMatch(/hushhush|YXBwLm/);
  });

  it('a connection that refuses a token repeats the one before', async () => {
    let count = 0;
    const connection = fakeConnection({ autoAccept: false });
    const { auth } = client({
      authCallback: async () => {
        count += 1;
        return tokenNumber(count);
      },
      connection,
    });
    const first = auth.authorize();
    await new Promise((resolve) => setImmediate(resolve));
    connection.accept();
    await first;
    const second = failureOf(auth.authorize());
    await new Promise((resolve) => setImmediate(resolve));
    connection.refuse(new ErrorInfo({ code: 50000, message: `not ${tokenNumber(1)} again` }));
    expect(((await second) as ErrorInfo).message).toBe('not […] again');
  });

  it('a push() that rejects with the error of another library shows nothing of its request', async () => {
    const rejected = Object.assign(new Error(`POST with ${tokenNumber(1)}`), {
      config: { headers: { authorization: `Bearer ${tokenNumber(1)}` } },
    });
    const connection = {
      state: 'connected' as const,
      push: () => Promise.reject(rejected),
      attach: () => () => {},
    };
    const { auth } = client({ authCallback: async () => tokenNumber(1), connection });
    const error = (await failureOf(auth.authorize())) as ErrorInfo;
    expect(error.original).toBe(rejected);
    expect(shown(error) + shown(error.cause)).not.toContain('opaque');
  });

  it('a listener that throws the token: the log line does not show it', async () => {
    const { auth, lines } = client({ authCallback: async () => tokenNumber(1) });
    auth.token$.subscribe(({ token }) => {
      throw new Error(`${token} in the page`);
    });
    await auth.authorize();
    expect(lines.join('\n')).toContain('Error: […] in the page');
    expect(lines.join('\n')).not.toContain('opaque');
  });

  it('a function for authHeaders: what it gave before is redacted', async () => {
    let count = 0;
    const http = new MockHttp(() =>
      count > 1
        ? json({ error: { code: 40000, statusCode: 400, message: 'sid-1 is over' } }, 400)
        : new Response('a-token', { headers: { 'content-type': 'text/plain' } }),
    );
    const authHeaders = () => {
      count += 1;
      return { cookie: `sid=sid-${count}` };
    };
    const { auth } = client({ authUrl: 'https://example.com/token', authHeaders, fetch: http.fetch });
    await auth.requestToken();
    expect(((await failureOf(auth.requestToken())) as ErrorInfo).message).toBe('[…] is over');
  });
});

describe('secrets that a connection used', () => {
  it('an error of the server that repeats the token or the resume key: listeners get it without them', async () => {
    const one = await new ConnectionHarness({ logLevel: 'none' }).connected('opaque/token');
    onTestFinished(() => one.connection.dispose());
    const { key } = one.connection;
    const reasons: unknown[] = [];
    one.connection.onStateChange(({ reason }) => reasons.push(reason));
    const message = `opaque/token and opaque%2Ftoken and ${key}`;
    one.server.line.send({ action: 9, error: { code: 80000, statusCode: 400, message } });
    await one.clock.advance(0);
    expect(reasons.length).toBeGreaterThan(0);
    expect(shown(reasons)).toContain('[…] and […] and […]');
    expect(shown(reasons)).not.toContain('opaque');
  });
});

describe('secrets in unusual places', () => {
  it('the name of an ErrorInfo that a source throws is redacted', async () => {
    const secret = 'open sesame now';
    const { auth } = client({
      authParams: { pass: secret },
      authCallback: () =>
        Promise.reject(Object.assign(new ErrorInfo({ code: 40100, message: 'no' }), { name: secret })),
    });
    expect(shown(await failureOf(auth.authorize()))).not.toContain(secret);
  });

  it('the first of many headers of one request is remembered as well', () => {
    const store = new SecretStore({}, () => []);
    const others = Array.from({ length: 100 }, (_one, index) => `cookie-${index}`);
    store.noteSent(() => ['hunter2secret', ...others]);
    expect(redactKnown('wrong: hunter2secret, cookie-99', store.all())).toBe('wrong: […], […]');
  });
});
