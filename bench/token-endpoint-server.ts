import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as Ably from 'ably';
import { Auth } from 'latchkey';
import { tokenEndpoint } from 'latchkey/server';
import { nodeListener } from 'latchkey/server/node';
import { FastResponse } from 'srvx';

const KEY = 'appId.keyId:a-secret-as-long-as-those-of-ably-are-43-chr';
const HOUR_MS = 3_600_000;
const FIXED = JSON.stringify({ fixed: 'x'.repeat(288) });

const grant = (): { clientId: string; ttl: number; capability: Record<string, Ably.capabilityOp[]> } => ({
  clientId: 'ada',
  ttl: HOUR_MS,
  capability: { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] },
});

const auth = new Auth(KEY);
const rest = new Ably.Rest({ key: KEY, logLevel: 0 });

/** An endpoint that an application would write with the SDK: the same listener, the same kind of Response. */
async function byAbly(request: Request): Promise<Response> {
  const asked = new URL(request.url).searchParams.get('ttl');
  const { ttl, ...rights } = grant();
  const signed = await rest.auth.createTokenRequest({
    ...rights,
    ttl: asked === null ? ttl : Math.min(ttl, Number(asked)),
  });
  return new FastResponse(JSON.stringify(signed), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

const listeners: Readonly<Record<string, RequestListener>> = {
  bare: (_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': FIXED.length })
      .end(FIXED);
  },
  latchkey: nodeListener(tokenEndpoint({ auth, grant })),
  jwt: nodeListener(tokenEndpoint({ auth, grant, format: 'jwt' })),
  ably: nodeListener(byAbly),
};

const ports: Record<string, number> = {};
for (const [name, listener] of Object.entries(listeners)) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ports[name] = (server.address() as AddressInfo).port;
}
process.stdout.write(`${JSON.stringify(ports)}\n`);
