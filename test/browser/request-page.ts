import { RealtimeConnection } from '../../src/connection/index.js';
import { isReachable } from '../../src/connection/realtime/connectivity.js';
import { Auth, type ClientOptions } from '../../src/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

/** Where the service is. */
export interface Service {
  readonly endpoint: string;
  readonly port: number;
}

/** What of its options can be said from outside of the page. */
export type Asking = Pick<
  ClientOptions,
  'authUrl' | 'authMethod' | 'authHeaders' | 'authCredentials' | 'key'
>;

const made = (service: Service, options: Asking): Auth =>
  new Auth({ ...service, tls: false, logLevel: 'none', useTokenAuth: true, ...options });

/** What the tests call. */
export const requestPage = {
  /** The token, or the message of the error. */
  async token(service: Service, options: Asking): Promise<string> {
    const auth = made(service, options);
    const { token } = await auth.requestToken().catch((error: Error) => ({ token: error.message }));
    auth.dispose();
    return token;
  },
  async clientId(service: Service, options: Asking): Promise<string | null | undefined> {
    const auth = made(service, options);
    const { clientId } = await auth.authorize();
    auth.dispose();
    return clientId;
  },
  async time(service: Service, options: Asking): Promise<number> {
    return await made(service, options).time();
  },
  async read(service: Service, options: Asking): Promise<number> {
    const response = await made(service, options).fetch('/time');
    await response.text();
    return response.status;
  },
  async reachable(url: string): Promise<boolean> {
    const look = { url, fetch: fetch.bind(globalThis), clock: new VirtualClock(), timeoutMs: 60_000 };
    return await isReachable(look, new AbortController().signal);
  },
  /** By a connection: a token for it to open with, and one to go on with. */
  async connected(service: Service, options: Asking): Promise<string> {
    const connection = new RealtimeConnection({ ...service, tls: false, logLevel: 'none' });
    const auth = new Auth({ ...service, tls: false, logLevel: 'none', ...options, connection });
    await auth.getToken();
    await auth.authorize();
    const { state } = connection;
    auth.dispose();
    connection.dispose();
    return state;
  },
};

export type RequestPage = typeof requestPage;

Object.assign(globalThis, { requestPage });

// As a worker it is asked by messages.
if (typeof document === 'undefined') {
  addEventListener('message', ({ data }) => {
    const [service, options] = data as [Service, Asking];
    requestPage.token(service, options).then((token) => postMessage(token));
  });
}
