import { fieldOf, textIn } from '../../redaction/received.js';
import { refusalIn } from '../stack/refusal.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';

import { checkSocket, type SocketIoSocket } from './socket.js';

/** After the server disconnected the socket without a reason, if the socket names no delay, ms. */
const RETRY_MS = 1_000;

const NO_REASON = 'no reason was given';

/** What the app sends besides the token when the socket connects. */
type Given = (give: (data: object) => void) => void;

/** The connection of `socketIo()`. */
export class SocketIo<Socket extends SocketIoSocket> extends StackConnection {
  /** The socket, with the events of the app. */
  readonly socket: Socket;
  /** The number of the attempt to connect: the server repeats it in its answer. */
  #attempt = 0;

  /** @param isInPlace whether the server acknowledges tokens, and takes them in place */
  constructor(socket: Socket, options: StackOptions, isInPlace: boolean) {
    super(options);
    this.socket = checkSocket(socket);
    if (isInPlace) this.authenticate = ({ token }) => this.#authenticate(token);
    const { auth } = socket;
    const given: Given = typeof auth === 'function' ? (auth as Given) : (give) => give({ ...Object(auth) });
    socket.auth = (give: (data: object) => void) => given((data) => this.#authenticateWith(data, give));
    this.#listen(isInPlace);
  }

  protected open(): void {
    this.socket.disconnect();
    this.socket.connect();
  }

  protected shut(): void {
    this.socket.disconnect();
  }

  #listen(isInPlace: boolean): void {
    const { socket } = this;
    socket.on('connect', () => {
      if (!isInPlace) this.accepted();
    });
    socket.on('latchkey:accepted', (given: unknown) => {
      if (fieldOf(given, 'attempt') === this.#attempt) this.accepted(textIn(given, 'clientId') ?? null);
    });
    socket.on('latchkey:asked', () => this.asked());
    socket.on('latchkey:refused', (given: unknown) => this.refused(refusalIn(given)));
    socket.on('connect_error', (error: unknown) => this.#failed(error));
    socket.on('disconnect', (reason: unknown) => this.#dropped(reason));
    socket.io.on('reconnect_attempt', () => this.retrying());
  }

  /** Each answer belongs to its own token. Without a connection there is none. */
  #authenticate(token: string): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.socket.emit('latchkey:token', token, (answer: unknown) => {
        const refusal = fieldOf(answer, 'refused');
        if (refusal === undefined) resolve(textIn(answer, 'clientId') ?? null);
        else reject(refusalIn(refusal));
      });
    });
  }

  /** The socket asks for the token to connect with. */
  #authenticateWith(data: object, give: (data: object) => void): void {
    if (this.state === 'initialized' || this.state === 'closed') this.connect();
    const token = this.retrying()?.token;
    if (token === undefined) return;
    this.#attempt += 1;
    give({ ...data, token, attempt: this.#attempt });
  }

  #failed(error: unknown): void {
    const words = textIn(error, 'message') ?? NO_REASON;
    const data = fieldOf(error, 'data');
    // The network failed, and the socket tries again by itself.
    if (this.socket.active) this.lost({ code: 80003, statusCode: 400, message: words });
    else this.refused(refusalIn(data, textIn(data, 'message') ?? words));
  }

  #dropped(reason: unknown): void {
    const delay = Number(this.socket.io.reconnectionDelay()) || RETRY_MS;
    if (reason === 'io server disconnect') this.lost(undefined, delay);
    else if (reason !== 'io client disconnect') this.lost();
    // The app closed its socket.
    else if (this.state === 'connected') this.close();
  }
}
