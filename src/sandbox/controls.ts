import { invalidOption } from '../checks/option-checks.js';
import type { Apps } from './apps.js';
import type { FaultPlan } from './fault-plan.js';
import type { Faults } from './faults.js';
import type { ConnectionFacts, Realtime } from './realtime.js';
import { matches, type Revocation } from './revocations.js';
import type { TokenRequests } from './token-requests.js';
import type { Tokens } from './tokens.js';

/** The number of things that a sandbox has in memory. */
export interface SandboxSizes {
  readonly apps: number;
  readonly tokens: number;
  /** TokenRequests that cannot be used a second time. */
  readonly nonces: number;
  /** Connections that are connected or can be resumed. */
  readonly connections: number;
  readonly channels: number;
  readonly messages: number;
  /** Messages, answers and serials that are kept for connections, in case that something did not reach the client. */
  readonly undelivered: number;
}

/** What a test or a developer can trigger, by API or over the control route. */
export interface Controls {
  readonly fault: FaultPlan;
  readonly connections: readonly ConnectionFacts[];
  readonly sizes: SandboxSizes;
  setFault(plan: FaultPlan | null): void;
  expireTokens(): void;
  revokeTokens(clientId?: string): void;
  revokeKey(keyName: string): void;
  askForReauth(): void;
  cutConnections(): void;
}

/** Disconnects the connections whose tokens were revoked, or asks them for a new token first. */
export function endRevoked(all: readonly Revocation[], realtime: Realtime, now: number): void {
  const live = realtime.sessions.filter((session) => session.isConnected);
  for (const one of all) {
    for (const session of live.filter(({ grant }) => matches(one, grant))) {
      if (one.appliesAt <= now) session.disconnect('token revoked');
      else {
        session.ask();
        session.armEnd();
      }
    }
  }
}

/** The controls of these services. */
export function controlsOf({
  apps,
  tokens,
  requests,
  faults,
  realtime,
}: {
  readonly apps: Apps;
  readonly tokens: Tokens;
  readonly requests: TokenRequests;
  readonly faults: Faults;
  readonly realtime: Realtime;
}): Controls {
  const live = () => realtime.sessions.filter((session) => session.isConnected);
  const hasToken = ({ grant }: { readonly grant: { readonly expires: number } }) =>
    Number.isFinite(grant.expires);
  const askForReauth = () => {
    for (const session of live()) session.ask();
  };
  const cutConnections = () => {
    for (const session of live()) session.cut();
  };
  faults.storms = { ask: askForReauth, cut: cutConnections };
  return {
    get fault() {
      return faults.plan;
    },
    get connections() {
      return realtime.connections;
    },
    get sizes() {
      return {
        apps: apps.size,
        tokens: tokens.size,
        nonces: requests.remembered,
        connections: realtime.sessions.length,
        channels: realtime.channels.size,
        messages: realtime.channels.remembered,
        undelivered: realtime.sessions.reduce((sum, session) => sum + session.undelivered, 0),
      };
    },
    setFault(plan) {
      faults.plan = plan ?? {};
      // With another clock, tokens expire at another time.
      for (const session of live()) session.armEnd();
    },
    expireTokens() {
      tokens.expireAll();
      for (const session of live()) if (hasToken(session)) session.disconnect('token expired');
    },
    revokeTokens(given) {
      const clientId = given ?? undefined;
      if (clientId !== undefined && typeof clientId !== 'string')
        throw invalidOption('clientId', 'a string', clientId);
      tokens.revoke(clientId);
      for (const session of live()) {
        if (!hasToken(session) || (clientId !== undefined && session.grant.clientId !== clientId)) continue;
        session.disconnect('token revoked');
      }
    },
    revokeKey(keyName) {
      if (typeof keyName !== 'string') throw invalidOption('keyName', 'a string', keyName);
      apps.revoke(keyName);
      for (const session of realtime.sessions) {
        if (session.grant.keyName === keyName) session.refuse('key/token status changed (revoke)');
      }
    },
    askForReauth,
    cutConnections,
  };
}
