import {
  type Clock,
  type ConnectionAdapter,
  type ConnectionReport,
  type ConnectionState,
  type ConnectionUpgradeEvent,
  ErrorInfo,
  isTokenError,
  type TokenDetails,
} from 'latchkey';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Refusal, Verdict } from './server.js';

/** The timers of a clock; the platform's own timers fit. */
type Timers = Pick<Clock, 'setTimeout' | 'clearTimeout'>;

interface Options extends Partial<ManagerOptions & SocketOptions> {
  /** How long the server may take to answer a token, ms. Default: 10,000. */
  readonly answerTimeoutMs?: number;
  readonly timers?: Timers;
}

/** A pushed token that waits for the server's answer. */
interface Push {
  readonly token: TokenDetails;
  resolve(): void;
  reject(error: unknown): void;
}

const platform: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

const closed = (message: string) => new ErrorInfo({ code: 80017, message });

/** A socket.io connection that authenticates when it opens, and in place whenever there is a new token. */
export class SocketIoConnection implements ConnectionAdapter {
  /** The socket itself: listen to it, and emit your own events. */
  readonly socket: Socket;
  readonly #answerTimeoutMs: number;
  readonly #timers: Timers;
  #state: ConnectionState = 'initialized';
  #report: (report: ConnectionReport) => void = () => {};
  #accepted: TokenDetails | null = null;
  #push: Push | null = null;
  #again: unknown;
  #clientId: string | null = null;

  constructor(url: string, { answerTimeoutMs = 10_000, timers = platform, ...options }: Options = {}) {
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#timers = timers;
    // Called at each connection and reconnection: sends the newest token.
    const auth = (give: (data: object) => void) => give({ token: this.#token?.token });
    this.socket = io(url, { ...options, autoConnect: false, forceNew: true, auth });
    this.socket.on('welcome', (clientId: string) => this.#welcome(clientId));
    this.socket.on('connect_error', (error: Error & { data?: Refusal }) => this.#refused(error.data));
    this.socket.on('disconnect', (reason) => this.#dropped(reason));
    this.socket.on('token.asked', () => this.#report({ type: 'token.asked' }));
    this.socket.on('token.refused', (refusal: Refusal) => this.#refused(refusal));
    this.socket.io.on('reconnect_attempt', () => this.#become('connecting'));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  attach(listener: (report: ConnectionReport) => void): () => void {
    this.#report = listener;
    // The next Auth must learn who is connected.
    queueMicrotask(() => {
      if (this.#report === listener && this.#state === 'connected') this.#identify();
    });
    return () => {
      this.#report = () => {};
    };
  }

  /** Opens the connection with the current token, or asks for one. */
  connect(): void {
    if (this.#token !== null) this.#open();
    else {
      this.socket.disconnect();
      this.#become('connecting');
      this.#report({ type: 'token.needed' });
    }
  }

  close(): void {
    this.#leave('closed', closed('the connection was closed'));
  }

  /** The user signed out: the next user connects with a new token. */
  forget(): void {
    this.#accepted = null;
    if (!['initialized', 'closed', 'failed'].includes(this.#state)) this.close();
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (event.type === 'connection.fail') {
      if (event.final === false) {
        // There is no token for now. The next one is pushed when it exists.
        if (this.#state === 'connecting' && this.#token === null) this.#become('disconnected');
        return Promise.resolve();
      }
      this.#accepted = null;
      // A connection that the user closed stays closed.
      if (this.#state !== 'closed') this.#leave('failed', event.error);
      return Promise.resolve();
    }
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#settle()?.reject(closed('a newer token replaced this token'));
    return new Promise((resolve, reject) => {
      const withdraw = () => {
        this.#settle()?.reject(signal.reason);
        // The connection must not be opened with this token: it uses the previous one, or asks for another.
        if (this.#state === 'connecting') this.connect();
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', withdraw);
        settle();
      };
      const push: Push = {
        token: event.token,
        resolve: () => end(resolve),
        reject: (error) => end(() => reject(error)),
      };
      signal.addEventListener('abort', withdraw, { once: true });
      this.#push = push;
      if (event.type === 'connection.upgrade' && this.socket.connected) this.#authenticate(push);
      else this.#open();
    });
  }

  /** The token to connect with: the pending one, or else the last accepted one. */
  get #token(): TokenDetails | null {
    return this.#push?.token ?? this.#accepted;
  }

  #open(): void {
    this.#timers.clearTimeout(this.#again);
    this.#become('connecting');
    this.socket.disconnect().connect();
  }

  /** In place: the socket stays, and each answer belongs to its own question. */
  #authenticate(push: Push): void {
    const late = () => {
      if (this.#push === push) this.#settle()?.reject(new ErrorInfo({ code: 80014, message: 'no answer' }));
    };
    const timer = this.#timers.setTimeout(late, this.#answerTimeoutMs);
    this.socket.emit('authenticate', push.token.token, (verdict: Verdict) => {
      this.#timers.clearTimeout(timer);
      if (this.#push !== push) return;
      if (!('refused' in verdict)) this.#accept(verdict.clientId);
      // If the new token is only expired, the old token is still valid.
      else if (isTokenError(verdict.refused)) this.#settle()?.reject(new ErrorInfo(verdict.refused));
      else this.#leave('failed', new ErrorInfo(verdict.refused));
    });
  }

  #welcome(clientId: string): void {
    this.#become('connected');
    this.#accept(clientId);
  }

  #accept(clientId: string): void {
    this.#accepted = this.#token;
    this.#clientId = clientId;
    this.#settle()?.resolve();
    this.#identify();
  }

  #identify(): void {
    this.#report({ type: 'identity.confirmed', clientId: this.#clientId });
  }

  /** The server refuses the token: either another token can help, or nothing can. */
  #refused(refusal: Refusal | undefined): void {
    // Without data the network failed, and socket.io tries again by itself.
    if (refusal === undefined) return;
    const error = new ErrorInfo(refusal);
    if (!isTokenError(error)) {
      this.#leave('failed', error);
      return;
    }
    this.#become('connecting');
    this.socket.disconnect();
    this.#accepted = null;
    this.#settle()?.reject(error);
    this.#report({ type: 'token.refused', error });
  }

  /** A connection that was closed on purpose has its state already; any other one reconnects. */
  #dropped(reason: Socket.DisconnectReason): void {
    if (reason === 'io client disconnect') return;
    this.#become('disconnected');
    // socket.io reconnects by itself, except after a disconnect by the server.
    if (reason === 'io server disconnect')
      this.#again = this.#timers.setTimeout(() => this.connect(), this.socket.io.reconnectionDelay());
  }

  #leave(state: 'closed' | 'failed', reason: ErrorInfo): void {
    this.#timers.clearTimeout(this.#again);
    this.#become(state);
    this.socket.disconnect();
    this.#settle()?.reject(reason);
  }

  #settle(): Push | null {
    const push = this.#push;
    this.#push = null;
    return push;
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#report({ type: 'connection.changed', state });
  }
}
