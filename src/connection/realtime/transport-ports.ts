import type { ParsedConnectionOptions } from './options.js';
import { connectionParts } from './parts.js';
import type { TransportPorts } from './transport.js';
import { connectionUrl } from './url.js';

/** What a transport needs to know about its connection. */
interface Owner extends Pick<TransportPorts, 'opened' | 'passOn' | 'hasSlept'> {
  /** The Auth that the connection is attached to. */
  attachedId(): string | undefined;
}

/** Makes the ports of transports from the options of a connection. */
export function transportPorts(options: ParsedConnectionOptions, owner: Owner): TransportPorts {
  const { WebSocket, clock, connectivityCheckUrl, fetch, key, log, random, secrets, times, url } = options;
  const { failures } = connectionParts;
  const timeoutMs = times.requestTimeoutMs;
  return {
    clock,
    log,
    secrets,
    graceMs: timeoutMs,
    random,
    open: ({ token, resume, host }) => {
      if (failures.loaded === undefined) failures.load().catch(() => {});
      const credentials =
        token === null && key !== undefined ? { key: key.expose() } : { accessToken: token ?? '' };
      const clientId = url.clientId ?? owner.attachedId() ?? null;
      return new WebSocket(connectionUrl({ ...url, clientId }, { credentials, resume, host }));
    },
    opened: owner.opened,
    passOn: owner.passOn,
    hasSlept: owner.hasSlept,
    // Without a network the code cannot be loaded either.
    isReachable: (signal) =>
      failures.load().then(
        ({ isReachable }) => isReachable({ url: connectivityCheckUrl, fetch, clock, timeoutMs }, signal),
        () => false,
      ),
  };
}
