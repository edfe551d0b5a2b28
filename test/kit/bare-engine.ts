import { randomBytes } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Context, createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { WebSocket } from 'ws';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { type TokenFormat, tokenEndpoint } from '../../src/server/index.js';
import { nodeListener } from '../../src/server/listener.node.js';
import type { Job } from './react-native-job.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A script for a context, of a file and all that it imports, as a bundler for React Native makes it. */
export async function scriptOf(path: string, name: string, conditions: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [at(path)],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: name,
    platform: 'browser',
    mainFields: ['module', 'main'],
    target: 'es2022',
    conditions: [...conditions, 'react-native'],
  });
  return outputFiles[0]?.text ?? '';
}

/** A context with nothing but the language, timers, a console, and what it is given. */
export function bareContext(given: object = {}): Context {
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval };
  return createContext({ console, ...timers, ...given });
}

export const run = <T>(script: string, context: Context): T => runInContext(script, context) as T;

/** What React Native does outside of JavaScript. */
export async function nativeRequest(request: {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}): Promise<{ status: number; url: string; headers: Record<string, string>; text: string }> {
  const { url, method, headers, body } = request;
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return {
    status: response.status,
    url: response.url,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}

export { WebSocket };

/** The service and an application, on loopback. */
export async function places(): Promise<{ readonly job: Job; close(): Promise<void> }> {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const issuer = new Auth({ key, endpoint: host, port, tls: false, useTokenAuth: true });
  const answerIn = (format: TokenFormat) =>
    nodeListener(tokenEndpoint({ auth: issuer, format, grant: () => ({ capability: { '*': ['*'] } }) }));
  const routes = {
    '/request': answerIn('token-request'),
    '/details': answerIn('token'),
    '/jwt': answerIn('jwt'),
  };
  const away = await listening(
    createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('a-token');
    }),
  );
  const application = await listening(
    createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://application');
      if (url.pathname === '/moved') return void response.writeHead(307, { location: './details' }).end();
      if (url.pathname === '/endless') return endless(response);
      if (url.pathname === '/away') return void response.writeHead(302, { location: away.origin }).end();
      if (url.pathname !== '/echo') return routes[url.pathname as keyof typeof routes](request, response);
      let form = '';
      request.setEncoding('utf8').on('data', (text) => {
        form += text;
      });
      request.on('end', () => {
        const all = new URLSearchParams([...url.searchParams, ...new URLSearchParams(form)]);
        const users = all.getAll('user');
        const text = [all.get('sig'), users.at(-1), all.get('a b')].join('|');
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token: text }));
      });
    }),
  );
  return {
    job: {
      host,
      port,
      key,
      application: application.origin,
      tokenRequest: () => issuer.createTokenRequest(),
      randomBytes: (count) => new Uint8Array(randomBytes(count)),
    },
    close: async () => {
      issuer.dispose();
      await Promise.all([sandbox.dispose(), application.close(), away.close()]);
    },
  };
}

/** An answer that never ends, as fast as it is read. */
function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
  };
  response.on('drain', more);
  more();
}

async function listening(server: Server): Promise<{ readonly origin: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
