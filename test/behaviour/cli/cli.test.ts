import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { Auth } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { refuse, tokenEndpoint } from '../../../src/server/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { waitedFor } from '../../kit/short-waits.js';
import { ADA, KEY, NOW, SECRET } from '../../kit/token-endpoint-harness.js';

/** One command with its environment and its output. */
class Terminal {
  readonly clock: VirtualClock;
  readonly #enough = new AbortController();
  out = '';
  err = '';

  constructor(clock = new VirtualClock(NOW)) {
    this.clock = clock;
  }

  async run(
    args: readonly string[],
    world: { key?: string; stdin?: string; fetch?: typeof fetch } = {},
  ): Promise<number> {
    const { key, stdin = null, fetch = () => Promise.reject(new TypeError('fetch failed')) } = world;
    const running = run(args, '1.2.3', {
      out: (text) => {
        this.out += `${text}\n`;
      },
      err: (text) => {
        this.err += `${text}\n`;
      },
      env: key === undefined ? {} : { LATCHKEY_KEY: key },
      stdin: async () => stdin,
      clock: this.clock,
      fetch,
      signal: this.#enough.signal,
    });
    // The doctor waits a second between two requests for JWTs.
    return await (args[0] === 'doctor' ? waitedFor(running, this.clock) : running);
  }

  stop(): void {
    this.#enough.abort();
  }

  get json(): Record<string, unknown> {
    return JSON.parse(this.out);
  }
}

async function said(
  args: readonly string[],
  { clock, ...world }: Parameters<Terminal['run']>[1] & { clock?: VirtualClock } = {},
) {
  const terminal = new Terminal(clock);
  const code = await terminal.run(args, world);
  return { code, out: terminal.out, err: terminal.err };
}

const sandboxed = () => {
  const clock = new VirtualClock(NOW);
  const sandbox = createSandbox({ clock });
  const [key] = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys;
  return { sandbox, key: key?.keyStr ?? '', name: key?.keyName ?? '', fetch: sandbox.fetch };
};

describe('latchkey token', () => {
  it('the command prints only the token, or all fields with --json', async () => {
    const world = sandboxed();
    const args = ['token', '--client-id', 'ada', '--capability', '{"a":["subscribe"]}', '--ttl', '20m'];
    const { code, out, err } = await said(args, world);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\S+\n$/);
    const all = JSON.parse((await said([...args, '--json'], world)).out);
    expect(all).toMatchObject({ clientId: 'ada', capability: '{"a":["subscribe"]}', keyName: world.name });
    expect(all.expires - all.issued).toBe(1_200_000);
  });

  it('the command reads the key from standard input', async () => {
    const { key, fetch } = sandboxed();
    for (const unset of [{}, { key: '' }, { key: ' ' }]) {
      expect((await said(['token'], { ...unset, stdin: `${key}\n`, fetch })).code).toBe(0);
    }
  });

  it('the command exits with 1 and prints the reason when the service refuses', async () => {
    const { key, fetch } = sandboxed();
    const { code, out, err } = await said(['token'], { key: `${key}x`, fetch });
    expect([code, out]).toEqual([1, '']);
    // The message is the service's. A remediation of the table would be about another cause of this code.
    expect(err).toMatch(/^error: .+ \(40101\)\n {2}https:\/\/help\.ably\.io\/error\/40101\n$/);
    expect(err).not.toContain(key);
  });

  it.each([
    ['no key', [], {}, 'the API key is missing\n  Put it into LATCHKEY_KEY'],
    ['an invalid key', [], { key: 'nonsense' }, '40005'],
    ['an invalid time', ['--ttl', 'soon'], { key: KEY }, '--ttl must be a duration; got "soon"\n  Use 90s'],
    ['invalid rights', ['--capability', '{'], { key: KEY }, '40003'],
    ['an unknown option', ['--client', 'ada'], { key: KEY }, "unknown option '--client'"],
    ['an invalid port', ['--port', '0'], { key: KEY }, '--port must be a port number; got "0"'],
  ])('the command exits with 2 and prints a remedy for %s', async (_title, args, world, message) => {
    const { code, out, err } = await said(['token', ...args], world);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('the command prints errors as JSON with --json', async () => {
    const { err } = await said(['token', '--json'], { key: 'nonsense' });
    expect(JSON.parse(err).error).toMatchObject({ code: 40005, remediation: expect.any(String) });
    expect(JSON.parse((await said(['token', '--json'])).err).error.message).toBe('the API key is missing');
  });
});

describe('latchkey request, jwt and decode', () => {
  const request = () => said(['request', '--client-id', 'ada', '--ttl', '60s', '--json'], { key: KEY });

  it('a signed TokenRequest is decoded without its nonce and mac', async () => {
    const { out, code } = await request();
    expect(code).toBe(0);
    const signed = JSON.parse(out);
    expect(signed).toMatchObject({ keyName: 'appId.keyId', clientId: 'ada', ttl: 60_000, timestamp: NOW });
    const decoded = await said(['decode', '--json'], { key: KEY, stdin: out });
    expect(decoded.code).toBe(0);
    expect(JSON.parse(decoded.out)).toEqual({
      kind: 'TokenRequest',
      keyName: 'appId.keyId',
      clientId: 'ada',
      capability: null,
      ttlMs: 60_000,
      issued: new Date(NOW).toISOString(),
      expires: new Date(NOW + 120_000).toISOString(),
      isAlive: true,
      signature: 'right',
    });
    const text = (await said(['decode', out], { key: KEY })).out;
    for (const secret of [signed.mac, signed.nonce]) expect(text).not.toContain(secret);
    expect(text).toMatch(/^grants +all rights of the key$/m);
  });

  it.each([
    ['right', KEY, 0],
    ['wrong', 'appId.keyId:another-secret', 3],
    ['of another key', 'appId.other:another-secret', 0],
    ['not checked: there is no key', undefined, 0],
  ])('decode reports that a mac is %s', async (signature, key, code) => {
    const { out } = await request();
    const decoded = await said(['decode', '--json', out], key === undefined ? {} : { key });
    expect([decoded.code, JSON.parse(decoded.out).signature]).toEqual([code, signature]);
  });

  it('decode prefers the signed values of a JWT to the values beside it', async () => {
    const args = ['jwt', '--client-id', 'bob', '--capability', '{"chat":["subscribe"]}'];
    const token = (await said(args, { key: KEY })).out.trim();
    const beside = { token, clientId: 'alice', capability: '{"[*]*":["*"]}', expires: 4_000_000_000_000 };
    const decoded = await said(['decode', '--json', JSON.stringify(beside)], { key: KEY });
    expect(decoded.code).toBe(3);
    expect(JSON.parse(decoded.out)).toMatchObject({
      clientId: 'bob',
      capability: { chat: ['subscribe'] },
      signature: 'right',
      contradicted: ['clientId', 'capability', 'expires'],
    });
    const honest = await said(['decode', JSON.stringify({ token, clientId: 'bob' })], { key: KEY });
    expect([honest.code, honest.out]).toEqual([0, expect.not.stringContaining('beside it')]);
  });

  it('an error does not redact a host with a port as a key', async () => {
    expect((await said(['api.example.com:8080'])).err).toContain('api.example.com:8080');
    expect((await said(['app.id:secret-of-some-length'])).err).not.toContain('secret-of-some-length');
  });

  it('a JWT with a revocation key and claims is signed and decoded', async () => {
    const args = [
      'jwt',
      '--capability',
      '{"a":["*"]}',
      '--revocation-key',
      'w',
      '--claim',
      'ably.channel.a=mod',
    ];
    const { out } = await said(args, { key: KEY });
    expect(out).toMatch(/^eyJ\S+\n$/);
    const decoded = JSON.parse((await said(['decode', '--json', out.trim()], { key: KEY })).out);
    expect(decoded).toMatchObject({
      kind: 'JWT',
      clientId: null,
      capability: { a: ['*'] },
      signature: 'right',
      claims: { 'x-ably-revocation-key': 'w', 'ably.channel.a': 'mod' },
      expires: new Date(NOW + 3_600_000).toISOString(),
    });
    expect((await said(['decode', '--json', `${out.trim()}x`], { key: KEY })).code).toBe(3);
    const all = JSON.parse((await said([...args, '--json'], { key: KEY })).out);
    expect(all).toMatchObject({ issued: NOW, expires: NOW + 3_600_000, keyName: 'appId.keyId' });
  });

  it('a channel claim is signed as a string and a limit as a number', async () => {
    const claims = ['ably.channel.chat:*=0042', 'ably.limits.publish.perAttachment.maxRate.chat=10'];
    const { out } = await said(['jwt', '--json', ...claims.flatMap((one) => ['--claim', one])], { key: KEY });
    const decoded = await said(['decode', '--json', JSON.parse(out).token]);
    expect(JSON.parse(decoded.out).claims).toEqual({
      'ably.channel.chat:*': '0042',
      'ably.limits.publish.perAttachment.maxRate.chat': 10,
    });
  });

  it.each([
    ['--ttl', '500ms', 'Use 1s to 24h'],
    ['--capability', '{}', 'Use operations by channel'],
    ['--capability', '{', 'Use operations by channel'],
    ['--capability', '{"a":[]}', 'Use operations by channel'],
    ['--claim', 'role=admin', 'ably.channel.'],
    ['--claim', 'ably.limits.publish.perAttachment.maxRate.chat=many', 'a limit is a number'],
    ['--client-id', '', 'Use a name of one line'],
    ['--revocation-key', 'a\nb', 'Use a name of one line'],
  ])('an option that a JWT cannot contain is refused by name: %s %j', async (option, value, remedy) => {
    const { code, out, err } = await said(['jwt', option, value], { key: KEY });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${option} has a value that a JWT cannot contain\n  `);
    expect(err).toContain(remedy);
  });

  it('decode reads a TokenDetails and a bare token of the service', async () => {
    const { key, fetch } = sandboxed();
    const { out } = await said(['token', '--client-id', 'ada', '--json'], { key, fetch });
    const decoded = await said(['decode', '--json', out]);
    expect(JSON.parse(decoded.out)).toMatchObject({ kind: 'TokenDetails', clientId: 'ada', isAlive: true });
    const bare = await said(['decode', '--json', JSON.parse(out).token]);
    expect(JSON.parse(bare.out)).toEqual({ kind: 'Ably token', signature: 'none to check' });
  });

  it('decode exits with 3 for an expired TokenRequest', async () => {
    const { out } = await request();
    const terminal = new Terminal();
    await terminal.clock.advance(120_001);
    expect(await terminal.run(['decode', out])).toBe(3);
    expect(terminal.out).toContain('in the past');
  });

  it.each([
    ['an empty input', '', 'the text to decode is missing'],
    ['a word', 'hello there', 'must be an Ably token'],
    ['half of JSON', '{"mac":', 'begins like JSON'],
    ['other JSON', '{"a":1}', 'must be an Ably token'],
    ['a key', KEY, 'the text is an API key'],
    ['a key with other digits of Base64', 'app.key:a+b/c=', 'the text is an API key'],
    ['three words', 'a.b.c', 'must be an Ably token'],
  ])('decode refuses %s', async (_title, stdin, message) => {
    const { code, out, err } = await said(['decode'], { stdin });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).not.toContain(SECRET);
  });
});

describe('options that contradict each other', () => {
  it.each([
    [
      ['jwt', '--claim', 'ably.channel.a=1', '--claim', 'ably.channel.a=2'],
      '--claim has the name "ably.channel.a" twice',
    ],
    [['jwt', '--ttl', '25h'], '--ttl must be at most 24h; got "25h"'],
    [['request', '--ttl', '2d'], '--ttl must be at most 24h; got "2d"'],
    [['dev', '--check', '--attach'], '--check and --attach must not be used together'],
    [['dev', '--check', '--port', 'any'], '--port must be a port number; got "any"'],
  ])('the command refuses %j', async (args, message) => {
    const { code, out, err } = await said(args, { key: KEY });
    expect([code, out, err]).toEqual([2, '', expect.stringContaining(`error: ${message}\n`)]);
  });
});

describe('text from outside', () => {
  const EVIL = 'ada\nsignature  right\u001b[2K\u009b1A\u202eX';
  const TAMED = String.raw`ada\u000asignature  right\u001b[2K\u009b1A\u202eX`;
  const UNSEEN = /[^\P{Cc}\n]|\p{Cf}/u;
  const header = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');

  it.each([
    ['the client of a TokenRequest', JSON.stringify({ mac: 'm', keyName: 'k', clientId: EVIL })],
    ['the key of a TokenRequest', JSON.stringify({ mac: 'm', keyName: EVIL })],
    ['the capability of a TokenDetails', JSON.stringify({ token: 'a.b', capability: EVIL })],
    ['the claims of a JWT', `${header({ alg: 'HS256' })}.${header({ claim: EVIL })}.x`],
    ['the kid of a JWT', `${header({ alg: 'HS256', kid: EVIL })}.${header({})}.x`],
  ])('decode prints it on one line with escaped control characters: %s', async (_title, stdin) => {
    const { out, code } = await said(['decode'], { stdin });
    expect(code).toBe(0);
    expect(out).not.toMatch(UNSEEN);
    expect(out).not.toMatch(/^signature {2}right/m);
    const json = await said(['decode', '--json'], { stdin });
    expect(json.out).not.toMatch(UNSEEN);
    expect(json.out).toMatch(/^\S.*\n$/);
    expect(JSON.stringify(JSON.parse(json.out))).toContain(JSON.stringify(EVIL).slice(1, -1));
  });

  it('decode prints a value that is not a string as JSON', async () => {
    const { out } = await said(['decode'], { stdin: '{"mac":"m","keyName":"k","clientId":{"a":1}}' });
    expect(out).toContain('client     {"a":1}');
  });

  it('doctor, watch and errors print it with escaped control characters', async () => {
    const clientId = `${EVIL}${'!'.repeat(3)}`;
    const details = { token: 'appId.a-token', issued: NOW, expires: NOW + 3_600_000, clientId };
    const fetch: typeof globalThis.fetch = async () => Response.json(details);
    const doctor = await said(['doctor', 'https://x.example/t', '--client-id', 'bob'], { fetch });
    expect(doctor.out).not.toMatch(UNSEEN);
    const told = { error: { code: 40300, statusCode: 403, message: EVIL } };
    const forbidden: typeof globalThis.fetch = async () => Response.json(told, { status: 403 });
    const watch = await said(['watch', 'https://x.example/t'], { fetch: forbidden });
    expect(watch.out).toContain(TAMED);
    const token = await said(['token'], { key: KEY, fetch: forbidden });
    expect(token.err).toContain(TAMED);
  });
});

describe('latchkey revoke', () => {
  it('the command revokes tokens and prints from when on', async () => {
    const world = sandboxed();
    const { code, out } = await said(['revoke', 'clientId:ada', 'channel:a'], world);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^clientId:ada {2}revoked, from .+Z on$/),
      expect.stringMatching(/^channel:a {2}revoked, from .+Z on$/),
    ]);
  });

  it('the command exits with 1 if a target was not revoked and with 2 if it is invalid', async () => {
    const world = sandboxed();
    const { code, out } = await said(['revoke', 'shoe:size', '--json'], world);
    expect([code, JSON.parse(out).failureCount]).toEqual([1, 1]);
    expect((await said(['revoke', 'ada'], world)).code).toBe(2);
    expect((await said(['revoke'], world)).code).toBe(2);
  });
});

describe('latchkey doctor and watch', () => {
  it.each([
    ['doctor', [], true],
    ['doctor', ['--no-cache-param'], false],
    ['watch', ['--for', '1ms'], true],
    ['watch', ['--for', '1ms', '--no-cache-param'], false],
  ])('a request has the parameter that prevents caching, or omits it: %s %j', async (command, more, has) => {
    const asked: URL[] = [];
    const terminal = new Terminal();
    const fetch: typeof globalThis.fetch = async (input) => {
      asked.push(new URL(input as string));
      return new Response('no', { status: 403 });
    };
    const done = terminal.run([command, 'https://x.example/t?sig=a%2Fb', ...more], { fetch });
    await terminal.clock.advance(10);
    await done;
    expect(asked.length).toBeGreaterThan(0);
    for (const { search } of asked) expect(search === '?sig=a%2Fb').toBe(!has);
  });
});

describe('latchkey doctor', () => {
  const endpoint = (
    options: object = {},
    serviceTime = (): Response | Promise<Response> => Promise.reject(new TypeError('fetch failed')),
  ) => {
    const clock = new VirtualClock(NOW);
    const answer = tokenEndpoint({ auth: new Auth({ key: KEY, clock }), grant: () => ADA, ...options });
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const { host, hostname, pathname } = new URL(request.url);
      if (hostname === 'x.example') return await answer(request);
      asked.push(`${host}${pathname}`);
      return await serviceTime();
    };
    return { clock, fetch, asked };
  };

  it('the command exits with 0 without problems and prints all checks', async () => {
    const { code, out } = await said(['doctor', 'https://x.example/t', '--client-id', 'ada'], endpoint());
    expect(out).toContain('0 problems, 0 warnings, 1 not checked');
    expect(out).toMatch(/^skip {2}cors +not checked: use --origin/m);
    expect(out).toMatch(
      /^ok {4}clock +the same as the clock of this machine; the service did not tell its time$/m,
    );
    expect(out.match(/^ok /gm)?.length).toBe(16);
    expect(code).toBe(0);
  });

  it.each([
    [[], 'main.realtime.ably.net/time'],
    [['--endpoint', 'eu'], 'eu.realtime.ably.net/time'],
    [['--endpoint', '127.0.0.1', '--port', '8080', '--no-tls'], '127.0.0.1:8080/time'],
  ])('the command with %j compares the clock with that of %s', async (flags, address) => {
    const world = endpoint({}, () => Response.json([NOW + 60_000]));
    const { code, out } = await said(['doctor', 'https://x.example/t', ...flags], world);
    expect([code, world.asked]).toEqual([0, [address]]);
    expect(out).toContain("warn  clock         the server's clock is 59 s behind the clock of the service");
  });

  it('the command prints what the endpoint says when it refuses, without secrets', async () => {
    const refused = "the user of 'cookie: session=hush-4711' is gone; key app.id:shorties\u001b[2K";
    const world = endpoint({ grant: () => refuse(403, refused) });
    const args = ['doctor', 'https://x.example/t', '--header', 'cookie: session=hush-4711'];
    const { code, out } = await said(args, world);
    expect(code).toBe(3);
    expect(out).toMatch(/^ +clients: 40300\/403 the user of .+ is gone; key \[key\]/m);
    for (const secret of ['4711', 'shorties', '\u001b']) expect(out).not.toContain(secret);
    const html = '<!doctype html>\n<h1>Sign in</h1>\n<p>to <b>go on</b></p>';
    const page: typeof fetch = async () =>
      new Response(html, { status: 401, headers: { 'content-type': 'text/html' } });
    const signIn = await said(['doctor', 'https://x.example/t'], { fetch: page });
    expect(signIn.out).toMatch(/FAIL {2}status.*\n +→.*\n +endpoint: Sign in to go on\n +clients: /);
  });

  it('the command exits with 3 and prints a remedy for a problem', async () => {
    const world = endpoint({ grant: () => refuse(403) });
    const { code, out } = await said(['doctor', 'https://x.example/t'], world);
    expect(code).toBe(3);
    expect(out).toMatch(
      /FAIL {2}status +the endpoint answers 403\n +→ After 403 a client stops trying.*\n +clients: 40300\/403/,
    );
    expect(out).toContain(
      'skip  12 checks    not checked: the endpoint answers 403 (content type, nosniff, ',
    );
    const report = JSON.parse((await said(['doctor', '--json', 'https://x.example/t'], world)).out);
    expect(report).toMatchObject({ ok: false, url: 'https://x.example/t' });
  });

  it.each([
    [['nonsense'], 'the authUrl must be a web address'],
    [['file:///etc/passwd'], 'the authUrl must be a web address'],
    [['https://x.example', '--method', 'PUT'], '--method must be GET or POST; got PUT'],
    [['https://x.example', '--header', 'cookie'], '--header must have a name and a value'],
    [['https://x.example', '--origin', 'x'], '--origin must be a web address'],
    [['https://x.example', '--header', 'a: 1', '--header', 'A: 2'], '--header has the name "A" twice'],
    [['https://x.example', '--param', 'a=1', '--param', 'a=2'], '--param has the name "a" twice'],
    [['https://x.example', '--param', 'clientId=ada'], '--param must not be clientId\n  Use --client-id.'],
  ])('the command exits with 2 for %j', async (args, message) => {
    const { code, err } = await said(['doctor', ...args]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('latchkey doctor --origin', () => {
  it.each([
    ['https://app.example.com/page?a=1', 'https://app.example.com'],
    ['capacitor://localhost', 'capacitor://localhost'],
  ])('a request from a page at %s has the origin %s', async (page, origin) => {
    const origins: (string | null)[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      origins.push(new Request(input, init).headers.get('origin'));
      return new Response('no', { status: 401 });
    };
    expect((await said(['doctor', 'https://x.example/t', '--origin', page], { fetch })).code).toBe(3);
    expect(origins).toEqual([origin]);
  });
});

describe('latchkey watch', () => {
  it('the command prints the failure and exits with 1 when the endpoint answers 403', async () => {
    const fetch: typeof globalThis.fetch = async () => new Response('no', { status: 403 });
    const terminal = new Terminal();
    expect(await terminal.run(['watch', 'https://x.example/t', '--json'], { fetch })).toBe(1);
    const events = terminal.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(expect.arrayContaining(['state', 'failed']));
    expect(events.at(-1)).toMatchObject({ event: 'failed', title: 'Failed for good' });
  });

  it('the command exits with 1 and says why when there never was a token', async () => {
    const fetch: typeof globalThis.fetch = async () => new Response('later', { status: 503 });
    const terminal = new Terminal();
    const watching = terminal.run(['watch', 'https://x.example/t', '--for', '60s'], { fetch });
    await settle();
    await terminal.clock.advance(60_000);
    expect(await watching).toBe(1);
    expect(terminal.err).toBe(
      'error: there was no token within 60 s: https://x.example/t answers 503\n  Read the log of the server: clients repeat the request again and again.\n',
    );
    expect(terminal.out).toMatch(/^\d\d:\d\d:\d\d {2}Requesting a token/m);
    expect(terminal.out).toContain('the token source answered 503 (40170)');
  });

  it('the command runs until the user stops it', async () => {
    const terminal = new Terminal();
    const watching = terminal.run(['watch', 'https://x.example/t']);
    await settle();
    terminal.stop();
    expect(await watching).toBe(0);
  });
});

describe('latchkey itself', () => {
  it('the help describes the program and each command', async () => {
    const { code, out } = await said(['--help']);
    expect(code).toBe(0);
    for (const name of ['dev', 'sandbox', 'token', 'request', 'jwt', 'revoke', 'decode', 'doctor', 'watch']) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      expect((await said([name, '--help'])).out).toContain('--json');
    }
    expect(out).toContain('Exit codes: 0 done');
    expect((await said(['--version'])).out).toBe('1.2.3\n');
  });

  it('the program exits with 2 without a command and for an unknown command', async () => {
    expect((await said([])).code).toBe(2);
    const { code, err } = await said(['docter']);
    expect(code).toBe(2);
    expect(err).toContain('Did you mean doctor?');
  });
});

describe('a key among the arguments', () => {
  it.each([[['token', `--key=${KEY}`]], [['token', '--key', KEY]], [[KEY]], [['revoke', '--key', KEY]]])(
    'no output repeats the key: %j',
    async (args) => {
      for (const more of [[], ['--json']]) {
        const { code, out, err } = await said([...args, ...more]);
        expect([code, out]).toEqual([2, '']);
        expect(err).not.toContain(SECRET);
      }
    },
  );

  it('the error says where to put the key instead', async () => {
    expect((await said(['token', `--key=${KEY}`])).err).toMatch(/'--key=\[key\]'\n {2}.*LATCHKEY_KEY/);
  });

  it('an error repeats no argument that looks like a token', async () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjF9.c2lnbmF0dXJl';
    for (const args of [
      ['token', `--tokn=${token}`],
      ['dcode', token],
      ['token', token],
    ]) {
      const { code, err } = await said(args);
      expect([code, err.includes(token)]).toEqual([2, false]);
    }
  });

  it('an error repeats no part of LATCHKEY_KEY', async () => {
    const world = { key: 'app.id:hush+hush' };
    for (const secret of ['hush+hush', btoa('hush+hush'), encodeURIComponent('hush+hush')]) {
      const { code, err } = await said(['jwt', '--claim', secret], world);
      expect([code, err]).toEqual([2, expect.stringContaining('got […]')]);
      expect(err).not.toContain(secret);
    }
  });
});

describe('latchkey dev', () => {
  it('--attach --json prints only both addresses as JSON', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['dev', '--attach', '--port', '0', '--json']);
    while (terminal.out === '') await settle();
    expect(terminal.json).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/\?token=\S+$/),
      attach: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/attach\/\S+$/),
    });
    terminal.stop();
    expect(await running).toBe(0);
  });

  it('--attach serves only the page and prints the line for a program', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['dev', '--attach', '--port', '0']);
    while (!terminal.out.includes('works once')) await settle();
    expect(terminal.out).toMatch(/LATCHKEY_STUDIO=ws:\/\/127\.0\.0\.1:\d+\/attach\/\S+ node/);
    terminal.stop();
    expect(await running).toBe(0);
  });
});

describe('latchkey sandbox', () => {
  it('--json prints what an app needs, and a client is served with it', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['sandbox', '--port', '0', '--json']);
    while (terminal.out === '') await settle();
    const place = terminal.json as { endpoint: string; port: number; tls: boolean; key: string };
    expect(place).toEqual({
      endpoint: '127.0.0.1',
      port: expect.any(Number),
      tls: false,
      key: expect.any(String),
    });
    const auth = new Auth({ ...place, useTokenAuth: true, clock: terminal.clock, logLevel: 'none' });
    expect(await auth.requestToken()).toMatchObject({ keyName: place.key.split(':')[0] });
    auth.dispose();
    terminal.stop();
    expect(await running).toBe(0);
    await expect(fetch(`http://127.0.0.1:${place.port}/time`)).rejects.toThrow();
  });

  it('the command prints endpoint, port and key, and --mau an account of that kind', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['sandbox', '--port', '0', '--mau']);
    while (!terminal.out.includes('Ctrl+C')) await settle();
    const [, endpoint, port, key = ''] =
      /endpoint {2}(\S+)\n.*port {6}(\d+)\n.*tls {7}false\n.*key {7}(\S+)\n/.exec(terminal.out) ?? [];
    const headers = { authorization: `Basic ${btoa(key)}` };
    const response = await fetch(`http://${endpoint}:${port}/channels/a/messages`, { headers });
    expect(response.headers.get('x-ably-errorcode')).toBe('40168');
    await response.body?.cancel();
    terminal.stop();
    expect(await running).toBe(0);
  });

  it.each([
    ['sandbox', '65536', 'Use a whole number from 0 to 65535; 0 means any free port.'],
    ['dev', 'any', 'Use a whole number from 0 to 65535; 0 means any free port.'],
    ['token', '0', 'Use a whole number from 1 to 65535.'],
  ])('a port that the command %s cannot use is refused by name: %s', async (command, port, remedy) => {
    const { code, err } = await said([command, '--port', port], { key: KEY });
    expect([code, err]).toEqual([2, `error: --port must be a port number; got "${port}"\n  ${remedy}\n`]);
  });

  it('a port that is in use is refused by name', async () => {
    const sandbox = createSandbox();
    const { port } = await sandbox.listen();
    const { code, err } = await said(['sandbox', '--port', String(port)]);
    expect([code, err]).toEqual([2, expect.stringContaining(`port ${port} is in use`)]);
    await sandbox.dispose();
  });
});
