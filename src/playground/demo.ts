import { type Demo, type DemoOptions, demoOf } from '../cli/demo-client.js';
import { ShiftableClock } from '../cli/shiftable-clock.js';
import { createSandbox } from '../sandbox/index.js';
import { memoryEndpoint } from './token-endpoint.js';

/** Where the service would be. The domain is reserved, so that it is no host of anyone. */
const ADDRESS = { endpoint: 'realtime.example', port: 80, tls: false } as const;

/** A service, an auth server and a client in this page. Nothing of it uses a network. */
export function playgroundDemo(options: DemoOptions): Demo {
  const clock = new ShiftableClock();
  const sandbox = createSandbox({ clock });
  const { key } = sandbox.createApp({ keys: [{ revocableTokens: true }] });
  const tokenEndpoint = memoryEndpoint(key, clock, options.latencyMs);
  const reach: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    return await (tokenEndpoint.isFor(request) ? tokenEndpoint.answer(request) : sandbox.fetch(request));
  };
  const parts = { clock, sandbox, key, tokenEndpoint, address: ADDRESS };
  return demoOf({ ...parts, fetch: reach, WebSocket: sandbox.WebSocket }, options);
}
