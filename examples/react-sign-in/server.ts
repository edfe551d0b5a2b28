import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { Auth } from 'latchkey';
import { createSandbox } from 'latchkey/sandbox';
import { refuse, tokenEndpoint } from 'latchkey/server';
import { nodeListener } from 'latchkey/server/node';
import type { Connect, Plugin } from 'vite';

/** The passwords. Yours are hashed, in a database. */
const passwords = new Map([
  ['ada', 'engine'],
  ['grace', 'compiler'],
]);

/** The users by session. */
const sessions = new Map<string, string>();

function sessionIn(cookie: string | null | undefined): string {
  return /(?:^|;\s*)session=([\w-]+)/.exec(cookie ?? '')?.[1] ?? '';
}

/** The server, inside Vite's. The cookie alone tells who asks for a token: a page cannot choose its user. */
export function server(): Plugin {
  return {
    name: 'server',
    configureServer: ({ middlewares, httpServer }) => serve(middlewares, httpServer),
    configurePreviewServer: ({ middlewares, httpServer }) => serve(middlewares, httpServer),
  };
}

async function serve(
  middlewares: Connect.Server,
  http: { once(name: 'close', listener: () => void): unknown } | null,
): Promise<void> {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const [key] = sandbox.createApp().keys;
  const auth = new Auth({ key: key?.keyStr ?? '', useTokenAuth: true, endpoint: host, port, tls: false });
  const endpoint = tokenEndpoint({
    auth,
    format: 'token',
    grant(request) {
      const user = sessions.get(sessionIn(request.headers.get('cookie')));
      return user === undefined
        ? refuse(401)
        : { clientId: user, capability: { 'chat:*': ['subscribe'] }, ttl: 60_000 };
    },
  });
  middlewares.use('/api/token', nodeListener(endpoint));
  middlewares.use('/api/session', (request, response) => {
    session(request, response, { host, port }).catch(() => response.writeHead(400).end());
  });
  http?.once('close', () => {
    auth.dispose();
    void sandbox.dispose();
  });
}

/** GET tells who is signed in, POST signs in, DELETE signs out. */
async function session(
  request: IncomingMessage,
  response: ServerResponse,
  service: { readonly host: string; readonly port: number },
): Promise<void> {
  const id = sessionIn(request.headers.cookie);
  const headers = { 'cache-control': 'no-store', 'content-type': 'application/json' };
  if (request.method === 'GET') {
    const user = sessions.get(id) ?? null;
    return void response.writeHead(200, headers).end(JSON.stringify({ user, ...service }));
  }
  // A form of another site can send neither JSON nor this cookie.
  if (request.headers['content-type'] !== 'application/json') return void response.writeHead(415).end();
  if (request.method === 'DELETE') {
    sessions.delete(id);
    return void response.writeHead(204, { 'set-cookie': 'session=; Path=/; Max-Age=0' }).end();
  }
  const { user, password } = JSON.parse(await text(request)) as { user: string; password: string };
  if (password === undefined || passwords.get(user) !== password) return void response.writeHead(403).end();
  const made = randomUUID();
  sessions.set(made, user);
  response.writeHead(204, { 'set-cookie': `session=${made}; Path=/; HttpOnly; SameSite=Strict` }).end();
}
