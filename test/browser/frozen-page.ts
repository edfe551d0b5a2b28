import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';

/** What the test sees of the page. */
export interface FrozenPage {
  /** The changes of the connection, with their reasons. */
  readonly happened: readonly string[];
  readonly state: string;
}

const service = {
  endpoint: '127.0.0.1',
  port: Number(new URLSearchParams(location.search).get('port')),
  tls: false,
} as const;
/** A platform that reports nothing, and a service that soon notices. */
const unreported = {
  environment: { isOnline: () => true, watch: () => () => {} },
  transportParams: { heartbeatInterval: 5_000 },
  realtimeRequestTimeout: 5_000,
} as const;
const isUnreported = new URLSearchParams(location.search).has('unreported');
const connection = new RealtimeConnection({ ...service, ...(isUnreported ? unreported : {}) });
const happened: string[] = [];
connection.onStateChange(({ event, reason }) => {
  happened.push(reason === undefined ? event : `${event}: ${reason.message}`);
});
new Auth({ ...service, connection, authUrl: '/token-request' });
connection.connect();

Object.assign(globalThis, { connection, happened, stateNow: () => connection.state });
