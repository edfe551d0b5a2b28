import { type Actor, createActor } from 'xstate';
import { connectionMachine } from '../../../machines/connection.machine.js';
import type { ConnectionEvent } from '../../../machines/connection-context.js';
import { sharing } from '../../../machines/in-time.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { lateInspector } from '../../inspection/late-inspector.js';
import { Secret } from '../../token/secret.js';
import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import { checkTheNetwork, pageWasFrozen, type TransportPorts, transport } from './transport.js';

/** One machine for all connections. */
const machine = sharing(
  connectionMachine.provide({ actors: { transport, 'check the network': checkTheNetwork } }),
);

/** The actor of one connection. */
export type ConnectionActor = Actor<typeof machine>;

/** Makes the actor, without starting it. */
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

/**
 * RTN20: passes the platform's reports about the network and the page to the machine, until the returned function is
 * called.
 */
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
