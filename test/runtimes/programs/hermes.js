// The main job in the program `hermes`, which has neither network nor console: the answers of the service were recorded.
import { AbortController } from 'abort-controller/dist/abort-controller.mjs';
import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { Scenario } from 'latchkey/testing';

/* global given, print */
globalThis.AbortController ??= AbortController;
const { key, tokenRequest, details, frames } = JSON.parse(given);
const outcome = {};
const asked = [];

const json = (value) => ({
  ok: true,
  status: 200,
  url: '',
  headers: { get: (name) => (name.toLowerCase() === 'content-type' ? 'application/json' : null) },
  text: async () => JSON.stringify(value),
});

async function fetch(address, { method, body }) {
  asked.push(method);
  if (address.includes('/token-request')) return json(tokenRequest);
  if (address.includes('/requestToken') && JSON.parse(body).mac !== tokenRequest.mac)
    throw new Error(`another TokenRequest: ${body}`);
  return json(details);
}

/** Answers the first token and each later one as the sandbox did. */
class RecordedSocket {
  constructor() {
    this.sent = [];
    Promise.resolve().then(() => {
      this.onopen?.({});
      this.onmessage?.({ data: frames[0] });
    });
  }
  send(data) {
    if (JSON.parse(data).action === 17) Promise.resolve().then(() => this.onmessage?.({ data: frames[1] }));
  }
  close() {
    Promise.resolve().then(() => this.onclose?.({ code: 1000, reason: '', wasClean: true }));
  }
}

const device = new Scenario();
const common = { endpoint: 'example.com', fetch, logLevel: 'none', ...device.options };

const steps = {
  TokenRequest: async () => {
    const auth = new Auth({ authUrl: 'https://example.com/token-request', ...common });
    return (await auth.authorize()).token === details.token || 'another token';
  },
  'authUrl GET': async () => {
    await new Auth({ authUrl: 'https://example.com/token', ...common }).authorize();
    return asked[asked.length - 1] === 'GET' || asked.join();
  },
  'authUrl POST': async () => {
    await new Auth({ authUrl: 'https://example.com/token', authMethod: 'POST', ...common }).authorize();
    return asked[asked.length - 1] === 'POST' || asked.join();
  },
  renewal: async () => {
    let count = 0;
    const authCallback = async () => {
      count += 1;
      const issued = device.clock.now();
      return { token: `token-${count}`, issued, expires: issued + 60_000 };
    };
    const auth = new Auth({ authCallback, ...common });
    await auth.authorize();
    await device.clock.advance(600_000);
    return (auth.state.value === 'authorized' && count > 9) || `${auth.state.value} after ${count}`;
  },
  connection: async () => {
    const connection = new RealtimeConnection({ WebSocket: RecordedSocket, ...common, random: undefined });
    const auth = new Auth({ authUrl: 'https://example.com/token', connection, ...common });
    await auth.authorize();
    const { state, id } = connection;
    await auth.authorize();
    outcome.upgrade =
      (connection.id === id && connection.state === 'connected') || `became ${connection.state}`;
    return (state === 'connected' && id !== undefined) || `is ${state}`;
  },
  signing: async () => {
    // Random enough for a nonce that is used once.
    const randomBytes = (length) => Uint8Array.from({ length }, () => Math.random() * 256);
    const auth = new Auth({ key, ...common, clock: undefined, randomBytes });
    outcome.signed = JSON.stringify(await auth.createTokenRequest({ clientId: 'ädä', ttl: 60_000 }));
    return true;
  },
};

async function doAll() {
  for (const [name, step] of Object.entries(steps)) {
    outcome[name] = await step().catch((error) => `${error?.message}`);
  }
  print(JSON.stringify(outcome));
}
doAll();
