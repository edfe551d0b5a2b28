import {
  type ConnectionReport,
  type ConnectionUpgradeEvent,
  RealtimeConnection,
  type RealtimeConnectionOptions,
} from '../../src/connection/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer } from './connection-server.js';

/** The result of a push so far. */
export interface Outcome {
  /** `undefined` while it is pending. */
  result:
    | 'accepted'
    | { readonly code?: number; readonly name?: string; readonly message?: string }
    | undefined;
  readonly abort: AbortController;
}

/** A RealtimeConnection on a virtual clock, between a scripted server and an Auth that the test plays. */
export class ConnectionHarness {
  readonly clock = new VirtualClock();
  readonly server = new ScriptedServer();
  readonly connection: RealtimeConnection;
  /** Every report, as text. */
  readonly reports: string[] = [];
  /** Every change of state and every update, as text. */
  readonly changes: string[] = [];
  readonly detach: () => void;

  constructor(
    options: RealtimeConnectionOptions = {},
    { attached = true, hosts = [] as string[] | null } = {},
  ) {
    this.connection = new RealtimeConnection({
      clock: this.clock,
      random: () => 0,
      autoConnect: false,
      WebSocket: this.server.WebSocket,
      ...(hosts === null ? {} : { fallbackHosts: hosts }),
      ...options,
    });
    this.connection.onStateChange(({ event, reason, retryIn }) => {
      const why = reason === undefined ? '' : ` ${reason.code}`;
      const when = retryIn === undefined ? '' : ` in ${retryIn}`;
      this.changes.push(`${event}${why}${when}`);
    });
    this.detach = attached ? this.attach() : () => {};
  }

  attach(): () => void {
    return this.connection.attach((report) => this.reports.push(inWords(report)));
  }

  push(type: Exclude<ConnectionUpgradeEvent['type'], 'connection.fail'>, token: string): Outcome {
    const outcome: Outcome = { result: undefined, abort: new AbortController() };
    this.connection.push({ type, token: { token } }, outcome.abort.signal).then(
      () => {
        outcome.result = 'accepted';
      },
      (reason) => {
        outcome.result = reason;
      },
    );
    return outcome;
  }

  /** A connected harness with an accepted token. The records are empty. */
  async connected(token = 'token-1'): Promise<this> {
    this.push('connection.open', token);
    await this.clock.advance(0);
    this.reports.length = 0;
    this.changes.length = 0;
    return this;
  }
}

function inWords(report: ConnectionReport): string {
  switch (report.type) {
    case 'connection.changed':
      return report.reason === undefined ? report.state : `${report.state} ${report.reason.code}`;
    case 'token.refused':
      return `${report.type} ${report.error.code}`;
    case 'identity.confirmed':
      return `${report.type} ${report.clientId}`;
    default:
      return report.type;
  }
}
