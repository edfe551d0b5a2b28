import type { Elsewhere } from '../checks/option-checks.js';

/** The options that only Ably's SDK has, which sends and receives messages: no entry of Latchkey takes them. */
export const sdkOptions: Elsewhere[number] = [
  "It is an option of Ably's SDK, which sends and receives messages: new Ably.Realtime({ … }).",
  'addRequestIds channelRetryTimeout closeOnUnload disableConnectivityCheck idempotentRestPublishing maxMessageSize plugins pushServiceWorkerUrl queueMessages recoveryKeyStorageName restAgentOptions strictMode transports useBinaryProtocol wsConnectivityCheckUrl',
];

/** The options of a `RealtimeConnection` that the client does not have. */
export const connectionOptions: Elsewhere[number] = [
  'It is an option of the connection: new RealtimeConnection({ … }).',
  'autoConnect disconnectedRetryTimeout suspendedRetryTimeout connectionStateTtl connectivityCheckUrl WebSocket transportParams agent recover echoMessages',
];
