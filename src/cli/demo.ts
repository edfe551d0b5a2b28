import { createSandbox } from '../sandbox/index.js';
import { type Demo, type DemoOptions, demoOf } from './demo-client.js';
import { ShiftableClock } from './shiftable-clock.js';
import { startTokenEndpoint } from './token-endpoint.js';

/** Starts a service, an application's token endpoint and a client, over real sockets. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const clock = new ShiftableClock();
  const sandbox = createSandbox({ clock });
  const { port, host } = await sandbox.listen();
  const { key } = sandbox.createApp({ keys: [{ revocableTokens: true }] });
  const tokenEndpoint = await startTokenEndpoint({ key, clock, latencyMs: options.latencyMs });
  const address = { endpoint: host, port, tls: false } as const;
  return demoOf({ clock, sandbox, key, tokenEndpoint, address }, options);
}
