import type { IncomingMessage, ServerResponse } from 'node:http';
import { Auth } from 'latchkey';
import { createSandbox } from 'latchkey/sandbox';
import type { Connect, Plugin } from 'vite';

/** How long a token lives, ms: short enough to see it renewed. */
const TTL_MS = 60_000;

/**
 * The backend of the examples, inside of Vite's servers: `/api/token` gives tokens of a sandbox. A real
 * one asks who the user is, by its session; this one believes what the page says.
 */
export function backend(): Plugin {
  return {
    name: 'backend',
    configureServer: ({ middlewares, httpServer }) => serve(middlewares, httpServer),
    configurePreviewServer: ({ middlewares, httpServer }) => serve(middlewares, httpServer),
  };
}

function serve(
  middlewares: Connect.Server,
  server: { once(name: 'close', listener: () => void): unknown } | null,
): void {
  const sandbox = createSandbox();
  const [key] = sandbox.createApp().keys;
  const issuer = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
  middlewares.use('/api/token', (request, response) => {
    answer(request, response, issuer).catch((error) => response.writeHead(502).end(String(error)));
  });
  server?.once('close', () => {
    issuer.dispose();
    void sandbox.dispose();
  });
}

async function answer({ url }: IncomingMessage, response: ServerResponse, issuer: Auth): Promise<void> {
  const clientId = new URL(url ?? '/', 'http://backend').searchParams.get('clientId') ?? 'ada';
  const token = await issuer.requestToken({ clientId, ttl: TTL_MS });
  response
    .writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      // No page of another origin may load it, as a script for example.
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .end(JSON.stringify(token));
}
