import { expect, it } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

const MANY = 1_000;

it('a thousand connections that are re-authenticated at once keep their ids, each with its own token', {
  timeout: 60_000,
}, async () => {
  const clock = new VirtualClock();
  const sandbox = createSandbox({ clock });
  const [key] = sandbox.createApp().keys;
  const issuer = new Auth({ key: key?.keyStr ?? '', clock, fetch: sandbox.fetch });
  const authCallback = () => issuer.requestToken();
  const changes: string[] = [];
  const clients = Array.from({ length: MANY }, () => {
    const { WebSocket } = sandbox;
    const connection = new RealtimeConnection({ clock, random: () => 0, fallbackHosts: [], WebSocket });
    const auth = new Auth({ authCallback, clock, random: () => 0, connection });
    return { auth, connection };
  });
  await clock.advance(0);
  const ids = clients.map(({ connection }) => connection.id);
  expect(new Set(ids).size).toBe(MANY);
  const tokens = new Set(clients.map(({ auth }) => auth.tokenDetails?.token));
  for (const { connection } of clients) connection.onStateChange(({ event }) => changes.push(event));

  await clock.advance(1_000);
  sandbox.askForReauth();
  await clock.advance(1_000);

  expect(clients.map(({ connection }) => connection.id)).toEqual(ids);
  expect(changes).toEqual(Array.from({ length: MANY }, () => 'update'));
  for (const { auth } of clients) tokens.add(auth.tokenDetails?.token);
  expect(tokens.size).toBe(2 * MANY);
  expect(sandbox.connections.filter(({ isConnected }) => isConnected)).toHaveLength(MANY);

  for (const { auth, connection } of clients) {
    auth.dispose();
    connection.dispose();
  }
  issuer.dispose();
  await sandbox.dispose();
  expect(clock.pending).toBe(0);
});
