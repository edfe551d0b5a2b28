import { ErrorInfo } from '../../errors/error-info.js';
import { fieldOf, textIn } from '../../redaction/received.js';
import { throughProxies } from '../../surroundings.js';
import type { ConnectionUpgradeEvent } from '../port.js';
import { claim } from '../stack/claim.js';
import { refusalIn } from '../stack/refusal.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';
import { listenForGood } from './lasting-listeners.js';
import { checkSocket, type SocketIoSocket } from './socket.js';

/** After the server disconnected the socket without a reason, if the socket names no delay, ms. */
const RETRY_MS = 1_000;

/** Calls `give` with what the app sends besides the token when the socket connects. */
type AppData = (give: (data: object) => void) => unknown;

/** The connection of `socketIo()`. */
export class SocketIo<Socket extends SocketIoSocket> extends StackConnection {
  /** The socket, with the events of the app. */
  readonly socket: Socket;
  /** The number of the attempt to connect: the server repeats it in its answer. */
  #attempt = 0;
  /** Leaves the socket as the app made it. */
  readonly #release: () => void;

  /** @param isInPlace whether the server acknowledges tokens, and takes them in place */
  constructor(socket: Socket, options: StackOptions, isInPlace: boolean) {
    super(options);
    this.socket = checkSocket(socket);
    const undo = [claim('socket', socket)];
    if (isInPlace) this.authenticate = ({ token }) => this.#authenticate(token);
    const { auth } = socket;
    const data = appDataOf(socket);
    socket.auth = (give: (data: object) => void) => data((given) => this.#authenticateWith(given, give));
    const mute = listenForGood(socket, {
      connect: () => {
        if (!isInPlace) this.accepted();
      },
      'latchkey:accepted': (given: unknown) => {
        if (fieldOf(given, 'attempt') === this.#attempt) this.accepted(clientIdIn(given));
      },
      'latchkey:asked': () => this.asked(),
      'latchkey:refused': (given: unknown) => this.refused(refusalIn(given)),
      connect_error: (error: unknown) => this.#failed(error),
      disconnect: (reason: unknown) => this.#dropped(reason),
    });
    const retrying = () => {
      this.retrying();
    };
    socket.io.on('reconnect_attempt', retrying);
    undo.push(mute, () => {
      socket.io.off('reconnect_attempt', retrying);
      socket.auth = auth;
    });
    this.#release = () => {
      for (const one of undo.splice(0)) one();
    };
  }

  override dispose(): void {
    super.dispose();
    this.#release();
  }

  override push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (event.type === 'connection.replace') this.#dropSession();
    return super.push(event, signal);
  }

  override forget(): void {
    super.forget();
    this.#dropSession();
  }

  protected open(): void {
    this.socket.disconnect();
    this.socket.connect();
  }

  protected shut(): void {
    this.socket.disconnect();
  }

  /** What was not sent yet, and what the server would continue, belongs to another client. */
  #dropSession(): void {
    this.socket.sendBuffer = [];
    Object.assign(this.socket, { _pid: undefined, _lastOffset: undefined, _queue: [] });
  }

  /** Each answer belongs to its own token. */
  #authenticate(token: string): Promise<string | null | undefined> {
    return new Promise((resolve, reject) => {
      // A socket with `retries` would send the token again on its next connection.
      Object.assign(this.socket, { flags: { fromQueue: true } });
      this.socket.emit('latchkey:token', token, (...given: readonly unknown[]) => {
        // A socket with `ackTimeout` gives an error first: its own one after a silence or a loss, or else null.
        if (given[0] instanceof Error) return;
        const answer = given[0] ?? given[1];
        const refusal = fieldOf(answer, 'refused');
        if (typeof answer !== 'object' || answer === null) reject(unreadable());
        else if (refusal === undefined) resolve(clientIdIn(answer));
        else reject(refusalIn(refusal));
      });
    });
  }

  /** The socket asks for the token to connect with. It sends nothing until it is opened with one. */
  #authenticateWith(data: object, give: (data: object) => void): void {
    if (this.state === 'initialized' || this.state === 'closed') this.connect();
    const token = this.retrying()?.token;
    if (token === undefined) return;
    this.#attempt += 1;
    give({ ...data, token, attempt: this.#attempt });
  }

  #failed(error: unknown): void {
    const words = textIn(error, 'message') ?? 'no reason was given';
    const data = fieldOf(error, 'data');
    // The network failed, and the socket tries again by itself.
    if (this.socket.active) this.lost({ code: 80003, statusCode: 400, message: words });
    else this.refused(refusalIn(data, textIn(data, 'message') ?? words));
  }

  #dropped(reason: unknown): void {
    const delayMs = Number(this.socket.io.reconnectionDelay()) || RETRY_MS;
    if (reason === 'io server disconnect') this.lost(undefined, delayMs);
    else if (reason !== 'io client disconnect') this.lost();
    // The app closed its socket.
    else if (this.state === 'connected') this.close();
  }
}

throughProxies(SocketIo);

function appDataOf({ auth }: SocketIoSocket): AppData {
  return typeof auth === 'function' ? (give) => auth(give) : (give) => give({ ...Object(auth) });
}

/** undefined: the server does not say. */
function clientIdIn(given: unknown): string | null | undefined {
  const clientId = fieldOf(given, 'clientId');
  return typeof clientId === 'string' || clientId === null ? clientId : undefined;
}

const unreadable = (): ErrorInfo =>
  new ErrorInfo({
    code: 80003,
    message: 'the answer of the server to latchkey:token must be an object',
    remediation: 'Answer with { clientId }, or with { refused: { code, statusCode, message } }.',
  });
