import { fromCallback, fromPromise } from 'xstate';
import type { CheckInput, TransportCommand, TransportInput } from '../../../machines/connection.machine.js';
import type { ConnectionEvent, ConnectionPorts } from '../../../machines/connection-context.js';
import { type Clock, ClockReading, type TimerHandle } from '../../clock.js';
import { ErrorInfo } from '../../errors/error-info.js';
import { shownText } from '../../errors/redaction.js';
import type { LogHandler } from '../../log/log.js';
import { callUser, faultLog } from '../../log/user-callback.js';
import { fieldOf, sizeOf, textIn } from '../../redaction/received.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { outsideZones } from '../../surroundings.js';
import { action, eventOf, maxIdleMs, type ProtocolMessage, parseMessage } from './protocol.js';
import { LONGEST_FRAME, type WebSocketLike } from './websocket.js';

/** What opening a transport needs in addition to the machine's input. */
export interface TransportPorts extends ConnectionPorts {
  readonly clock: Clock;
  readonly log: LogHandler;
  /** The secrets that no error may show. */
  readonly secrets: SecretStore;
  /**
   * How much longer than the longest silence the client waits before the transport counts as lost, ms.
   * @see RTN23a
   */
  readonly graceMs: number;
  open(opening: {
    readonly token: string | null;
    readonly resume: string | null;
    readonly isRecovery: boolean;
    readonly host: string | null;
  }): WebSocketLike;
  /** Reports the socket of the current transport. null: there is none. */
  opened(socket: WebSocketLike | null): void;
  /** Finds out whether there is a network. Never rejects. @see RTN17j */
  isReachable(signal: AbortSignal): Promise<boolean>;
  /** Whether the machine slept since the token was received. */
  hasSlept(): boolean;
  /** Passes on a protocol message that is not for the connection itself. */
  passOn(message: ProtocolMessage): void;
  /** Reports that a protocol message passed, in one direction or the other. */
  passed?(...message: Parameters<PassedMessage>): void;
}

/** A protocol message that passed, without its content. @param letters the length of its text */
export type PassedMessage = (isSent: boolean, action: number, letters: number) => void;

/** One transport: the events of its socket become events of the machine. */
export const transport = fromCallback<TransportCommand, TransportInput>(({ input, receive, sendBack }) => {
  const one = new Transport(input, sendBack);
  if (!one.open()) return undefined;
  receive((command) => one.send(command));
  return () => one.end();
});

/** An object and no closures, because thousands of connections have one. */
class Transport {
  readonly #input: TransportInput;
  readonly #ports: TransportPorts;
  readonly #report: (event: ConnectionEvent) => void;
  readonly #failed: (thrown: unknown) => void;
  readonly #silence: Silence;
  #socket: WebSocketLike | undefined;
  #isWarned = false;
  #isOpen = false;
  #isConfirmed = false;

  constructor(input: TransportInput, report: (event: ConnectionEvent) => void) {
    this.#input = input;
    this.#report = report;
    this.#ports = input.ports.expose() as TransportPorts;
    const { clock, graceMs, log } = this.#ports;
    this.#failed = faultLog(log, 'what a socket reported');
    this.#silence = new Silence(clock, graceMs, () => this.#endSilence());
  }

  /** @returns whether there is a socket */
  open(): boolean {
    try {
      outsideZones(() => this.#connect());
      return true;
    } catch (thrown) {
      // The message of the error may contain the address, and with it the token.
      this.#lost(
        `the WebSocket could not be created (${shownText(textIn(thrown, 'name') ?? typeof thrown)})`,
      );
      return false;
    }
  }

  send(command: TransportCommand): void {
    this.#say(messageOf(command));
  }

  #say(message: ProtocolMessage): void {
    try {
      const text = JSON.stringify(message);
      this.#socket?.send(text);
      this.#ports.passed?.(true, message.action, text.length);
    } catch {
      this.#lost('the transport accepts no more messages');
    }
  }

  end(): void {
    const socket = this.#socket;
    this.#silence.forget();
    this.#ports.opened(null);
    callUser(() => {
      // The server may keep a new connection that the client does not know of and never resumes.
      if (this.#isOpen && !this.#isConfirmed && this.#input.resume === null)
        socket?.send(JSON.stringify(CLOSE));
    }, this.#failed);
    callUser(() => socket && letGo(socket), this.#failed);
  }

  #connect(): void {
    const { token, resume } = this.#input;
    const socket = this.#ports.open({
      ...this.#input,
      token: token?.expose().token ?? null,
      resume: resume?.expose() ?? null,
    });
    this.#socket = socket;
    socket.onmessage = (event: unknown) => this.#hear(() => this.#take(fieldOf(event, 'data')));
    socket.onopen = () =>
      this.#hear(() => {
        this.#isOpen = true;
        this.#ports.opened(socket);
      });
    socket.onclose = (event: unknown) =>
      this.#hear(() => this.#lost(`the transport was lost${closeCode(event)}`));
    socket.onerror = (event: unknown) =>
      this.#hear(() => this.#lost(`the transport failed${reason(event, this.#ports.secrets)}`));
    socket.onping = () => this.#hear(() => this.#silence.end(undefined));
  }

  /** An error that is thrown in a socket's listener would end a Node process. */
  #hear(work: () => void): void {
    callUser(() => {
      // What comes after a silence that is too long waited for a page that stood still.
      if (this.#silence.isOver) this.#missed();
      else work();
    }, this.#failed);
  }

  #lost(message: string): void {
    const why = this.#isOpen ? 'connection lost' : 'unreachable';
    this.#isOpen = false;
    this.#report({ type: 'transport.lost', error: new ErrorInfo({ code: 80003, message, reason: why }) });
  }

  /** The page was frozen, asleep or too busy. Frames of the server may have been missed. */
  #missed(): void {
    this.#isOpen = false;
    this.#report({ type: 'transport.lost', error: pageWasFrozen(), wasFrozen: true });
  }

  #endSilence(): void {
    if (this.#silence.isOverdue) this.#missed();
    else this.#lost('the server sent nothing in time');
    // The server may not answer a closing handshake any more, and some sockets wait for it.
    callUser(() => this.#socket?.terminate?.(), this.#failed);
  }

  #take(data: unknown): void {
    if (sizeOf(data) > LONGEST_FRAME) {
      this.#lost('the server sent a frame that is longer than any message');
      return;
    }
    const { log, secrets } = this.#ports;
    const message = parseMessage(data);
    if (typeof message === 'string') {
      if (!this.#isWarned) log(`the server sent a frame that is not a protocol message: ${message}`, 'warn');
      this.#isWarned = true;
      return;
    }
    this.#ports.passed?.(false, message.action, sizeOf(data));
    this.#silence.end(maxIdleMs(message));
    const event = eventOf(message, secrets);
    if (message.action === action.connected) this.#isConfirmed = true;
    // RTN23c1
    if (message.action === action.ping) this.#say({ action: action.pong, id: message.id });
    else if (event !== undefined) this.#report(event);
    else if (message.action !== action.heartbeat || typeof message.id === 'string')
      this.#ports.passOn(message);
  }
}

/** Finds out whether there is a network at all. */
export const checkTheNetwork = fromPromise<boolean, CheckInput>(({ input, signal }) =>
  (input.ports.expose() as TransportPorts).isReachable(signal),
);

/** Measures how long the server sends nothing. */
class Silence {
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #tooLong: () => void;
  #longestMs: number | undefined;
  #heardAt: ClockReading | undefined;
  #timer: TimerHandle;

  constructor(clock: Clock, graceMs: number, tooLong: () => void) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    this.#tooLong = tooLong;
  }

  /** Something was received. It may say how long a silence may last from now on. */
  end(maxMs: number | undefined): void {
    this.#longestMs = maxMs ?? this.#longestMs;
    this.forget();
    if (this.#longestMs === undefined) return;
    this.#heardAt = new ClockReading(this.#clock);
    this.#timer = this.#clock.setTimeout(this.#tooLong, this.#longestMs + this.#graceMs);
  }

  /** The silence lasted too long, and its timer has not fired: the page was stopped. */
  get isOver(): boolean {
    return this.#overdueMs > 0;
  }

  /** … or its timer fired much too late. */
  get isOverdue(): boolean {
    return this.#overdueMs > LATE_MS;
  }

  /** A sleep counts as well: the monotonic clock may stand still in it. */
  get #overdueMs(): number {
    if (this.#heardAt === undefined || this.#longestMs === undefined) return 0;
    const { agoMs, sleptMs } = this.#heardAt;
    return agoMs + sleptMs - this.#longestMs - this.#graceMs;
  }

  forget(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}

/** Timers are late by less, as long as the page runs, ms. */
const LATE_MS = 2_000;

export const pageWasFrozen = (): ErrorInfo => new ErrorInfo({ code: 80003, message: 'the page was frozen' });

const CLOSE = { action: action.close };

function messageOf(command: TransportCommand): ProtocolMessage {
  if (command.type === 'say goodbye') return CLOSE;
  return { action: action.auth, auth: { accessToken: command.token.expose().token } };
}

/** Ignores the socket from now on. */
function letGo(socket: WebSocketLike): void {
  socket.onmessage = null;
  socket.onopen = null;
  socket.onping = null;
  socket.onclose = null;
  // Some sockets emit an error if they are closed while they open.
  socket.onerror = () => {};
  socket.close();
}

function closeCode(event: unknown): string {
  const code = fieldOf(event, 'code');
  return typeof code === 'number' ? `, code ${code}` : '';
}

/** The reason that the platform gives, unless it contains a part of the address. */
function reason(event: unknown, secrets: SecretStore): string {
  const said = textIn(event, 'message') ?? '';
  return said === '' || /accessToken|key=/.test(said) ? '' : `: ${shownText(said, secrets.all())}`;
}
