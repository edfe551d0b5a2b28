import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { isOfLocalPage, isOfOwnPage, namingOf } from '../../src/checks/local-requests.node.js';
import { type AttachedStudio, serveAttached } from '../../src/cli/attach.js';
import { startTokenEndpoint } from '../../src/cli/token-endpoint.js';
import { systemClock } from '../../src/clock.js';
import { Auth } from '../../src/index.js';
import { createSandbox, type Listening, type Sandbox } from '../../src/sandbox/index.js';
import { attachStudio } from '../../src/studio/index.js';

type Headers = Readonly<Record<string, string>>;

/** With Host and Origin, which `fetch` cannot set. */
function statusOf(port: number, path: string, headers: Headers, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** The status line of the answer to these bytes. */
async function answerTo(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(bytes);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString('latin1').split('\r\n')[0] ?? '';
}

/** How a WebSocket starts: `open`, or the status of the refusal. */
function upgradeOf(address: string, headers: Headers): Promise<string> {
  const socket = new WebSocket(address, { headers });
  onTestFinished(() => socket.terminate());
  return new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('error', ({ message }) => resolve(/\d{3}/.exec(message)?.[0] ?? message));
  });
}

const FOREIGN_HOSTS = [
  'evil.example',
  'evil.example:80',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'evillocalhost',
  '0.0.0.0',
  '192.168.0.7',
  '[2001:db8::1]',
];
const FOREIGN_ORIGINS = [
  'https://evil.example',
  'http://localhost.evil.example',
  'http://127.0.0.1.evil.example:4820',
  'http://evillocalhost',
  'file://evil.example',
  'nonsense',
];
const LOCAL_ORIGINS = [
  'null',
  'http://localhost:5173',
  'https://app.localhost',
  'http://127.0.0.1:1',
  'http://[::1]:5173',
  'capacitor://localhost',
];
const UNUSABLE_HOSTS = [
  '',
  'a b',
  'user@127.0.0.1',
  '127.0.0.1/path',
  '127.0.0.1:port',
  '[::1',
  '127.0.0.1:99999',
];

describe('the names under which a local server answers', () => {
  const from = (host: string | undefined, localAddress = '127.0.0.1') => ({
    headers: { host },
    socket: { localAddress },
  });

  it.each([
    '127.0.0.1',
    '127.0.0.1:80',
    '127.0.0.1:4820',
    'localhost',
    'LOCALHOST:80',
    '[::1]',
    '127.9.9.9:1',
  ])('a loopback name is an own name at any port, also at port 80: %s', (host) => {
    expect(namingOf(from(host), '127.0.0.1')).toBe('own');
  });

  it.each(FOREIGN_HOSTS)('another name is foreign: %s', (host) => {
    expect(namingOf(from(host), '127.0.0.1')).toBe('foreign');
  });

  it.each([undefined, ...UNUSABLE_HOSTS])('a Host that is not the name of a host is unusable: %j', (host) => {
    expect(namingOf(from(host), '127.0.0.1')).toBe('unusable');
  });

  it('the host and the address that a server is bound to are own names', () => {
    expect(namingOf(from('sandbox:8080', '172.17.0.2'), 'sandbox')).toBe('own');
    expect(namingOf(from('172.17.0.2:8080', '172.17.0.2'), '0.0.0.0')).toBe('own');
    expect(namingOf(from('[fe80::2]:8080', 'fe80::2'), '::')).toBe('own');
    expect(namingOf(from('172.17.0.3:8080', '172.17.0.2'), '0.0.0.0')).toBe('foreign');
  });

  it('the own page at port 80 has an origin without a port', () => {
    const at = (host: string, origin: string) => ({ headers: { host, origin }, socket: {} });
    for (const host of ['127.0.0.1', '127.0.0.1:80'])
      expect(isOfOwnPage(at(host, 'http://127.0.0.1'))).toBe(true);
    expect(isOfOwnPage(at('127.0.0.1', 'http://127.0.0.1:81'))).toBe(false);
    expect(isOfOwnPage(at('127.0.0.1:81', 'http://127.0.0.1'))).toBe(false);
    expect(isOfLocalPage(at('127.0.0.1', 'http://127.0.0.1:81'))).toBe(true);
  });

  it.each(['cross-site', 'same-site'])(
    'a request without Origin that a browser calls %s is not of the own page',
    (site) => {
      expect(isOfOwnPage({ headers: { host: '127.0.0.1', 'sec-fetch-site': site }, socket: {} })).toBe(false);
    },
  );
});

describe('a sandbox on a port', () => {
  const start = async (): Promise<{ sandbox: Sandbox; server: Listening; key: string }> => {
    const sandbox = createSandbox();
    onTestFinished(() => sandbox.dispose());
    const key = sandbox.createApp().keys[0]?.keyStr ?? '';
    return { sandbox, server: await sandbox.listen(), key };
  };

  it('a request with a foreign Host is refused on every route, and creates no app', async () => {
    const { sandbox, server } = await start();
    for (const host of FOREIGN_HOSTS) {
      expect([host, await statusOf(server.port, '/time', { host })]).toEqual([host, 403]);
      expect([host, await statusOf(server.port, '/time', { host }, 'OPTIONS')]).toEqual([host, 403]);
      expect([host, await statusOf(server.port, '/apps', { host }, 'POST')]).toEqual([host, 403]);
      expect([host, await statusOf(server.port, '/_sandbox', { host })]).toEqual([host, 404]);
      expect([host, await upgradeOf(`ws://127.0.0.1:${server.port}/`, { host })]).toEqual([host, '403']);
    }
    expect(sandbox.sizes.apps).toBe(1);
  });

  it('a request of a foreign page is refused on every route, and creates no app', async () => {
    const { sandbox, server, key } = await start();
    for (const origin of FOREIGN_ORIGINS) {
      expect([origin, await statusOf(server.port, '/time', { origin })]).toEqual([origin, 403]);
      expect([origin, await statusOf(server.port, '/time', { origin }, 'OPTIONS')]).toEqual([origin, 403]);
      expect([origin, await statusOf(server.port, '/apps', { origin }, 'POST')]).toEqual([origin, 403]);
      expect([origin, await statusOf(server.port, '/_sandbox', { origin })]).toEqual([origin, 404]);
      const started = await upgradeOf(`ws://127.0.0.1:${server.port}/?key=${key}`, { origin });
      expect([origin, started]).toEqual([origin, '403']);
    }
    expect(sandbox.sizes).toMatchObject({ apps: 1, connections: 0 });
  });

  it('pages of this machine, and pages without an address, use the API but not the control routes', async () => {
    const { sandbox, server, key } = await start();
    for (const origin of LOCAL_ORIGINS) {
      expect([origin, await statusOf(server.port, '/time', { origin })]).toEqual([origin, 200]);
      const started = await upgradeOf(`ws://127.0.0.1:${server.port}/?key=${key}`, { origin });
      expect([origin, started]).toEqual([origin, 'open']);
      expect([origin, await statusOf(server.port, '/apps', { origin }, 'POST')]).toEqual([origin, 403]);
      expect([origin, await statusOf(server.port, '/_sandbox/cutConnections', { origin }, 'POST')]).toEqual([
        origin,
        404,
      ]);
    }
    expect(sandbox.sizes).toMatchObject({ apps: 1, connections: LOCAL_ORIGINS.length });
  });

  it('programs, and a page of the sandbox itself, use the control routes', async () => {
    const { server } = await start();
    for (const headers of [{}, { origin: server.url }, { host: 'localhost', origin: 'http://localhost' }]) {
      expect(await statusOf(server.port, '/_sandbox', headers)).toBe(200);
      expect(await statusOf(server.port, '/apps', headers, 'POST')).toBe(201);
    }
  });

  it.each(UNUSABLE_HOSTS)('a request with an unusable Host gets 400: %j', async (host) => {
    const { server } = await start();
    const line = `GET /time HTTP/1.1\r\nhost: ${host}\r\n`;
    expect(await answerTo(server.port, `${line}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    const upgrade = `${line}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    expect(await answerTo(server.port, upgrade)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it.each(['HTTP/1.0', 'HTTP/1.1'])('a request of %s without Host gets 400', async (version) => {
    const { server } = await start();
    expect(await answerTo(server.port, `GET /time ${version}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('the token endpoint of the demo', () => {
  it('the endpoint signs for programs and pages of this machine only', async () => {
    const { keyStr: key = '' } = createSandbox().createApp().keys[0] ?? {};
    const endpoint = await startTokenEndpoint({ key, clock: systemClock, latencyMs: 0 });
    onTestFinished(() => endpoint.close());
    const port = Number(new URL(endpoint.url).port);
    const statuses = (all: readonly Headers[]) =>
      Promise.all(all.map((headers) => statusOf(port, '/token', headers)));
    expect(
      await statuses([{}, { host: 'localhost' }, ...LOCAL_ORIGINS.map((origin) => ({ origin }))]),
    ).toEqual(Array.from({ length: LOCAL_ORIGINS.length + 2 }, () => 200));
    const foreign = [
      ...FOREIGN_HOSTS.map((host) => ({ host })),
      ...FOREIGN_ORIGINS.map((origin) => ({ origin })),
    ];
    expect(new Set(await statuses(foreign))).toEqual(new Set([403]));
    expect(new Set(await statuses([{ host: '127.0.0.1/x' }, { host: 'user@127.0.0.1' }]))).toEqual(
      new Set([400]),
    );
    expect(await statusOf(port, '/token?ttl=nonsense', {})).toBe(400);
  });
});

describe('the studio', () => {
  const start = async (): Promise<{ studio: AttachedStudio; port: number; auth: Auth }> => {
    const root = await mkdtemp(join(tmpdir(), 'studio-'));
    await writeFile(join(root, 'index.html'), '<title>the page</title>');
    const studio = await serveAttached({ port: 0, root, print: () => {} });
    const auth = new Auth({ authCallback: async () => 'a-token' });
    onTestFinished(async () => {
      auth.dispose();
      await studio.close();
      await rm(root, { recursive: true });
    });
    return { studio, port: Number(new URL(studio.url).port), auth };
  };

  /** Attaches a socket, and tells how it ends. */
  const attached = async (studio: AttachedStudio) => {
    const socket = new WebSocket(studio.attachAddress());
    const ended = new Promise<string>((resolve) =>
      socket.on('close', (code, reason) => resolve(`${code} ${reason}`)),
    );
    socket.on('error', () => {});
    await once(socket, 'open');
    return { socket, ended };
  };

  /** The studio still accepts a client. */
  const works = async (studio: AttachedStudio, auth: Auth) => {
    const attachment = attachStudio(auth, studio.attachAddress());
    await attachment.ready;
    await studio.relay.perform('authorize');
    attachment.detach();
  };

  it('a page address is used up by its first use, also in a browser that was admitted before', async () => {
    const { studio } = await start();
    const first = await fetch(studio.pageAddress(), { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const second = studio.pageAddress();
    const { pathname } = new URL(second);
    const again = await fetch(second, { redirect: 'manual', headers: { cookie } });
    expect([again.status, again.headers.get('location')]).toEqual([303, pathname]);
    expect((await fetch(second, { redirect: 'manual' })).status).toBe(403);
    const used = await fetch(second, { redirect: 'manual', headers: { cookie } });
    expect([used.status, used.headers.get('location')]).toEqual([303, pathname]);
  });

  it('a foreign page cannot read the events or use the controls, even with the cookie of the page', async () => {
    const { studio, port } = await start();
    const admitted = await fetch(studio.pageAddress(), { redirect: 'manual' });
    const cookie = admitted.headers.get('set-cookie')?.split(';')[0] ?? '';
    const folder = admitted.headers.get('location');
    for (const origin of [...FOREIGN_ORIGINS, ...LOCAL_ORIGINS]) {
      expect([origin, await statusOf(port, `${folder}events`, { cookie, origin })]).toEqual([origin, 403]);
      expect(await statusOf(port, `${folder}control/authorize`, { cookie, origin }, 'POST')).toBe(403);
    }
    for (const site of ['cross-site', 'same-site'])
      expect(await statusOf(port, `${folder}events`, { cookie, 'sec-fetch-site': site })).toBe(403);
    for (const host of FOREIGN_HOSTS) expect(await statusOf(port, `${folder}`, { cookie, host })).toBe(421);
    for (const host of ['127.0.0.1/x', 'user@127.0.0.1'])
      expect(await statusOf(port, `${folder}`, { cookie, host })).toBe(400);
    const own = { cookie, origin: studio.url };
    expect(await statusOf(port, `${folder}control/authorize`, own, 'POST')).toBe(404);
  });

  it('a client of a foreign page cannot attach, even with a valid address; a page of this machine can', async () => {
    const { studio } = await start();
    for (const origin of [...FOREIGN_ORIGINS, 'null'])
      expect([origin, await upgradeOf(studio.attachAddress(), { origin })]).toEqual([origin, '403']);
    expect(await upgradeOf(studio.attachAddress(), { origin: 'http://localhost:5173' })).toBe('open');
  });

  it.each<[what: string, end: string, send: (socket: WebSocket) => void]>([
    ['a binary message', '1003 the message: it must be text', (socket) => socket.send(Buffer.from('{}'))],
    ['a message that is not JSON', '1008 the message: it must be JSON', (socket) => socket.send('{')],
    [
      'a deep message',
      '1008 the message: it is nested too deep',
      (socket) => socket.send('['.repeat(1_000_000)),
    ],
    ['a huge message', '1009 ', (socket) => socket.send('x'.repeat(33 * 1024 * 1024))],
    [
      'a long entry',
      '1008 the message: it is too long',
      (socket) => socket.send(JSON.stringify({ type: 'gone', padding: 'x'.repeat(300_000) })),
    ],
    [
      'messages that come too fast',
      '1008 the messages come too fast',
      (socket) => {
        for (let count = 0; count < 40_000; count += 1) socket.send('{"type":"gone"}');
      },
    ],
  ])('a client that sends %s is disconnected, and the studio continues', async (_what, end, send) => {
    const { studio, auth } = await start();
    const { socket, ended } = await attached(studio);
    send(socket);
    expect(await ended).toBe(end);
    await works(studio, auth);
  });

  it('a broken frame of a client does not end the studio', async () => {
    const { studio, auth } = await start();
    const { socket, ended } = await attached(studio);
    (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.alloc(64, 0xff));
    expect(await ended).toMatch(/^100[26] /);
    await works(studio, auth);
  });

  it('a client performs few of many controls that a studio sends at once, and ignores huge and binary messages', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    onTestFinished(() => server.close());
    const { port } = server.address() as { port: number };
    let performed = 0;
    server.on('connection', (socket) => {
      const perform = JSON.stringify({ type: 'perform', control: 'count' });
      socket.send(Buffer.from(perform));
      socket.send('['.repeat(400_000));
      socket.send(perform.replace('{', `{"padding":"${'x'.repeat(2_000)}",`));
      for (let count = 0; count < 5_000; count += 1) socket.send(perform);
      socket.send('{"type":"attached"}');
    });
    const auth = new Auth({ authCallback: async () => 'a-token' });
    const attachment = attachStudio(auth, `ws://127.0.0.1:${port}/attach/x`, {
      controls: [{ name: 'count', label: 'Count', hint: '', group: 'client', run: () => void performed++ }],
    });
    await attachment.ready;
    expect(performed).toBeGreaterThanOrEqual(50);
    expect(performed).toBeLessThan(150);
    expect((await auth.authorize()).token).toBe('a-token');
    attachment.detach();
    auth.dispose();
  });

  it('a studio that sends a message of 16 MB is dropped, and the client continues', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    onTestFinished(() => server.close());
    const { port } = server.address() as { port: number };
    server.on('connection', (socket) => socket.on('error', () => {}).send('['.repeat(16 * 1_048_576)));
    const auth = new Auth({ authCallback: async () => 'a-token' });
    onTestFinished(() => auth.dispose());
    const { ready, detach } = attachStudio(auth, `ws://127.0.0.1:${port}/attach/x`);
    // Node 20 drops the socket, the WebSocket of later versions reads the message, and it is ignored.
    ready.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await auth.authorize()).token).toBe('a-token');
    detach();
  });
});
