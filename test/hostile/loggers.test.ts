import { describe, expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';
import { inspector } from '../../src/inspect.js';
import { Recorder } from '../../src/studio/recorder.js';
import { Subject } from '../../src/studio/subject.js';
import { fakeConnection } from '../../src/testing/fake-connection.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer } from '../kit/connection-server.js';
import { encodings } from '../kit/encodings.js';
import { json, MockHttp, type SeenRequest } from '../uts/mock-http.js';
import { printers } from './printers.js';

/** Short, and with characters that each encoding changes, so that the look alone does not show a secret. */
const secret = (name: string, number = 0) => `s3-${name}/"&<é>+${number}`;

const KEY_SECRET = secret('key');
const HEADER = 's3-header/"&<+>';
const PARAM = secret('param');
const TOKENS = Array.from({ length: 200 }, (_, number) => secret('token', number));

const events = [
  ...(['state', 'authorized', 'renewed', 'expiring', 'expired', 'failed', 'signin.required'] as const),
  ...(['renewal.failed', 'identity.changed', 'connection.open', 'connection.upgrade'] as const),
  ...(['connection.replace', 'connection.fail', 'connection.changed'] as const),
];

interface Session {
  /** Everything that an application can print. */
  readonly seen: Map<string, unknown[]>;
  readonly secrets: readonly string[];
}

/** Everything that a client shows: events, states, explanations, log lines, inspection, the studio, errors. */
class Watch {
  readonly #clock: VirtualClock;
  readonly seen = new Map<string, unknown[]>();
  readonly logHandler = (line: string) => this.add('log', line);
  readonly inspect = (event: unknown) => this.add('inspection', event);
  #recorder: Recorder | undefined;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  add(kind: string, value: unknown): void {
    const all = this.seen.get(kind) ?? [];
    if (!this.seen.has(kind)) this.seen.set(kind, all);
    all.push(value);
  }

  follow(auth: Auth): void {
    for (const name of events) auth.on(name, (payload: unknown) => this.add(`event ${name}`, payload));
    auth.state$.subscribe((state) => this.add('state$', state));
    auth.actor.system.inspect(inspector((event) => this.add('inspection of the actor', event)));
    const recorder = new Recorder(new Subject(auth));
    this.#recorder = recorder;
    recorder.subscribe((message) => this.add('studio', message));
    this.look(auth);
  }

  look(auth: Auth): void {
    this.add('the client', auth);
    this.add('state', auth.state);
    this.add('explanation', auth.explain());
    this.add('snapshot', auth.actor.getPersistedSnapshot());
    this.add('error', auth.error);
  }

  /** Waits for a promise, on the virtual clock. */
  async outcome(promise: Promise<unknown>): Promise<void> {
    let isOver = false;
    promise
      .catch((error: unknown) => {
        this.add('rejection', error);
        if (error instanceof ErrorInfo) this.add('cause', error.cause);
      })
      .finally(() => {
        isOver = true;
      });
    for (let wait = 0; !isOver && wait < 20_000; wait = 2 * wait + 1) await this.#clock.advance(wait);
  }

  end(): void {
    if (this.#recorder !== undefined) this.add('recording', this.#recorder.recording());
  }
}

const common = (watch: Watch, clock: VirtualClock): ClientOptions => ({
  clock,
  random: () => 0,
  logLevel: 'debug',
  logHandler: watch.logHandler,
  inspect: watch.inspect,
  renewal: { spread: 0 },
});

/** What a server can repeat of the secrets that it has seen, in one encoding. */
const repeated = (secrets: readonly string[], encode: (secret: string) => string) =>
  secrets.slice(-6).map(encode).join(' | ');

const echo = (text: string, status = 400) =>
  json(
    {
      error: {
        code: status * 100,
        statusCode: status,
        message: `m ${text}`,
        href: `https://example.com/${text}`,
        requestId: `r ${text}`,
        detail: { given: `d ${text}`, [`n ${text}`]: 'name' },
        cause: { code: 50000, message: `c ${text}` },
        remediation: `a ${text}`,
      },
    },
    status,
  );

/** The whole search takes ten minutes; the fast form is a sample of it. */
const isWhole = process.env.WHOLE === '1';

/** All encodings; in the fast form half of them: the other half is for the other session. */
const everyOther = (first: number) =>
  Object.entries(encodings).filter((_one, index) => isWhole || index % 2 === first);

/** An error of an HTTP library, with the request in it. */
class LibraryError extends Error {
  override readonly name = 'LibraryError';
  readonly config: unknown;

  constructor(text: string) {
    super(`no ${text}`, { cause: Object.assign(new Error(`behind ${text}`), { request: { text } }) });
    this.config = { headers: { authorization: text }, [text]: text };
  }

  toJSON(): unknown {
    return { ...this, message: this.message };
  }
}

/** A client with a key, on a service that repeats what it is sent, and with a connection that does. */
async function sessionWithKey(): Promise<Session> {
  const clock = new VirtualClock();
  const watch = new Watch(clock);
  const secrets = [KEY_SECRET, `app.key:${KEY_SECRET}`];
  let answer: ((request: SeenRequest) => Response) | undefined;
  let count = 0;
  const http = new MockHttp((request) => {
    const { mac, nonce } = request.body.startsWith('{')
      ? JSON.parse(request.body)
      : ({} as Record<string, string>);
    if (typeof mac === 'string') secrets.push(mac, String(nonce));
    if (answer !== undefined) return answer(request);
    const token = TOKENS[count] ?? '';
    count += 1;
    secrets.push(token);
    return json({ token, issued: clock.now(), expires: clock.now() + 60_000, keyName: 'app.key' });
  });
  const connection = fakeConnection({ autoAccept: true });
  const auth = new Auth({
    ...common(watch, clock),
    key: `app.key:${KEY_SECRET}`,
    fetch: http.fetch,
    connection,
  });
  watch.follow(auth);
  await watch.outcome(auth.authorize());
  for (const [name, encode] of everyOther(0)) {
    const text = () => repeated(secrets, encode);
    const stop = auth.on('state', () => {
      throw new Error(`a listener: ${text()}`);
    });
    answer = () => echo(text(), 400);
    await watch.outcome(auth.requestToken());
    answer = () => echo(text(), 401);
    await watch.outcome(auth.fetch('/channels'));
    answer = () => {
      throw new LibraryError(text());
    };
    await watch.outcome(auth.requestToken());
    // A renewal that fails, and one that works.
    await clock.advance(50_000);
    watch.look(auth);
    answer = undefined;
    await watch.outcome(auth.authorize());
    await clock.advance(45_000);
    stop();
    connection.setState('disconnected', new ErrorInfo({ code: 80003, message: `lost ${text()}` }));
    connection.setState('connected');
    connection.report({
      type: 'token.refused',
      error: new ErrorInfo({ code: 40142, message: `${name} ${text()}` }),
    });
    await clock.advance(10_000);
    watch.look(auth);
  }
  auth.forget();
  await watch.outcome(auth.getToken());
  watch.look(auth);
  watch.end();
  auth.dispose();
  return { seen: watch.seen, secrets };
}

/** A client with an endpoint that repeats what it is sent, and with a connection whose server does. */
async function sessionWithEndpoint(): Promise<Session> {
  const [clock, server] = [new VirtualClock(), new ScriptedServer()];
  const watch = new Watch(clock);
  const secrets = [HEADER, PARAM];
  let answer: (() => Response) | undefined;
  let count = 0;
  const http = new MockHttp(() => {
    if (answer !== undefined) return answer();
    const token = TOKENS[count] ?? '';
    count += 1;
    secrets.push(token);
    return json({ token, issued: clock.now(), expires: clock.now() + 60_000, clientId: 'ada' });
  });
  const connection = new RealtimeConnection({
    ...{ clock, random: () => 0, WebSocket: server.WebSocket, fallbackHosts: [] },
    ...{ logLevel: 'debug', logHandler: watch.logHandler, inspect: watch.inspect },
  });
  connection.onStateChange((change) => watch.add('state of the connection', change));
  const auth = new Auth({
    ...common(watch, clock),
    authUrl: 'https://example.com/token',
    authHeaders: { authorization: HEADER },
    authParams: { secret: PARAM },
    fetch: http.fetch,
    connection,
  });
  watch.follow(auth);
  const authorized = async () => {
    const outcome = watch.outcome(auth.authorize());
    await clock.advance(1_000);
    await outcome;
  };
  await authorized();
  for (const [, encode] of everyOther(1)) {
    const text = () => repeated(secrets, encode);
    for (const status of [400, 403]) {
      answer = () => echo(text(), status);
      await watch.outcome(auth.requestToken());
    }
    answer = () => {
      throw new LibraryError(text());
    };
    await watch.outcome(auth.requestToken());
    answer = undefined;
    const tokens = () => repeated(secrets.slice(2), encode);
    server.line.send({ action: 6, error: { code: 80003, statusCode: 400, message: `lost ${tokens()}` } });
    await clock.advance(20_000);
    server.line.send({ action: 9, error: { code: 80000, statusCode: 400, message: `over ${tokens()}` } });
    await clock.advance(1);
    watch.look(auth);
    watch.add('the connection', connection);
    watch.add('errorReason', connection.errorReason);
    await authorized();
  }
  auth.forget();
  watch.look(auth);
  watch.end();
  auth.dispose();
  connection.dispose();
  return { seen: watch.seen, secrets };
}

interface Sought {
  readonly text: string;
  readonly what: string;
  readonly isHex: boolean;
}

/**
 * What secrets look like in each encoding. The first nine characters of a token stand for all of them: in
 * Base64, too, they are the beginning. Of macs and nonces, the first and the last are searched.
 */
const soughtFor = (secrets: readonly string[]): readonly Sought[] =>
  [...new Set(secrets.map((one) => (one.startsWith('s3-') ? one.slice(0, 9) : one)))]
    .filter((one, index, { length }) => one.startsWith('s3-') || index < 12 || index > length - 12)
    .flatMap((one) =>
      Object.entries(encodings).map(([name, encode]) => {
        const isHex = name.includes('hex');
        const text = encode(one).replace(/=+$/, '');
        return { text: isHex ? text.toLowerCase() : text, what: `${one} (${name})`, isHex };
      }),
    );

/** The places where a text contains a secret. */
function leaksIn(text: string, sought: readonly Sought[]): string[] {
  const lower = text.toLowerCase();
  return sought.flatMap(({ text: one, what, isHex }) => {
    const at = (isHex ? lower : text).indexOf(one);
    return at < 0 ? [] : [`${what}: ${text.slice(Math.max(0, at - 60), at + 60)}`];
  });
}

const sessions: readonly (readonly [string, () => Promise<Session>])[] = [
  ['a client with a key', sessionWithKey],
  ['a client with an endpoint', sessionWithEndpoint],
];

describe.each(sessions)('a whole session of %s', (_title, play) => {
  it('no logger prints a secret, in any encoding', async () => {
    const trace = console.trace;
    onTestFinished(() => {
      console.trace = trace;
    });
    const { seen, secrets } = await play();
    const kinds = [...seen.keys()];
    expect(kinds.length).toBeGreaterThan(15);
    expect(secrets.length).toBeGreaterThan(10);
    const found: string[] = [];
    const sought = soughtFor(secrets);
    for (const [kind, added] of seen) {
      // The client itself was added at each look: it is printed as it is now, with all that it has kept.
      const values = [...new Set(added)];
      // Many are alike: in the fast form a logger gets some of them, JSON more.
      const step = Math.max(1, Math.floor(values.length / MOST_PRINTED));
      const some = values.filter((_value, index) => index % step === 0);
      for (const [printer, print] of Object.entries(printers))
        for (const value of printer === 'JSON' ? values.slice(-MOST_JSON) : some) {
          found.push(...leaksIn(print(value), sought).map((leak) => `${kind}, ${printer}: ${leak}`));
          // Loggers keep what they wrote until the next turn.
          await new Promise((resolve) => setImmediate(resolve));
        }
    }
    expect(found.slice(0, 20)).toEqual([]);
  });
});

/** How many values of one kind are searched as JSON. */
const MOST_JSON = isWhole ? Number.POSITIVE_INFINITY : 100;

/** How many values of one kind each logger prints. */
const MOST_PRINTED = isWhole ? Number.POSITIVE_INFINITY : 2;

describe('the search', () => {
  it.each(Object.keys(printers))('it finds a secret that %s prints', (printer) => {
    const value = { no: HEADER, message: encodeURIComponent(PARAM), stack: `${HEADER} ${btoa(HEADER)}` };
    const text = printers[printer]?.(value) ?? '';
    expect(leaksIn(text, soughtFor([HEADER, PARAM])).length).toBeGreaterThanOrEqual(1);
  });
});
