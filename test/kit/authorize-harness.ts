import { onTestFinished } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import {
  Auth,
  type AuthCallback,
  type CallbackResult,
  type ClientOptions,
  type TokenDetails,
  type TokenParams,
} from '../../src/index.js';
import { type ScriptedSource, scriptedSource } from '../../src/testing/scripted-source.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer, wireError } from './connection-server.js';

/**
 * The state of the connection when `authorize()` is called; `for a token`: it has asked for its first token.
 */
export type Start =
  | 'initialized'
  | 'connecting'
  | 'connecting for a token'
  | 'connected'
  | 'disconnected'
  | 'suspended'
  | 'closing'
  | 'closed'
  | 'failed';

/** A call of `authorize()` and its result so far. */
export interface Call {
  result: 'waits' | { readonly token: string } | { readonly code?: number; readonly statusCode?: number };
  readonly promise: Promise<TokenDetails>;
}

/** A client and its connection, with a scripted source and server. */
export class AuthorizeHarness {
  readonly clock = new VirtualClock();
  readonly server = new ScriptedServer();
  readonly source: ScriptedSource = scriptedSource(this.clock, { ttl: 3_600_000 });
  readonly connection: RealtimeConnection;
  readonly auth: Auth;
  /** Every change of state and every update, as text. */
  readonly changes: string[] = [];
  /** The log of the connection. */
  readonly log: string[] = [];

  #gate: Promise<void> | undefined;
  #openGate: () => void = () => {};

  constructor(options: Partial<ClientOptions> = {}) {
    const { clock } = this;
    this.connection = new RealtimeConnection({
      clock,
      random: () => 0.4,
      autoConnect: false,
      fallbackHosts: [],
      disconnectedRetryTimeout: 2_000,
      WebSocket: this.server.WebSocket,
      logHandler: (line, level) => this.log.push(`${level}: ${line}`),
    });
    this.connection.onStateChange(({ event, reason }) =>
      this.changes.push(reason === undefined ? event : `${event} ${reason.code}`),
    );
    const authCallback: AuthCallback = async (params, answer) => {
      await this.#gate;
      if (answer.signal.aborted) throw answer.signal.reason;
      return await (this.source.authCallback(params, answer) as Promise<CallbackResult>);
    };
    this.auth = new Auth({ authCallback, clock, random: () => 0.4, connection: this.connection, ...options });
    onTestFinished(() => {
      this.auth.dispose();
      this.connection.dispose();
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`);
    });
  }

  /** The tokens in AUTH messages. */
  get auths(): unknown[] {
    return this.server.lines
      .flatMap(({ received }) => received)
      .filter(({ action }) => action === 17)
      .map(({ auth }) => (auth as { accessToken: string }).accessToken);
  }

  async reach(start: Start): Promise<this> {
    const { clock, connection, server } = this;
    switch (start) {
      case 'initialized':
        break;
      case 'connecting':
        server.onOpen = 'silence';
        connection.connect();
        break;
      case 'connecting for a token':
        // The source is asked, and answers as it does when authorize() is called.
        this.#gate = new Promise((open) => {
          this.#openGate = open;
        });
        connection.connect();
        break;
      default:
        connection.connect();
        await clock.advance(0);
        await this.#leave(start);
    }
    await clock.advance(0);
    const [state] = start.split(' ');
    if (connection.state !== state) throw new Error(`it is ${connection.state}, not ${start}`);
    server.onOpen = 'accept';
    this.changes.length = 0;
    return this;
  }

  async #leave(start: Start): Promise<void> {
    const { clock, connection, server } = this;
    if (start === 'closing') server.onClose = 'silence';
    if (start === 'closing' || start === 'closed') connection.close();
    if (start === 'failed') server.line.send({ action: 9, error: wireError(50000) });
    if (start === 'disconnected' || start === 'suspended') {
      server.onOpen = 'break';
      server.line.break();
    }
    await clock.advance(start === 'suspended' ? 120_000 : 0);
  }

  authorize(tokenParams?: TokenParams): Call {
    const promise = this.auth.authorize(tokenParams);
    this.#openGate();
    const call: Call = { result: 'waits', promise };
    promise.then(
      ({ token }) => {
        call.result = { token };
      },
      (error) => {
        call.result = error;
      },
    );
    return call;
  }

  /** Checks that everything works again: the next call must succeed. */
  async recovers(): Promise<void> {
    this.source.comeUp();
    this.server.onOpen = 'accept';
    this.server.onAuth = 'accept';
    this.server.onClose = 'closed';
    this.server.details = { clientId: null };
    const call = this.authorize({ ttl: 1_800_000 });
    await this.clock.advance(0);
    if (typeof call.result === 'string' || !('token' in call.result)) {
      throw new Error(`the next authorize(): ${String(call.result)}`);
    }
    const { state } = this.connection;
    const { token } = call.result;
    const last = this.server.tokens.at(-1);
    if (state !== 'connected' || last !== token || this.auth.tokenDetails?.token !== token) {
      throw new Error(`${state} with ${last}, and ${this.auth.tokenDetails?.token} is in use, not ${token}`);
    }
  }
}
