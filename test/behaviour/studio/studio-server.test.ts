import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { type StudioServer, startStudio } from '../../../src/studio/server/studio-server.js';
import { Subject } from '../../../src/studio/subject.js';

let folder: string;
let server: StudioServer;
let recorder: Recorder;
let auth: Auth;
let pressed: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-'));
  const root = join(folder, 'page');
  await mkdir(root);
  await writeFile(join(folder, 'outside.js'), 'not for the page');
  await writeFile(join(root, 'index.html'), '<title>a page</title>');
  auth = new Auth({ authCallback: async () => 'a-token' });
  pressed = [];
  const cut = { name: 'cut', label: 'Cut', hint: 'cuts it', group: 'fault' } as const;
  recorder = new Recorder(new Subject(auth), {
    controls: [
      { ...cut, run: () => void pressed.push('cut') },
      {
        ...cut,
        name: 'breaks',
        run: () => {
          throw new TypeError('there is no cable appId.keyId:a-Secret-Nobody-May-See');
        },
      },
    ],
  });
  server = await startStudio({ link: recorder, root, port: 0 });
});

afterEach(async () => {
  await server.close();
  recorder.dispose();
  auth.dispose();
  await rm(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `fetch` cannot set Host and Origin. */
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
  it('the page may load nothing from other origins', async () => {
    const { status, headers, body } = await ask('/');
    expect([status, body]).toEqual([200, '<title>a page</title>']);
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each(['/../outside.js', '/%2e%2e/outside.js', '/..%2foutside.js', '/nothing.html', '/index'])(
    'the path %s does not exist',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1.evil.example'])(
    'the server refuses the host name %s',
    async (host) => {
      expect((await ask('/', 'GET', { host })).status).toBe(421);
      expect((await ask('/events', 'GET', { host })).status).toBe(421);
      expect((await ask('/control/cut', 'POST', { host, origin: `http://${host}` })).status).toBe(421);
      expect(pressed).toEqual([]);
    },
  );

  it.each(['/%zz', '//'])('the server refuses the address %s', async (path) => {
    expect((await ask(path)).status).toBe(400);
  });

  it('the studio page can use the controls', async () => {
    expect((await ask('/control/cut', 'POST', { origin: server.url })).status).toBe(204);
    expect(pressed).toEqual(['cut']);
  });

  it.each([['http://evil.example'], ['null'], ['http://127.0.0.1:1'], [undefined]])(
    'pages of %s cannot use the controls',
    async (origin) => {
      const headers: Record<string, string> = origin === undefined ? {} : { origin };
      expect((await ask('/control/cut', 'POST', headers)).status).toBe(403);
      expect(pressed).toEqual([]);
    },
  );

  it('the error for an unknown control names the known ones', async () => {
    const { status, body } = await ask('/control/explode', 'POST', { origin: server.url });
    expect(status).toBe(404);
    expect(body).toContain('Known: authorize, send-token.needed');
    expect(body).toContain(', cut');
  });

  it('the error of a control is sent without secrets', async () => {
    expect(await ask('/control/breaks', 'POST', { origin: server.url })).toMatchObject({
      status: 500,
      body: 'there is no cable […]\n',
    });
  });

  it.each(['/control/', '/control/a%2fb', '/control/cut/off'])('there is no control at %s', async (path) => {
    expect((await ask(path, 'POST', { origin: server.url })).status).toBe(404);
    expect(pressed).toEqual([]);
  });

  it('pages of other origins cannot read the events', async () => {
    expect((await ask('/events', 'GET', { origin: 'http://evil.example' })).status).toBe(403);
  });

  it('the server accepts only GET and POST', async () => {
    expect((await ask('/', 'DELETE')).status).toBe(405);
  });
});
