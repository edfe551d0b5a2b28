import * as Ably from 'ably';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { Scenario } from '../../src/testing/index.js';

const HOUR = 3_600_000;

/** The official SDK on a device with a virtual clock. */
async function device() {
  const scenario = new Scenario();
  const { clock } = scenario;
  const sandbox = createSandbox({ clock });
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const issuer = new Auth({ key, fetch: sandbox.fetch, clock, logLevel: 'none' });
  const transports: (string | null)[] = [];
  const Sockets = sandbox.WebSocket;
  // The SDK takes clock and sockets from here.
  const { Config } = (Ably.Realtime as unknown as { Platform: { Config: object } }).Platform;
  const before = { ...Config };
  Object.assign(Config, {
    WebSocket: class extends Sockets {
      constructor(url: string) {
        super(url);
        transports.push(new URL(url).searchParams.get('access_token'));
      }
    },
    setTimeout: (fn: () => void, ms = 0) => clock.setTimeout(fn, ms),
    clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
    now: () => clock.now(),
  });
  const service = {
    endpoint: 'localhost',
    fallbackHosts: [],
    tls: false,
    useBinaryProtocol: false,
    logLevel: 0,
  };
  const connection = ablyJs((authCallback) => new Ably.Realtime({ authCallback, ...service }), { clock });
  const auth = new Auth({
    authCallback: () => issuer.requestToken({ clientId: 'ada', ttl: HOUR }),
    ...scenario.options,
    connection,
    logLevel: 'none',
  });
  onTestFinished(async () => {
    auth.dispose();
    issuer.dispose();
    connection.client.close();
    await clock.advance(0);
    await sandbox.dispose();
    Object.assign(Config, before);
  });
  await scenario.until(() => connection.state === 'connected');
  return { scenario, clock, sandbox, auth, connection, transports };
}

describe('the official SDK on a machine that slept, which no event reported', () => {
  it.each([
    ['longer than its token lives: it asks for another first', 2 * HOUR, true],
    ['for a minute: it uses its token again', HOUR / 60, false],
  ])('an SDK that was to connect again slept %s', async (_what, sleepMs, isAnother) => {
    const { scenario, clock, sandbox, auth, connection, transports } = await device();
    const { token } = auth.tokenDetails ?? {};
    sandbox.setFault({ connect: 'refuse' });
    let retryIn: number | undefined;
    connection.client.connection.on((change) => {
      retryIn = change.retryIn;
    });
    sandbox.cutConnections();
    await scenario.until(() => connection.state === 'disconnected' && retryIn !== undefined);
    // Nothing but the retry of the SDK is due: the client has no occasion to notice the sleep.
    await clock.advance(Number(retryIn) - 1);
    sandbox.setFault(null);
    transports.length = 0;
    clock.sleep(sleepMs);
    await scenario.until(() => connection.state === 'connected');
    expect(transports).toEqual([auth.tokenDetails?.token]);
    expect(auth.tokenDetails?.token !== token).toBe(isAnother);
  });
});
