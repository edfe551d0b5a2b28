import type { IncomingMessage, ServerResponse } from 'node:http';
import { Auth } from 'latchkey';
import { createSandbox } from 'latchkey/sandbox';
import type { Connect, Plugin } from 'vite';

/** The lifetime of tokens, ms: short enough to see a renewal. */
const TTL_MS = 60_000;

/**
 * The backend of the examples, inside Vite's servers: `/api/token` returns tokens of a sandbox. A real
 * backend takes the user from the session; this one trusts the page.
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
      // A page of another origin must not load the answer, as a script for example.
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    .end(JSON.stringify(token));
}
