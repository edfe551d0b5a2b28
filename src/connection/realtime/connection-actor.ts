import { type ActorRefFrom, createActor } from 'xstate';
import { connectionMachine } from '../../../machines/connection.machine.js';
import type { ConnectionEvent } from '../../../machines/connection-context.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { lateInspector } from '../../inspection/late-inspector.js';
import { Secret } from '../../token/secret.js';
import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import { checkTheNetwork, pageWasFrozen, type TransportPorts, transport } from './transport.js';

/** The machine of every connection, provided once. */
const machine = connectionMachine.provide({ actors: { transport, 'check the network': checkTheNetwork } });

/** The actor of one connection. */
export type ConnectionActor = ActorRefFrom<typeof machine>;

/** Makes it; it is not started yet. */
export function connectionActor(
  { clock, fallbackHosts, inspect, key, log, times, url }: ParsedConnectionOptions,
  ports: TransportPorts,
): ConnectionActor {
  return createActor(machine, {
    id: 'connection',
    systemId: 'connection',
    clock,
    input: {
      ports: new Secret(ports, 'ports'),
      times,
      usesKey: key !== undefined,
      clientId: url.clientId ?? undefined,
      fallbackHosts,
    },
    ...(inspect === undefined
      ? {}
      : { inspect: lateInspector(connectionParts.inspection, inspect, () => false, log) }),
  });
}

/** RTN20: tells the machine what the platform says of the network and of the page, until the returned function is called. */
export function watchNetwork(
  { environment }: ParsedConnectionOptions,
  send: (event: ConnectionEvent) => void,
): () => void {
  return environment.watch((what) => {
    if (what === 'online') send({ type: 'network.back' });
    if (what === 'awake') send({ type: 'page.shown' });
    if (what === 'frozen') send({ type: 'page.frozen', error: pageWasFrozen() });
    if (what !== 'offline') return;
    send({ type: 'network.lost', error: new ErrorInfo({ code: 80003, message: 'the network is gone' }) });
  });
}
