import * as Ably from 'ably';
import * as ablyReact from 'ably/react';
import * as react from 'react';
import * as jsx from 'react/jsx-runtime';
import { renderToString } from 'react-dom/server';
import ts from 'typescript';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as adapter from '../../src/connection/ably-js/index.js';
import * as latchkey from '../../src/index.js';
import { ClientOwner } from '../../src/react/client-owner.js';
import * as hooks from '../../src/react/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import * as server from '../../src/server/index.js';
import { eventually } from '../kit/eventually.js';
import { pairOf, quickStart } from '../kit/migration-page.js';

type Endpoint = (request: Request) => Promise<Response>;
type Exported = Record<string, unknown>;

/** Long enough to connect with, short enough to be renewed within a test. */
const TTL_MS = 4_000;

/** The code after a migration, by heading: the last block is that of the page. */
const migrated = (heading: string): readonly string[] =>
  pairOf(heading)
    .filter(({ when }) => when === 'After')
    .map(({ code }) => code);

/** Runs code of the page: with the sandbox in place of Ably, and `endpoint` in place of the app's backend. */
async function service() {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const address = { endpoint: host, port, tls: false };
  const printed: string[] = [];
  const ends: (() => void)[] = [];
  const happenings: string[] = [];
  let endpoint: Endpoint = async () => new Response(null, { status: 404 });
  sandbox.subscribe(({ type }) => happenings.push(type));
  onTestFinished(async () => {
    for (const end of ends) end();
    await sandbox.dispose();
  });

  const fetchHere = async (input: string | URL | Request, init?: RequestInit) =>
    String(input).startsWith('https://example.com/')
      ? await endpoint(
          new Request(String(input), { ...init, headers: { ...init?.headers, 'x-user': 'ada' } }),
        )
      : await fetch(input, init);

  class Auth extends latchkey.Auth {
    constructor({ authUrl, ...options }: latchkey.ClientOptions) {
      const url =
        typeof authUrl === 'string' ? { authUrl: String(new URL(authUrl, 'https://example.com')) } : {};
      const short = { defaultTokenParams: { ttl: TTL_MS }, useTokenAuth: true };
      super({ ...address, ...short, ...url, fetch: fetchHere, logLevel: 'none', ...options });
      ends.push(() => this.dispose());
    }
  }
  class Realtime extends Ably.Realtime {
    constructor(options: Ably.ClientOptions) {
      super({ ...address, useBinaryProtocol: false, logLevel: 0, ...options });
      ends.push(() => this.close());
    }
  }
  const modules: Record<string, unknown> = {
    ably: { ...Ably, Realtime },
    'ably/react': ablyReact,
    latchkey: { ...latchkey, Auth },
    'latchkey/connection/ably-js': adapter,
    'latchkey/react': hooks,
    'latchkey/server': server,
    react,
    'react/jsx-runtime': jsx,
  };

  return {
    sandbox,
    printed,
    happenings,
    modules,
    serveWith: (next: unknown) => {
      endpoint = next as Endpoint;
    },
    run: async (code: string): Promise<Exported> => {
      const compilerOptions = {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.CommonJS,
        jsx: ts.JsxEmit.ReactJSX,
      };
      const text = ts.transpile(
        code.replaceAll("'appId.keyId:secret'", JSON.stringify(key)),
        compilerOptions,
      );
      const exported: Exported = {};
      const names = ['require', 'exports', 'console', 'process', 'fetch'];
      const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
      const print = (...words: unknown[]) => void printed.push(words.join(' '));
      await AsyncFunction(...names, text)(
        (name: string) => modules[name],
        exported,
        { log: print, error: print },
        { env: { ABLY_KEY: key } },
        fetchHere,
      );
      return exported;
    },
    /** A token is renewed on the connection there is. */
    renews: async () => {
      await eventually(() => expect(happenings).toContain('reauthenticated'));
      // An authorize() during the first attempt to connect makes the SDK begin anew (RTC8b).
      expect(happenings.lastIndexOf('connected')).toBeLessThan(happenings.indexOf('reauthenticated'));
      expect(sandbox.connections.filter(({ isConnected }) => isConnected)).toHaveLength(1);
    },
  };
}

type Service = Awaited<ReturnType<typeof service>>;

/** The page's endpoint answers the page's client. */
async function withEndpoint(one: Service): Promise<void> {
  const [code = ''] = migrated('A server with a key');
  one.serveWith((await one.run(code)).GET);
}

/** Mounts the client of a React tree, and renders the tree as the browser would with the client's connection. */
async function mounted(one: Service, code: string, name: string, props: object): Promise<string> {
  const exported = await one.run(code);
  const owner = new ClientOwner(exported.create as () => latchkey.Auth);
  const [unplace, unmount] = [owner.place(), owner.mount()];
  onTestFinished(() => {
    unplace();
    unmount();
  });
  await owner.auth.authorize();
  expect(owner.auth.connection?.state).toBe('connected');
  const tree = () => renderToString(react.createElement(exported[name] as react.FC, props));
  expect(tree()).toBe('');
  Object.assign(one.modules, { 'latchkey/react': { ...hooks, useConnection: () => owner.auth.connection } });
  const again = await one.run(code);
  return renderToString(react.createElement(again[name] as react.FC, props));
}

describe('docs/migrating-from-ably-js.md', () => {
  it("Ably's quick start has a connection that renews its token after six changed lines", async () => {
    const one = await service();
    const { changed, after: code } = quickStart();
    expect(changed.length).toBeLessThanOrEqual(6);
    await one.run(code);
    await eventually(() => expect(one.printed).toEqual(['connected as my-first-client', 'received hello']));
    await one.renews();
  });

  it.each(['A browser with authUrl', 'authCallback'])(
    '"%s" connects and renews its token',
    async (heading) => {
      const one = await service();
      await withEndpoint(one);
      const [code = ''] = migrated(heading);
      await one.run(code);
      await eventually(() => expect(one.printed).toEqual(['connected as ada']));
      await one.renews();
    },
  );

  it('"authCallback" also works unchanged, with the types of Ably', async () => {
    const one = await service();
    await withEndpoint(one);
    const [before] = pairOf('authCallback');
    const [source] = before?.code.split('const realtime') ?? [];
    const { authCallback } = await one.run(`${source}\nexport { authCallback };`);
    const { Auth } = one.modules.latchkey as typeof latchkey;
    const auth = new Auth({ authCallback: authCallback as latchkey.AuthCallback });
    expect(await auth.getToken()).toMatchObject({ token: expect.any(String) });
  });

  it('"React" renders nothing on a server, and the components of Ably with its connection in a page', async () => {
    const one = await service();
    await withEndpoint(one);
    const [code = ''] = migrated('React');
    expect(await mounted(one, code, 'App', {})).toBe('<button type="button">Greet</button>');
    await one.renews();
  });

  it('"Next.js" has an endpoint for the user of the session, and a page that connects with it', async () => {
    const one = await service();
    const [route = '', chat = ''] = migrated('Next.js');
    const { GET, POST, dynamic } = (await one.run(route)) as Record<string, Endpoint>;
    expect([POST, dynamic]).toEqual([GET, 'force-dynamic']);
    expect((await GET?.(new Request('https://example.com/api/token')))?.status).toBe(401);
    one.serveWith(GET);
    expect(await mounted(one, chat, 'default', { children: 'hello' })).toBe('hello');
    expect(one.sandbox.connections.map(({ clientId }) => clientId)).toContain('ada');
    await one.renews();
  });
});
