import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type AttachedStudio, serveAttached } from '../../src/cli/attach.js';
import { Auth } from '../../src/index.js';
import { attachStudio } from '../../src/studio/index.js';
import type { StudioMessage } from '../../src/studio/messages.js';

const TOKEN = 'appId.a-Token-Nobody-May-See-0123456789';

let root: string;
let studio: AttachedStudio;
let auth: Auth;
let printed: string[];
let messages: StudioMessage[];
let waiting: Set<() => void>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'studio-'));
  await writeFile(join(root, 'index.html'), '<title>the page</title>');
  printed = [];
  messages = [];
  waiting = new Set();
  studio = await serveAttached({ port: 0, root, print: (line) => printed.push(line) });
  let count = 0;
  auth = new Auth({
    authCallback: async () => {
      count += 1;
      return { token: `${TOKEN}-${count}`, issued: Date.now(), expires: Date.now() + 600_000 };
    },
  });
  studio.relay.subscribe((message) => {
    messages.push(message);
    for (const look of [...waiting]) look();
  });
});

afterEach(async () => {
  auth.dispose();
  await studio.close();
  await rm(root, { recursive: true });
});

/** Resolves with the first matching message, now or later. */
function told(look: (message: StudioMessage) => boolean): Promise<StudioMessage> {
  return new Promise((resolve) => {
    const attempt = () => {
      const found = messages.find(look);
      if (found === undefined) return;
      waiting.delete(attempt);
      resolve(found);
    };
    waiting.add(attempt);
    attempt();
  });
}

const isHello = (message: StudioMessage) => message.type === 'hello';
const isGone = (message: StudioMessage) => message.type === 'gone';
const isTold = (title: string) => (message: StudioMessage) =>
  message.type === 'entry' && message.entry.kind === 'told' && message.entry.title === title;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string;
  readonly location: string | undefined;
}

function get(address: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => {
        const [cookie = ''] = response.headers['set-cookie'] ?? [];
        const { location } = response.headers;
        resolve({ status: response.statusCode ?? 0, body, cookie, location });
      });
    });
    sent.on('error', reject).end();
  });
}

/** A socket that sends any text, and records how it ended. */
function raw(address: string, options: object = {}): Promise<{ socket: WebSocket; ended: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, options);
    const ended = new Promise<number>((end) => socket.on('close', (code) => end(code)));
    socket.on('error', reject).on('open', () => resolve({ socket, ended }));
  });
}

describe('a client attached from another process', () => {
  it('the page shows an attached client live, and the client performs the page’s controls; no token is sent', async () => {
    await auth.authorize();
    const { ready, detach } = attachStudio(auth, studio.attachAddress(), { title: 'my app' });
    await ready;
    const hello = await told(isHello);
    expect(hello.type === 'hello' && hello.session.title).toBe('my app');
    await studio.relay.perform('authorize');
    await told(isTold('Renewed'));
    expect(JSON.stringify(messages)).not.toContain(TOKEN);
    expect(printed.join('\n')).toMatch(/A client is attached\.[\s\S]*Renewed: a token that lives for 10 min/);
    detach();
    await told(isGone);
    expect(auth.state.value).toBe('authorized');
    await expect(studio.relay.perform('authorize')).rejects.toThrow(TypeError);
  });

  it('the client is ready when the studio shows it, with controls of any ordinary name', async () => {
    const used = new Promise<void>((resolve) => {
      const controls = [
        { name: 'switchUserToGraceHopper', label: 'Grace', hint: '', group: 'client' as const, run: resolve },
      ];
      void attachStudio(auth, studio.attachAddress(), { controls }).ready.then(() => {
        expect(messages.some(isHello)).toBe(true);
        return studio.relay.perform('switchUserToGraceHopper');
      });
    });
    await used;
    expect(messages.filter(isGone)).toEqual([]);
  });

  it('the client learns why a studio refuses it', async () => {
    const connection = { state: 17, push: async () => {}, attach: () => () => {} };
    const odd = new Auth({ authCallback: async () => TOKEN, connection: connection as never });
    await expect(attachStudio(odd, studio.attachAddress()).ready).rejects.toThrow(
      /The studio refuses the client: entries\.0\.view\.connection\.state: /,
    );
    odd.dispose();
  });

  it('the client is gone when the program disposes of it', async () => {
    await attachStudio(auth, studio.attachAddress()).ready;
    auth.dispose();
    await told(isGone);
    await expect(studio.relay.perform('authorize')).rejects.toThrow(TypeError);
  });

  it('a page that connects later shows the client', async () => {
    await attachStudio(auth, studio.attachAddress()).ready;
    await auth.authorize();
    await told(isTold('Authorized'));
    const later: StudioMessage[] = [];
    studio.relay.subscribe((message) => later.push(message));
    const [hello] = later;
    expect(hello?.type === 'hello' && hello.entries.some((entry) => entry.kind === 'told')).toBe(true);
    expect(hello?.type === 'hello' && Math.abs(hello.now - Date.now())).toBeLessThan(5_000);
  });

  it('the address lasts as long as the studio: a program that is restarted attaches again, and its session before is kept', async () => {
    const address = studio.attachAddress();
    const first = attachStudio(auth, address, { title: 'the program' });
    await first.ready;
    await auth.authorize();
    await told(isTold('Authorized'));
    first.detach();
    await told(isGone);
    expect(studio.attachAddress()).toBe(address);
    await attachStudio(auth, address, { title: 'the program, restarted' }).ready;
    const later: StudioMessage[] = [];
    studio.relay.subscribe((message) => later.push(message));
    expect(later.map((one) => one.type === 'hello' && [one.session.title, one.isOver])).toEqual([
      ['the program', true],
      ['the program, restarted', undefined],
    ]);
    const [before, now] = later;
    const titles = (message: StudioMessage | undefined) =>
      message?.type === 'hello'
        ? message.entries.flatMap((entry) => (entry.kind === 'told' ? [entry.title] : []))
        : [];
    expect(titles(before)).toContain('Authorized');
    expect(titles(now)).toEqual([]);
  });

  it('the studio keeps the last sessions of a program that is restarted again and again', async () => {
    for (let count = 1; count <= 8; count += 1) {
      const attachment = attachStudio(auth, studio.attachAddress(), { title: `start ${count}` });
      await attachment.ready;
      messages.length = 0;
      attachment.detach();
      await told(isGone);
    }
    const titles: string[] = [];
    studio.relay.subscribe((message) => {
      if (message.type === 'hello') titles.push(message.session.title);
    });
    expect(titles).toEqual(['start 5', 'start 6', 'start 7', 'start 8']);
  });

  it('a program finds the studio by the variable LATCHKEY_STUDIO, and works without it', async () => {
    const before = process.env.LATCHKEY_STUDIO;
    try {
      delete process.env.LATCHKEY_STUDIO;
      await expect(attachStudio(auth).ready).rejects.toThrow(
        'There is no studio: LATCHKEY_STUDIO is not set',
      );
      process.env.LATCHKEY_STUDIO = '';
      await expect(attachStudio(auth).ready).rejects.toThrow('LATCHKEY_STUDIO is not set');
      process.env.LATCHKEY_STUDIO = 'ws://192.168.0.7:4820/attach/x';
      expect(() => attachStudio(auth)).toThrow(/LATCHKEY_STUDIO is .*on this machine/);
      process.env.LATCHKEY_STUDIO = studio.attachAddress();
      await attachStudio(auth).ready;
      await told(isHello);
      expect((await auth.authorize()).token).toContain(TOKEN);
    } finally {
      if (before === undefined) delete process.env.LATCHKEY_STUDIO;
      else process.env.LATCHKEY_STUDIO = before;
    }
  });

  it('a client gives way to a client that attaches later', async () => {
    await attachStudio(auth, studio.attachAddress(), { title: 'the first' }).ready;
    const second = new Auth({ authCallback: async () => TOKEN });
    await attachStudio(second, studio.attachAddress(), { title: 'the second' }).ready;
    await told((message) => message.type === 'hello' && message.session.title === 'the second');
    await studio.relay.perform('authorize');
    await second.getToken();
    expect(auth.tokenDetails).toBeNull();
    second.dispose();
  });

  it('the client continues without a studio, and ready rejects', async () => {
    const { ready } = attachStudio(auth, 'ws://127.0.0.1:9/attach/nobody');
    expect((await auth.authorize()).token).toContain(TOKEN);
    await expect(ready).rejects.toThrow(TypeError);
  });

  it.each(['ws://192.168.0.7:4820/attach/x', 'wss://127.0.0.1/x', 'http://127.0.0.1:4820', 'nonsense', ''])(
    'the client is sent only to this machine, not to %j',
    (address) => {
      expect(() => attachStudio(auth, address)).toThrow(/on this machine/);
    },
  );

  it.each([
    ['no JSON', 'hello'],
    ['no message', '{"type":"hello"}'],
    [
      'an entry before the hello',
      '{"type":"entry","entry":{"n":1,"at":1,"kind":"told","about":"hand","tone":"calm","title":"","detail":""}}',
    ],
  ])('the client is disconnected when it sends %s', async (_what, text) => {
    const { socket, ended } = await raw(studio.attachAddress());
    socket.send(text);
    expect(await ended).toBe(1008);
    expect(messages.filter(isHello)).toEqual([]);
  });

  it('the client is disconnected when its message could not be sent on', async () => {
    await attachStudio(auth, studio.attachAddress()).ready;
    const hello = JSON.stringify(await told(isHello));
    const deep = `"decision":{"extra":${'['.repeat(50_000)}${']'.repeat(50_000)},`;
    // As the page's event stream does.
    studio.relay.subscribe((message) => void JSON.stringify(message));
    const { socket, ended } = await raw(studio.attachAddress());
    socket.send(hello.replace('"decision":{', deep));
    expect(await ended).toBe(1008);
  });

  it('the client continues when a page is gone in the middle of a message', async () => {
    const seen: string[] = [];
    studio.relay.subscribe(() => {
      throw new Error('this page is gone');
    });
    studio.relay.subscribe(({ type }) => seen.push(type));
    await attachStudio(auth, studio.attachAddress()).ready;
    expect(seen).toContain('hello');
  });

  it.each([
    '{"type":"perform","control":{"toString":0,"valueOf":0}}',
    '{"type":{"toString":0},"control":["authorize"]}',
    '"perform"',
    'null',
    '{"type":"perform"',
  ])('the client continues when its studio sends %s', async (word) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.on('connection', (socket) => {
      socket.send(word);
      socket.send(Buffer.from(word));
      socket.send('{"type":"attached"}');
    });
    const { ready, detach } = attachStudio(auth, `ws://127.0.0.1:${port}/attach/x`);
    await ready;
    expect((await auth.authorize()).token).toContain(TOKEN);
    detach();
    server.close();
  });

  it.each([
    ['a token that was never issued', () => `${studio.url.replace('http', 'ws')}/attach/abc`, {}],
    ['another path', () => `${studio.url.replace('http', 'ws')}/events`, {}],
    ['a foreign name for this machine', () => studio.attachAddress(), { headers: { host: 'evil.example' } }],
  ])('a client with %s is refused', async (_what, address, options) => {
    await expect(raw(address(), options)).rejects.toThrow(/403|421/);
  });
});

describe('the page of an attached client', () => {
  it('each address opens the page once, and the token does not stay in it', async () => {
    const address = studio.pageAddress();
    const { status, cookie, location } = await get(address);
    const { pathname } = new URL(address);
    expect([status, location]).toEqual([303, pathname]);
    const [pair = '', ...rules] = cookie.split(';');
    expect(pair).toMatch(/^latchkey-\d+=[\w-]{32}$/);
    expect(rules.join(';')).toBe(` HttpOnly; SameSite=Strict; Path=${pathname}`);
    expect(await get(`${studio.url}${pathname}`, { cookie: `other=1; ${pair}` })).toMatchObject({
      status: 200,
      body: '<title>the page</title>',
    });
    expect((await get(address)).status).toBe(403);
    expect(printed.at(-1)).toMatch(/^The page is open\. For another page: http:/);
  });

  it('the page is in a folder with a secret name: servers on other ports do not get its cookie', async () => {
    const { pathname } = new URL(studio.pageAddress());
    expect(pathname).toMatch(/^\/[\w-]{32}\/$/);
    const { cookie } = await get(studio.pageAddress());
    for (const path of ['/', '/events', pathname.slice(0, -1), `/x${pathname}`])
      expect([path, (await get(`${studio.url}${path}`, { cookie })).status]).toEqual([path, 403]);
    const other = await serveAttached({ port: 0, root, print: () => {} });
    expect(new URL(other.pageAddress()).pathname).not.toBe(pathname);
    await other.close();
  });

  it.each([
    ['without one', ''],
    ['with a wrong one', '?token=abc'],
  ])('the page is refused %s, and so are its requests', async (_what, query) => {
    const { pathname } = new URL(studio.pageAddress());
    for (const path of ['/', pathname, `${pathname}index.html`, `${pathname}events`]) {
      const { status, body } = await get(`${studio.url}${path}${query}`);
      expect([path, status]).toEqual([path, 403]);
      expect(body).toContain('Open the address that was printed last');
    }
  });
});
