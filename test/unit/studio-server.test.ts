import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { Feed } from '../../src/studio/feed.js';
import { type Action, actions, type StudioMessage } from '../../src/studio/messages.js';
import { type StudioServer, startStudio } from '../../src/studio/server.js';
import { StepListener } from '../../src/studio/steps.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

const TOKEN = 'appId.a-token-nobody-may-see';

let folder: string;
let server: StudioServer;
let feed: Feed;
let auth: Auth;
let pressed: Action[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-'));
  const root = join(folder, 'page');
  await mkdir(root);
  await writeFile(join(folder, 'outside.js'), 'not for the page');
  await writeFile(join(root, 'index.html'), '<title>a page</title>');
  const clock = new VirtualClock();
  const steps = new StepListener();
  auth = new Auth({
    authCallback: async () => ({ token: TOKEN, issued: clock.now(), expires: clock.now() + 60_000 }),
    clock,
    inspect: steps.inspect,
  });
  feed = new Feed({
    auth,
    clock,
    steps,
    connection: { state: 'initialized', id: null },
    isSourceUp: () => true,
  });
  pressed = [];
  const press = (action: Action) => [action, () => void pressed.push(action)] as const;
  const controls = Object.fromEntries(actions.map(press)) as Record<Action, () => void>;
  server = await startStudio({ feed, controls, root, port: 0 });
});

afterEach(async () => {
  await server.close();
  feed.dispose();
  auth.dispose();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `fetch` may set neither Host nor Origin. */
function ask(path: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}${path}`, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject).end();
  });
}

describe('the studio server', () => {
  it('serves the page, which may load nothing from elsewhere', async () => {
    const { status, headers, body } = await ask('/');
    expect([status, body]).toEqual([200, '<title>a page</title>']);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each(['/../outside.js', '/%2e%2e/outside.js', '/..%2foutside.js', '/nothing.html', '/index'])(
    'has no %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example'])(
    'does not answer to the name %s',
    async (host) => {
      expect((await ask('/', 'GET', { host })).status).toBe(421);
      expect((await ask('/events', 'GET', { host })).status).toBe(421);
      expect((await ask('/control/revoke', 'POST', { host, origin: `http://${host}` })).status).toBe(421);
      expect(pressed).toEqual([]);
    },
  );

  it.each(['/%zz', '//'])('cannot read %s', async (path) => {
    expect((await ask(path)).status).toBe(400);
  });

  it('lets its own page press the buttons', async () => {
    expect((await ask('/control/cut', 'POST', { origin: server.url })).status).toBe(204);
    expect(pressed).toEqual(['cut']);
  });

  it.each([['http://evil.example'], ['null'], ['http://127.0.0.1:1'], [undefined]])(
    'lets no page of %s press them',
    async (origin) => {
      const headers: Record<string, string> = origin === undefined ? {} : { origin };
      expect((await ask('/control/cut', 'POST', headers)).status).toBe(403);
      expect(pressed).toEqual([]);
    },
  );

  it('names the controls it has when asked for another', async () => {
    const { status, body } = await ask('/control/explode', 'POST', { origin: server.url });
    expect(status).toBe(404);
    expect(body).toContain('authorize, expire, revoke, cut, source, clock');
  });

  it('lets no foreign page read the feed', async () => {
    expect((await ask('/events', 'GET', { origin: 'http://evil.example' })).status).toBe(403);
  });

  it('knows GET and POST alone', async () => {
    expect((await ask('/', 'DELETE')).status).toBe(405);
  });
});

describe('the feed', () => {
  it('tells how things stand, then what happens, and never the token', async () => {
    const messages: StudioMessage[] = [];
    feed.subscribe((message) => messages.push(message));
    await auth.authorize();
    await Promise.resolve();
    const [first] = messages;
    expect(first?.type === 'snapshot' && first.view.state.value).toBe('idle');
    const last = messages.findLast((message) => message.type === 'view');
    expect(last?.type === 'view' && last.view).toMatchObject({
      state: { value: 'authorized', next: { step: 'renew' } },
      active: ['auth.authorized'],
      connection: { state: 'initialized', id: null },
    });
    const told = messages.flatMap((message) =>
      message.type === 'happening' ? [message.happening.title] : [],
    );
    expect(told).toEqual(['Requesting a token', 'Authorized']);
    const edges = messages.flatMap((message) => (message.type === 'step' ? message.step.edges : []));
    expect(edges).toEqual(['auth.idle→auth.acquiring.requesting', 'auth.acquiring→auth.authorized']);
    expect(JSON.stringify(messages)).not.toContain(TOKEN);
  });

  it('tells somebody who comes later what happened before', async () => {
    await auth.authorize();
    const messages: StudioMessage[] = [];
    feed.subscribe((message) => messages.push(message));
    expect(messages).toHaveLength(1);
    const [snapshot] = messages;
    if (snapshot?.type !== 'snapshot') throw new Error('the first message is no snapshot');
    expect(snapshot.happenings.map(({ title }) => title)).toEqual(['Requesting a token', 'Authorized']);
    expect(snapshot.lastStep?.event).toBe('acquisition done');
    expect(snapshot.view.lifetime).toMatchObject({ diesAt: snapshot.view.now + 60_000 });
  });

  it('says nothing more once it is disposed of', async () => {
    const messages: StudioMessage[] = [];
    feed.subscribe((message) => messages.push(message));
    feed.dispose();
    await auth.authorize();
    expect(messages).toHaveLength(1);
  });
});
