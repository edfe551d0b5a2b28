import type {
  ConnectionStateChange,
  ProtocolMessage,
  RealtimeConnection,
} from '../../../src/connection/index.js';
import type { VirtualClock } from '../../../src/testing/virtual-clock.js';
import type { Line, WireError } from '../../kit/connection-server.js';

export type ChannelState =
  | 'initialized'
  | 'attaching'
  | 'attached'
  | 'detaching'
  | 'detached'
  | 'suspended'
  | 'failed';

/** An error as a server or a connection reports it. */
export type Reason = Pick<WireError, 'code' | 'statusCode' | 'message'>;

interface ChannelChange {
  readonly previous: ChannelState;
  readonly current: ChannelState;
  readonly reason?: Reason;
}

interface Promised {
  resolve(): void;
  reject(reason: Reason): void;
}

/** Ably's protocol actions that channels are made of. @see TR2 */
const ACK = 1;
export const NACK = 2;
export const ERROR = 9;
export const ATTACH = 10;
export const ATTACHED = 11;
export const DETACH = 12;
export const DETACHED = 13;
export const PRESENCE = 14;
export const MESSAGE = 15;

const LOST: Reason = { code: 90007, statusCode: 408, message: 'no answer in time' };

/**
 * As much of a channel as the cases need, built only on what a connection passes on: `send()`, `messages$`,
 * and its changes of state.
 */
export class Channel {
  readonly changes: ChannelChange[] = [];
  state: ChannelState = 'initialized';
  errorReason: Reason | null = null;
  readonly #connection: RealtimeConnection;
  readonly #clock: VirtualClock;
  readonly #name: string;
  readonly #timeouts: { readonly requestMs: number; readonly retryMs: number };
  readonly #unanswered = new Map<number, Promised>();
  #pending: Promised | undefined;
  #timer: unknown;
  #serial = 0;

  constructor(
    { clock, connection }: { readonly clock: VirtualClock; readonly connection: RealtimeConnection },
    name: string,
    timeouts = { requestMs: 10_000, retryMs: 15_000 },
  ) {
    this.#clock = clock;
    this.#connection = connection;
    this.#name = name;
    this.#timeouts = timeouts;
    connection.messages$.subscribe((message) => this.#take(message));
    connection.onStateChange((change) => this.#connectionIs(change));
  }

  attach(): Promise<void> {
    return this.#ask('attaching', ATTACH);
  }

  detach(): Promise<void> {
    return this.#ask('detaching', DETACH);
  }

  publish(name: string): Promise<void> {
    return this.#submit({ action: MESSAGE, messages: [{ name }] });
  }

  /** Enters presence, as the client or for another clientId. @see RTP8, RTP14 */
  enter(clientId?: string): Promise<void> {
    const presence = [{ action: 2, ...(clientId === undefined ? {} : { clientId }) }];
    return this.#submit({ action: PRESENCE, presence });
  }

  /** RTN7a: it is answered with ACK or NACK. */
  #submit(message: ProtocolMessage): Promise<void> {
    const msgSerial = this.#serial++;
    return new Promise((resolve, reject) => {
      this.#unanswered.set(msgSerial, { resolve, reject });
      this.#connection.send({ ...message, channel: this.#name, msgSerial });
    });
  }

  #ask(state: 'attaching' | 'detaching', action: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#become(state);
      this.#timer = this.#clock.setTimeout(() => this.#becomeSuspended(), this.#timeouts.requestMs);
      this.#connection.send({ action, channel: this.#name });
    });
  }

  #becomeSuspended(): void {
    this.#become('suspended', LOST);
    this.#timer = this.#clock.setTimeout(
      () => this.#ask('attaching', ATTACH).catch(() => {}),
      this.#timeouts.retryMs,
    );
  }

  #take({ action, channel, error, msgSerial }: ProtocolMessage): void {
    if (action === ACK || action === NACK) this.#settle(msgSerial as number, error as Reason | undefined);
    if (channel !== this.#name) return;
    if (action === ATTACHED) this.#become('attached');
    if (action === DETACHED && this.state === 'detaching') this.#become('detached');
    // RTL13a: it was not asked for, so the channel is attached again.
    else if (action === DETACHED) this.#ask('attaching', ATTACH).catch(() => {});
    // RTL14
    if (action === ERROR) this.#become('failed', error as Reason);
  }

  /** RTN7e, RTL3a: what fails the connection fails all that waits for it. */
  #connectionIs({ current, reason }: ConnectionStateChange): void {
    if (current !== 'failed' || reason === undefined) return;
    for (const serial of [...this.#unanswered.keys()]) this.#settle(serial, reason);
    if (this.state === 'attached' || this.state === 'attaching') this.#become('failed', reason);
  }

  #settle(serial: number, reason: Reason | undefined): void {
    const promised = this.#unanswered.get(serial);
    this.#unanswered.delete(serial);
    if (reason === undefined) promised?.resolve();
    else promised?.reject(reason);
  }

  #become(state: ChannelState, reason?: Reason): void {
    this.#clock.clearTimeout(this.#timer);
    this.changes.push({ previous: this.state, current: state, ...(reason === undefined ? {} : { reason }) });
    this.state = state;
    if (reason !== undefined) this.errorReason = reason;
    if (state === 'attaching' || state === 'detaching') return;
    const pending = this.#pending;
    this.#pending = undefined;
    if (reason === undefined) pending?.resolve();
    else pending?.reject(reason);
  }
}

/** A server that attaches and detaches every client that asks. */
export function attaching(line: Line, { action, channel }: ProtocolMessage): void {
  if (action === ATTACH) line.send({ action: ATTACHED, channel });
  if (action === DETACH) line.send({ action: DETACHED, channel });
}
