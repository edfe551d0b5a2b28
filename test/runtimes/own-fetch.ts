import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { Auth, type ClientOptions } from 'latchkey';
import { places } from '../kit/bare-engine.js';

type Fetch = NonNullable<ClientOptions['fetch']>;

/** A proxy that tunnels, and counts. */
async function proxy(): Promise<{ readonly address: string; tunnels(): number; close(): void }> {
  let tunnels = 0;
  const server: Server = createServer().on('connect', (request, socket, head) => {
    tunnels += 1;
    const [host, port] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      socket.pipe(target).pipe(socket);
    });
    const end = () => {
      socket.destroy();
      target.destroy();
    };
    socket.on('error', end).on('close', end);
    target.on('error', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    tunnels: () => tunnels,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** All that a client asks for, through one function. @returns what was not as it should be */
async function faultsOf(fetch: Fetch, at: Awaited<ReturnType<typeof places>>): Promise<string[]> {
  const { host, port, application, key } = at.job;
  const service = { endpoint: host, port, tls: false, fetch, logLevel: 'none' } as const;
  const withKey = new Auth({ ...service, key, useTokenAuth: true });
  const rest = `http://${host}:${port}`;
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const message = '{"name":"a","data":"ü"}';
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'authUrl by GET': () => new Auth({ ...service, authUrl: `${application}/details` }).requestToken(),
    'authUrl by POST': () =>
      new Auth({ ...service, authUrl: `${application}/jwt`, authMethod: 'POST' }).requestToken(),
    'a redirect within the origin': () =>
      new Auth({
        ...service,
        authUrl: `${application}/moved`,
        authHeaders: { 'x-user': 'ada' },
      }).requestToken(),
    'a TokenRequest': () => new Auth({ ...service, authUrl: `${application}/request` }).requestToken(),
    'time()': () => withKey.time(),
    'auth.fetch() of a path': async () => checked(await withKey.fetch('/time')),
    'auth.fetch() with a text': async () =>
      checked(await withKey.fetch('/channels/a/messages', { ...post, body: message })),
    'auth.fetch() with bytes': async () =>
      checked(
        await withKey.fetch('/channels/a/messages', { ...post, body: new TextEncoder().encode(message) }),
      ),
    'auth.fetch() of a Request': async () =>
      checked(await withKey.fetch(new Request(`${rest}/channels/a/messages`, { ...post, body: message }))),
  };
  const faults: string[] = [];
  for (const [name, ask] of Object.entries(asked)) {
    await ask().catch((error: unknown) => faults.push(`${name}: ${error} ${(error as Error).cause}`));
  }
  // Read no further than the limit, and cut off, whatever the stream is.
  const endless = new Auth({ ...service, authUrl: `${application}/endless` });
  const told = await endless.requestToken().catch((error: Error) => error.message);
  if (!String(told).includes('longer than 131072 bytes')) faults.push(`an endless answer: ${told}`);
  withKey.dispose();
  return faults;
}

async function checked(response: Response): Promise<void> {
  const body = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${body}`);
}

/** A `fetch` over axios, as apps write one that have interceptors there. */
function overAxios(axios: { request(config: object): Promise<AxiosAnswer> }): Fetch {
  return async (url, { method = 'GET', headers, body, signal }) => {
    const {
      data,
      status,
      headers: received,
    } = await axios.request({
      ...{ url, method, headers, data: body, signal, responseType: 'stream', maxRedirects: 0 },
      validateStatus: () => true,
    });
    const hasBody = status !== 204 && status !== 304;
    return new Response(hasBody ? (Readable.toWeb(data) as ReadableStream<Uint8Array<ArrayBuffer>>) : null, {
      status,
      headers: Object.fromEntries(Object.entries(received).map(([name, value]) => [name, String(value)])),
    });
  };
}

interface AxiosAnswer {
  readonly data: Readable;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** The names of the functions. */
export const ownFetches = [
  'undici with a ProxyAgent',
  'node-fetch 2',
  'node-fetch 3',
  'ky',
  'axios',
  'a wrapper that logs',
] as const;

/**
 * Everything a client asks for through a `fetch` of the app's: undici with a proxy agent, node-fetch of both
 * versions, ky, axios, a wrapper that logs. Needs a build.
 *
 * @param home a folder that has them installed
 * @returns what was not as it should be, by the name of the function
 */
export async function ownFetch(home: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const require = createRequire(join(home, 'package.json'));
  const load = async (name: string) => await import(pathToFileURL(require.resolve(name)).href);
  const through = await proxy();
  const at = await places();
  const { fetch: undici, ProxyAgent } = await load('undici');
  const dispatcher = new ProxyAgent({ uri: through.address, proxyTunnel: true });
  const { default: ky } = await load('ky');
  const { default: axios } = await load('axios');
  const logged: string[] = [];
  const functions: Readonly<Record<(typeof ownFetches)[number], Fetch>> = {
    'undici with a ProxyAgent': (address, init) => undici(address, { ...init, dispatcher }),
    'node-fetch 2': (await load('node-fetch-2')).default,
    'node-fetch 3': (await load('node-fetch')).default,
    ky: (address, init) => ky(address, { ...init, retry: 0, throwHttpErrors: false, timeout: false }),
    axios: overAxios(axios),
    'a wrapper that logs': (address, init) => {
      logged.push(`${init.method ?? 'GET'} ${address.replace(/\?.*/, '')}`);
      return fetch(address, { ...init, headers: { ...init.headers, 'x-logged': '1' } });
    },
  };
  const faults: Record<string, readonly string[]> = {};
  for (const [name, one] of Object.entries(functions)) faults[name] = await faultsOf(one, at);
  if (through.tunnels() === 0) faults.proxy = ['nothing went through it'];
  if (logged.length < 10) faults.log = logged;
  await dispatcher.close();
  through.close();
  await at.close();
  return faults;
}
