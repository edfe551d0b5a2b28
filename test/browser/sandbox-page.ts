import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { createSandbox } from 'latchkey/sandbox';

/** Each way to authenticate, and both formats, with the sandbox in this page. */
async function run(): Promise<Record<string, unknown>> {
  const sandbox = createSandbox();
  const { key } = sandbox.createApp({ keys: [{ revocableTokens: true }] });
  const { fetch, WebSocket } = sandbox;
  const issuer = new Auth({ key, fetch, logLevel: 'none' });
  const connection = new RealtimeConnection({ WebSocket });
  const auth = new Auth({
    authCallback: () => issuer.createTokenRequest({ clientId: 'ada', ttl: 60_000 }),
    fetch,
    connection,
  });
  const { clientId } = await auth.authorize();
  const first = auth.tokenDetails?.token;
  await auth.authorize();
  const refused = await new Auth({ key: `${key}x`, fetch, logLevel: 'none' })
    .requestToken()
    .catch(({ code, statusCode }: { code: number; statusCode: number }) => ({ code, statusCode }));
  const listened = await sandbox
    .listen()
    .catch(({ code, message, remediation }: Record<string, unknown>) => ({ code, message, remediation }));
  const packed = await fetch('https://any.example/time', { headers: { accept: 'application/x-msgpack' } });
  const again = auth.once('authorized', { signal: AbortSignal.timeout(10_000) });
  sandbox.revokeTokens('ada');
  await again;
  const seen = {
    clientId,
    isReplaced: first !== auth.tokenDetails?.token,
    connection: sandbox.connections.map((one) => one.clientId),
    refused,
    listened,
    packed: packed.headers.get('content-type'),
  };
  auth.dispose();
  issuer.dispose();
  await sandbox.dispose();
  return { ...seen, disposed: await sandbox.listen().catch((error: Error) => error.message) };
}

Object.assign(globalThis, { run });
