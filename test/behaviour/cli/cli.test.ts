import { describe, expect, it } from 'vitest';
import { run } from '../../../src/cli/program.js';
import { Auth } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { refuse, tokenEndpoint } from '../../../src/server/index.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';
import { ADA, KEY, NOW, SECRET } from '../../kit/token-endpoint-harness.js';

/** One command, its world and what it said. */
class Terminal {
  readonly clock = new VirtualClock(NOW);
  readonly #enough = new AbortController();
  out = '';
  err = '';

  async run(
    args: readonly string[],
    world: { key?: string; stdin?: string; fetch?: typeof fetch } = {},
  ): Promise<number> {
    const { key, stdin = null, fetch = () => Promise.reject(new TypeError('fetch failed')) } = world;
    return await run(args, '1.2.3', {
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
  }

  stop(): void {
    this.#enough.abort();
  }

  get json(): Record<string, unknown> {
    return JSON.parse(this.out);
  }
}

async function said(args: readonly string[], world?: Parameters<Terminal['run']>[1]) {
  const terminal = new Terminal();
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
  it('prints a token and nothing else, or all about it', async () => {
    const world = sandboxed();
    const args = ['token', '--client-id', 'ada', '--capability', '{"a":["subscribe"]}', '--ttl', '20m'];
    const { code, out, err } = await said(args, world);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\S+\n$/);
    const all = JSON.parse((await said([...args, '--json'], world)).out);
    expect(all).toMatchObject({ clientId: 'ada', capability: '{"a":["subscribe"]}', keyName: world.name });
    expect(all.expires - all.issued).toBe(1_200_000);
  });

  it('reads the key from standard input', async () => {
    const { key, fetch } = sandboxed();
    for (const unset of [{}, { key: '' }, { key: ' ' }]) {
      expect((await said(['token'], { ...unset, stdin: `${key}\n`, fetch })).code).toBe(0);
    }
  });

  it('ends with 1 and the reason when the service refuses', async () => {
    const { key, fetch } = sandboxed();
    const { code, out, err } = await said(['token'], { key: `${key}x`, fetch });
    expect([code, out]).toEqual([1, '']);
    // The words are the service's, and advice of ours on this code is about something else.
    expect(err).toMatch(/^error: .+ \(40101\)\n {2}https:\/\/help\.ably\.io\/error\/40101\n$/);
    expect(err).not.toContain(key);
  });

  it.each([
    ['no key', [], {}, 'there is no API key\n  Put it into LATCHKEY_KEY'],
    ['a key that is none', [], { key: 'nonsense' }, '40005'],
    [
      'a time that is none',
      ['--ttl', 'soon'],
      { key: KEY },
      '--ttl is not a duration: "soon"\n  Give it as 90s',
    ],
    ['rights that are none', ['--capability', '{'], { key: KEY }, '40003'],
    ['an unknown option', ['--client', 'ada'], { key: KEY }, "unknown option '--client'"],
    ['a port that is none', ['--port', '0'], { key: KEY }, 'there is no port "0"'],
  ])('ends with 2 and a remedy for %s', async (_title, args, world, message) => {
    const { code, out, err } = await said(['token', ...args], world);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('tells errors as JSON with --json', async () => {
    const { err } = await said(['token', '--json'], { key: 'nonsense' });
    expect(JSON.parse(err).error).toMatchObject({ code: 40005, remediation: expect.any(String) });
    expect(JSON.parse((await said(['token', '--json'])).err).error.message).toBe('there is no API key');
  });
});

describe('latchkey request, jwt and decode', () => {
  const request = () => said(['request', '--client-id', 'ada', '--ttl', '60s', '--json'], { key: KEY });

  it('sign a TokenRequest that decodes, without telling nonce or mac', async () => {
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
      dies: new Date(NOW + 120_000).toISOString(),
      isAlive: true,
      signature: 'right',
    });
    const text = (await said(['decode', out], { key: KEY })).out;
    for (const secret of [signed.mac, signed.nonce]) expect(text).not.toContain(secret);
    expect(text).toMatch(/^grants +all the key may$/m);
  });

  it.each([
    ['right', KEY, 0],
    ['wrong', 'appId.keyId:another-secret', 3],
    ['of another key', 'appId.other:another-secret', 0],
    ['not checked: there is no key', undefined, 0],
  ])('say that a mac is %s', async (signature, key, code) => {
    const { out } = await request();
    const decoded = await said(['decode', '--json', out], key === undefined ? {} : { key });
    expect([decoded.code, JSON.parse(decoded.out).signature]).toEqual([code, signature]);
  });

  it('go by what is signed in a JWT, whatever stands beside it', async () => {
    const args = ['jwt', '--client-id', 'bob', '--capability', '{"chat":["subscribe"]}'];
    const token = (await said(args, { key: KEY })).out.trim();
    const beside = { token, clientId: 'alice', capability: '{"[*]*":["*"]}', expires: 4_000_000_000_000 };
    const decoded = await said(['decode', '--json', JSON.stringify(beside)], { key: KEY });
    expect(decoded.code).toBe(3);
    expect(JSON.parse(decoded.out)).toMatchObject({
      clientId: 'bob',
      capability: { chat: ['subscribe'] },
      signature: 'right',
      contradicted: ['clientId', 'capability', 'dies'],
    });
    const honest = await said(['decode', JSON.stringify({ token, clientId: 'bob' })], { key: KEY });
    expect([honest.code, honest.out]).toEqual([0, expect.not.stringContaining('beside it')]);
  });

  it('take a host with a port for no key', async () => {
    expect((await said(['api.example.com:8080'])).err).toContain('api.example.com:8080');
    expect((await said(['app.id:secret-of-some-length'])).err).not.toContain('secret-of-some-length');
  });

  it('sign a JWT with revocation key and claims, which decodes', async () => {
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
      dies: new Date(NOW + 3_600_000).toISOString(),
    });
    expect((await said(['decode', '--json', `${out.trim()}x`], { key: KEY })).code).toBe(3);
    const all = JSON.parse((await said([...args, '--json'], { key: KEY })).out);
    expect(all).toMatchObject({ issued: NOW, expires: NOW + 3_600_000, keyName: 'appId.keyId' });
  });

  it('sign a claim of a channel as the text it is, and a limit as a number', async () => {
    const claims = ['ably.channel.chat:*=0042', 'ably.limits.publish.perAttachment.maxRate.chat=10'];
    const { out } = await said(['jwt', '--json', ...claims.flatMap((one) => ['--claim', one])], { key: KEY });
    const decoded = await said(['decode', '--json', JSON.parse(out).token]);
    expect(JSON.parse(decoded.out).claims).toEqual({
      'ably.channel.chat:*': '0042',
      'ably.limits.publish.perAttachment.maxRate.chat': 10,
    });
  });

  it.each([
    ['--ttl', '500ms', 'Give a second or more'],
    ['--capability', '{}', 'Give operations by channel'],
    ['--capability', '{', 'Give operations by channel'],
    ['--capability', '{"a":[]}', 'Give operations by channel'],
    ['--claim', 'role=admin', 'ably.channel.'],
    ['--client-id', '', 'Give a name of one line'],
    ['--revocation-key', 'a\nb', 'Give a name of one line'],
  ])('name the option that no JWT can hold: %s %j', async (option, value, remedy) => {
    const { code, out, err } = await said(['jwt', option, value], { key: KEY });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`error: ${option} is nothing that a JWT can hold\n  `);
    expect(err).toContain(remedy);
  });

  it('read a TokenDetails and a bare token of the service', async () => {
    const { key, fetch } = sandboxed();
    const { out } = await said(['token', '--client-id', 'ada', '--json'], { key, fetch });
    const decoded = await said(['decode', '--json', out]);
    expect(JSON.parse(decoded.out)).toMatchObject({ kind: 'TokenDetails', clientId: 'ada', isAlive: true });
    const bare = await said(['decode', '--json', JSON.parse(out).token]);
    expect(JSON.parse(bare.out)).toEqual({ kind: 'Ably token', signature: 'none to check' });
  });

  it('end with 3 for what is dead', async () => {
    const { out } = await request();
    const terminal = new Terminal();
    await terminal.clock.advance(120_001);
    expect(await terminal.run(['decode', out])).toBe(3);
    expect(terminal.out).toContain('which is over');
  });

  it.each([
    ['nothing', '', 'nothing to decode'],
    ['a word', 'hello there', 'not an Ably token'],
    ['half of JSON', '{"mac":', 'begins like JSON'],
    ['other JSON', '{"a":1}', 'not an Ably token'],
    ['a key', KEY, 'this is an API key'],
    ['three words', 'a.b.c', 'not an Ably token'],
  ])('refuse %s', async (_title, stdin, message) => {
    const { code, out, err } = await said(['decode'], { stdin });
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err).not.toContain(SECRET);
  });
});

describe('what somebody else wrote', () => {
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
  ])('is shown by decode on one line, and does nothing there: %s', async (_title, stdin) => {
    const { out, code } = await said(['decode'], { stdin });
    expect(code).toBe(0);
    expect(out).not.toMatch(UNSEEN);
    expect(out).not.toMatch(/^signature {2}right/m);
    const json = await said(['decode', '--json'], { stdin });
    expect(json.out).not.toMatch(UNSEEN);
    expect(json.out).toMatch(/^\S.*\n$/);
    expect(JSON.stringify(JSON.parse(json.out))).toContain(JSON.stringify(EVIL).slice(1, -1));
  });

  it('is shown as JSON where it is no text', async () => {
    const { out } = await said(['decode'], { stdin: '{"mac":"m","keyName":"k","clientId":{"a":1}}' });
    expect(out).toContain('client     {"a":1}');
  });

  it('is told as it is spelled by the doctor, by watch and in errors', async () => {
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
  it('revokes, and says from when on', async () => {
    const world = sandboxed();
    const { code, out } = await said(['revoke', 'clientId:ada', 'channel:a'], world);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^clientId:ada {2}revoked, from .+Z on$/),
      expect.stringMatching(/^channel:a {2}revoked, from .+Z on$/),
    ]);
  });

  it('ends with 1 when a target was not revoked, and with 2 when it is none', async () => {
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
  ])('ask with a parameter that keeps caches away, or without: %s %j', async (command, more, has) => {
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
  const endpoint = (options: object = {}): typeof fetch => {
    const auth = new Auth({ key: KEY, clock: new VirtualClock(NOW) });
    const answer = tokenEndpoint({ auth, grant: () => ADA, ...options });
    return (input, init) => answer(new Request(input, init));
  };

  it('ends with 0 when nothing is wrong, and names all it looked at', async () => {
    const { code, out } = await said(['doctor', 'https://x.example/t', '--client-id', 'ada'], {
      fetch: endpoint(),
    });
    expect(out).toContain('0 problems, 0 warnings');
    expect(out.match(/^ok /gm)?.length).toBe(14);
    expect(code).toBe(0);
  });

  it('ends with 3 and says what to do when something is', async () => {
    const fetch = endpoint({ grant: () => refuse(403) });
    const { code, out } = await said(['doctor', 'https://x.example/t'], { fetch });
    expect(code).toBe(3);
    expect(out).toMatch(
      /FAIL {2}status +it answers 403\n +→ To a client this is final.*\n +clients: 40300\/403/,
    );
    const report = JSON.parse((await said(['doctor', '--json', 'https://x.example/t'], { fetch })).out);
    expect(report).toMatchObject({ ok: false, url: 'https://x.example/t' });
  });

  it.each([
    [['nonsense'], 'the authUrl is not a web address'],
    [['file:///etc/passwd'], 'the authUrl is not a web address'],
    [['https://x.example', '--method', 'PUT'], 'no client asks with PUT'],
    [['https://x.example', '--header', 'cookie'], '--header has no name and value'],
    [['https://x.example', '--origin', 'x'], '--origin is not a web address'],
  ])('ends with 2 for %j', async (args, message) => {
    const { code, err } = await said(['doctor', ...args]);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('latchkey watch', () => {
  it('gives up with 1 when the endpoint forbids, having said so', async () => {
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

  it('goes on until its time is up', async () => {
    const fetch: typeof globalThis.fetch = async () => new Response('later', { status: 503 });
    const terminal = new Terminal();
    const watching = terminal.run(['watch', 'https://x.example/t', '--for', '60s'], { fetch });
    await settle();
    await terminal.clock.advance(60_000);
    expect(await watching).toBe(0);
    expect(terminal.out).toMatch(/^\d\d:\d\d:\d\d {2}Requesting a token/m);
    expect(terminal.out).toContain('the token source answered 503 (40170)');
  });

  it('goes on until somebody has had enough', async () => {
    const terminal = new Terminal();
    const watching = terminal.run(['watch', 'https://x.example/t']);
    await settle();
    terminal.stop();
    expect(await watching).toBe(0);
  });
});

describe('latchkey itself', () => {
  it('explains itself, and each command', async () => {
    const { code, out } = await said(['--help']);
    expect(code).toBe(0);
    for (const name of ['dev', 'token', 'request', 'jwt', 'revoke', 'decode', 'doctor', 'watch']) {
      expect(out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      expect((await said([name, '--help'])).out).toContain('--json');
    }
    expect(out).toContain('Exit codes: 0 done');
    expect((await said(['--version'])).out).toBe('1.2.3\n');
  });

  it('ends with 2 without a command, and for one there is not', async () => {
    expect((await said([])).code).toBe(2);
    const { code, err } = await said(['docter']);
    expect(code).toBe(2);
    expect(err).toContain('Did you mean doctor?');
  });
});

describe('a key among the arguments', () => {
  it.each([[['token', `--key=${KEY}`]], [['token', '--key', KEY]], [[KEY]], [['revoke', '--key', KEY]]])(
    'is not repeated: %j',
    async (args) => {
      for (const more of [[], ['--json']]) {
        const { code, out, err } = await said([...args, ...more]);
        expect([code, out]).toEqual([2, '']);
        expect(err).not.toContain(SECRET);
      }
    },
  );

  it('is told where else it can be given', async () => {
    expect((await said(['token', `--key=${KEY}`])).err).toMatch(/'--key=\[key\]'\n {2}.*LATCHKEY_KEY/);
  });
});

describe('latchkey dev', () => {
  it('prints both addresses of --attach as JSON, and nothing else', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['dev', '--attach', '--port', '0', '--json']);
    while (terminal.out === '') await settle();
    expect(terminal.json).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=\S+$/),
      attach: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+\/attach\/\S+$/),
    });
    terminal.stop();
    expect(await running).toBe(0);
  });

  it('serves the page alone with --attach, and says what to write into a program', async () => {
    const terminal = new Terminal();
    const running = terminal.run(['dev', '--attach', '--port', '0']);
    while (!terminal.out.includes('works once')) await settle();
    expect(terminal.out).toMatch(/attachStudio\(auth, 'ws:\/\/127\.0\.0\.1:\d+\/attach\/\S+'\);/);
    terminal.stop();
    expect(await running).toBe(0);
  });
});
