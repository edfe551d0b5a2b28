import { once } from 'node:events';
import { connect } from 'node:net';
import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSandbox, refusals } from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { CONNECTED, ERROR, MINUTE, SandboxHarness, SECOND } from '../kit/sandbox-harness.js';

const known = new Map<string, Set<number>>(
  Object.values(refusals).map(([code]) => [
    String(code),
    new Set(Object.values(refusals).flatMap(([other, status]) => (other === code ? [status] : []))),
  ]),
);

/** Checks an answer to any request: a success, or an error of the table, in body and headers. */
async function expectAnswer(response: Response): Promise<void> {
  const { status, headers } = response;
  if (status < 300) return;
  expect(headers.get('content-type')).toBe('application/json');
  const { error } = (await response.json()) as {
    error: { code: number; statusCode: number; message: string };
  };
  expect(error).toEqual({
    code: expect.any(Number),
    statusCode: status,
    message: expect.any(String),
    href: expect.any(String),
  });
  expect([...(known.get(String(error.code)) ?? [])]).toContain(status);
  expect(headers.get('x-ably-errorcode')).toBe(String(error.code));
}

const json = 'application/json';
const msgpack = 'application/x-msgpack';
const form = 'application/x-www-form-urlencoded';

class Fuzzed extends SandboxHarness {
  get routes(): readonly string[] {
    const { keyName } = this.key;
    return [
      `/keys/${keyName}/requestToken`,
      `/keys/${keyName}/revokeTokens`,
      '/apps',
      '/channels/chat/messages',
    ];
  }

  send(path: string, body: Uint8Array | string, type: string, headers: Record<string, string> = this.basic) {
    const init = {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': type, ...headers },
    };
    return this.sandbox.fetch(`https://any.example${path}`, init);
  }

  /** Whether the service still works. */
  async expectAlive(): Promise<void> {
    const client = await this.connect({ accessToken: await this.token({ clientId: 'witness' }) });
    expect(client.actions).toEqual([CONNECTED]);
    await client.close();
  }
}

/** Any value of a field except a valid one. */
const junk = fc.oneof(
  { withCrossShrink: true },
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(Number),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', '*', '__proto__', '\u0000', '-0', '1e999', '9'.repeat(400), ':'.repeat(500), '['),
);

const runs = { numRuns: 1_000, seed: 7 };

describe('the sandbox under random REST requests', () => {
  it('random bytes in each format get an error of the table', async () => {
    const harness = new Fuzzed({ revocableTokens: true });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...harness.routes),
        fc.constantFrom(json, msgpack, form, 'text/plain', ''),
        fc.uint8Array({ maxLength: 200 }),
        async (path, type, bytes) => expectAnswer(await harness.send(path, bytes, type)),
      ),
      runs,
    );
    await harness.expectAlive();
  });

  it('a MessagePack body that is cut anywhere gets 40001', async () => {
    const harness = new Fuzzed();
    const whole = encode(harness.signed({ ttl: MINUTE, capability: '{"a":["*"]}', clientId: 'Ἀδα' }));
    for (let length = 1; length < whole.length; length += 1) {
      const response = await harness.send(harness.routes[0] ?? '', whole.slice(0, length), msgpack, {});
      expect([length, response.status, response.headers.get('x-ably-errorcode')]).toEqual([
        length,
        400,
        '40001',
      ]);
    }
    expect((await harness.send(harness.routes[0] ?? '', whole, msgpack, {})).status).toBe(201);
  });

  it.each([
    ['JSON lists', json, '['.repeat(500_000)],
    ['closed JSON lists', json, '['.repeat(400_000) + ']'.repeat(400_000)],
    ['JSON objects', json, `${'{"capability":'.repeat(30_000)}1${'}'.repeat(30_000)}`],
    ['MessagePack lists', msgpack, new Uint8Array(1_000_000).fill(0x91)],
    ['MessagePack lists of a claimed length', msgpack, new Uint8Array(1_000_000).fill(0xdd)],
    ['a MessagePack list of four billion', msgpack, new Uint8Array([0xdd, 255, 255, 255, 255])],
    ['a MessagePack text of four billion', msgpack, new Uint8Array([0xdb, 255, 255, 255, 255])],
  ])('a deep or endless body gets 40001: %s', async (_title, type, body) => {
    const harness = new Fuzzed();
    for (const path of harness.routes) {
      const response = await harness.send(path, body, type);
      expect([path, response.status]).toEqual([path, 400]);
      await expectAnswer(response);
    }
  });

  it.each([json, msgpack])('wrong types in every field get an error, in %s', async (type) => {
    const harness = new Fuzzed({ revocableTokens: true });
    const fields = {
      requestToken: ['keyName', 'ttl', 'capability', 'clientId', 'timestamp', 'nonce', 'mac'],
      revokeTokens: ['targets', 'issuedBefore', 'allowReauthMargin'],
      apps: ['keys', 'channels', 'namespaces', 'limits'],
      messages: ['id', 'name', 'clientId', 'data', 'encoding', 'extras', 'action'],
    };
    const good = () => ({
      requestToken: harness.signed(),
      revokeTokens: { targets: ['clientId:ada'] },
      apps: {
        keys: [{ capability: { a: ['*'] } }],
        channels: [{ name: 'a', presence: [{ clientId: 'ada' }] }],
      },
      messages: { name: 'greeting', data: 'hello' },
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...harness.routes), fc.nat(6), junk, async (path, index, value) => {
        const what = (path.split('/').at(-1) ?? '') as keyof typeof fields;
        const name = fields[what][index % fields[what].length] ?? '';
        const body = { ...good()[what], [name]: value };
        await expectAnswer(
          await harness.send(path, type === json ? JSON.stringify(body) : encode(body), type),
        );
      }),
      runs,
    );
    await harness.expectAlive();
  });

  it('wrong types inside capabilities, keys and members get an error', async () => {
    const harness = new Fuzzed();
    await fc.assert(
      fc.asyncProperty(junk, junk, async (one, two) => {
        const bodies: readonly [path: string, body: object][] = [
          [harness.routes[0] ?? '', harness.unsigned({ capability: { [String(one)]: two } })],
          [harness.routes[0] ?? '', harness.unsigned({ capability: JSON.stringify({ a: [one, two] }) })],
          ['/apps', { keys: [{ capability: one, revocableTokens: two }] }],
          ['/apps', { channels: [{ name: one, presence: two }] }],
          ['/apps', { channels: [{ name: 'a', presence: [{ clientId: one, data: two }] }] }],
          ['/channels/a/messages', [{ name: one }, { data: two }]],
        ];
        for (const [path, body] of bodies)
          await expectAnswer(await harness.send(path, JSON.stringify(body), json));
      }),
      { ...runs, numRuns: 300 },
    );
    await harness.expectAlive();
  });

  it('any headers, paths and queries get an answer', async () => {
    const harness = new Fuzzed();
    const text = fc.string({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('authorization', 'x-ably-clientid', 'x-ably-version', 'accept', 'content-type'),
        text,
        text,
        fc.constantFrom('limit', 'direction', 'start', 'from', 'format', 'key', 'accessToken'),
        async (header, value, path, parameter) => {
          const query = new URLSearchParams({ [parameter]: value });
          const headers = new Headers(harness.basic);
          // A value that a header cannot contain never reaches a service.
          if (/^[\x21-\x7e]+$/.test(value)) headers.set(header, value);
          const address = `https://any.example/channels/${encodeURIComponent(path)}/messages?${query}`;
          const response = await harness.sandbox.fetch(address, { headers });
          if (response.headers.get('content-type') === json) await expectAnswer(response);
          else expect(response.headers.get('content-type')).toBe(msgpack);
        },
      ),
      runs,
    );
    await harness.expectAlive();
  });

  it('tokens with any parts get an answer', async () => {
    const harness = new Fuzzed();
    await fc.assert(
      fc.asyncProperty(
        junk,
        junk,
        fc.constantFrom('kid', 'alg', 'iat', 'exp', 'x-ably-clientId', 'x-ably-capability', 'x-ably-token'),
        async (one, two, name) => {
          const tokens = [
            harness.jwt({ [name]: one }, {}),
            harness.jwt({}, { [name]: two }),
            `${harness.jwt({ [name]: one })}.${harness.jwt({}, { [name]: two })}`,
            Buffer.from(String(one)).toString('base64'),
          ];
          for (const token of tokens) {
            const headers = { authorization: `Bearer ${token}` };
            await expectAnswer(
              await harness.sandbox.fetch('https://any.example/channels/a/messages', { headers }),
            );
          }
        },
      ),
      { ...runs, numRuns: 500 },
    );
    await harness.expectAlive();
  });
});

describe('the sandbox under random frames of a connection', () => {
  it.each(['json', 'msgpack'])(
    'a frame gets an answer or fails only its own connection, in %s',
    async (format) => {
      const harness = new Fuzzed();
      const key = harness.key.keyStr;
      const witness = await harness.connect({ key, heartbeats: 'false' });
      await witness.send({ action: 10, channel: 'witness' });
      const before = witness.frames.length;
      const frame = fc.oneof(
        fc.record({ action: fc.oneof(fc.integer({ min: -1, max: 25 }), junk) }),
        fc.dictionary(
          fc.constantFrom(
            'action',
            'id',
            'channel',
            'flags',
            'msgSerial',
            'messages',
            'presence',
            'auth',
            'params',
          ),
          junk,
        ),
        fc.record({
          action: fc.constantFrom(14, 15),
          channel: fc.constantFrom('chat', 'a', ''),
          msgSerial: fc.nat(),
          messages: fc.array(
            fc.dictionary(fc.constantFrom('name', 'data', 'clientId', 'encoding', 'extras'), junk),
          ),
          presence: fc.array(fc.dictionary(fc.constantFrom('action', 'data', 'clientId'), junk)),
        }),
        junk,
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(frame, { maxLength: 5 }),
          fc.uint8Array({ maxLength: 60 }),
          async (frames, bytes) => {
            const client = await harness.connect({ key, format, heartbeats: 'false' });
            await client.send(writtenAs(format, { action: 10, channel: 'chat' }));
            for (const one of frames) await client.send(writtenAs(format, one));
            await client.send(format === 'json' ? Buffer.from(bytes).toString('latin1') : bytes);
            if (!client.isOpen && client.last?.action === ERROR) {
              const { code } = client.last.error as { code: number };
              expect(known.has(String(code))).toBe(true);
            }
            await client.close();
          },
        ),
        { ...runs, numRuns: 500 },
      );
      expect(witness.isOpen).toBe(true);
      expect(witness.frames.length).toBe(before);
      await harness.clock.advance(3 * MINUTE);
      expect(harness.sandbox.sizes).toMatchObject({ connections: 1, channels: 1 });
    },
  );
});

function writtenAs(format: string, value: unknown): string | Uint8Array {
  return format === 'json' ? (JSON.stringify(value) ?? '') : encode(value, { ignoreUndefined: true });
}

describe('the sandbox, on a socket', () => {
  const start = async () => {
    const clock = new VirtualClock();
    const sandbox = createSandbox({ clock });
    onTestFinished(() => sandbox.dispose());
    const { port } = await sandbox.listen();
    /** Sends these bytes unchanged. */
    const raw = (text: string) => {
      const socket = connect(port, '127.0.0.1');
      onTestFinished(() => void socket.destroy());
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('error', () => {});
      socket.write(text);
      return {
        socket,
        /** The whole answer, after the service has closed the connection. */
        ended: once(socket, 'close').then(() => answer),
        get answer() {
          return answer;
        },
      };
    };
    return { clock, sandbox, raw };
  };
  const errorIn = (answer: string): unknown => JSON.parse(/\{.*\}/s.exec(answer)?.[0] ?? '{}').error;

  it('headers of 1 MB get 431, and the sandbox continues', async () => {
    const { sandbox, raw } = await start();
    const { ended } = raw(
      `GET /time HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'a'.repeat(1_048_576)}\r\n\r\n`,
    );
    const answer = await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('x-ably-errorcode: 40000');
    expect(errorIn(answer)).toMatchObject({ code: 40000, statusCode: 431 });
    expect((await sandbox.fetch('http://x/time')).status).toBe(200);
  });

  it.each(['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', '\u0000\u0001\u0002\r\n\r\n'])(
    'a request that is not HTTP gets 400: %j',
    async (text) => {
      const { raw } = await start();
      const answer = await raw(text).ended;
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(errorIn(answer)).toMatchObject({ code: 40000, statusCode: 400 });
    },
  );

  it('a body that does not arrive gets 408 after ten seconds, and the connection is closed', async () => {
    const { clock, raw } = await start();
    const slow = raw(
      'POST /apps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"keys"',
    );
    // Its timer is set as soon as the headers were read.
    while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(10 * SECOND - 1);
    expect(slow.answer).toBe('');
    await clock.advance(1);
    const answer = await slow.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(errorIn(answer)).toMatchObject({ code: 40001, statusCode: 408 });
    expect(clock.pending).toBe(0);
  });

  it('at most 1 MB of a body is read, and the connection is closed', async () => {
    const { raw } = await start();
    const { socket, ended } = raw(
      'POST /apps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n',
    );
    socket.write(' '.repeat(2_000_000));
    const answer = await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('x-ably-errorcode: 40001');
  });
});

describe('the memory of the sandbox', () => {
  it('thousands of nonces are forgotten when they can no longer be used', async () => {
    const harness = new Fuzzed();
    for (let count = 0; count < 3_000; count += 1) await harness.requestToken(harness.signed({ ttl: 1_000 }));
    expect(harness.sandbox.sizes.nonces).toBe(3_000);
    await harness.clock.advance(2 * MINUTE + 1);
    await harness.requestToken(harness.signed());
    expect(harness.sandbox.sizes.nonces).toBe(1);
  });

  it('tokens are forgotten an hour after their expiry', async () => {
    const harness = new Fuzzed();
    for (let count = 0; count < 1_000; count += 1) await harness.token({ ttl: 1_000 });
    expect(harness.sandbox.sizes.tokens).toBe(1_000);
    await harness.clock.advance(61 * MINUTE);
    await harness.token();
    expect(harness.sandbox.sizes.tokens).toBe(1);
  });

  it('no more messages are kept than there is room for', async () => {
    const harness = new Fuzzed();
    const data = 'x'.repeat(60_000);
    for (let count = 0; count < 700; count += 1) {
      const { status } = await harness.post(`/channels/c${count % 7}/messages`, { data }, harness.basic);
      expect(status).toBe(201);
    }
    expect(harness.sandbox.sizes.messages).toBeLessThan(560);
    const small = 'y';
    for (let count = 0; count < 1_100; count += 1) {
      await harness.post('/channels/small/messages', { data: small }, harness.basic);
    }
    const { body } = await harness.get(
      '/channels/small/messages?limit=1000&direction=forwards',
      harness.basic,
    );
    expect(body).toHaveLength(1_000);
  });

  it('a connection is kept for at most two minutes after its loss', async () => {
    const harness = new Fuzzed();
    for (let count = 0; count < 500; count += 1) {
      const client = await harness.connect({ key: harness.key.keyStr });
      await client.close();
    }
    expect(harness.sandbox.sizes.connections).toBe(500);
    await harness.clock.advance(2 * MINUTE);
    expect(harness.sandbox.sizes.connections).toBe(0);
    expect(harness.clock.pending).toBe(0);
  });
});
