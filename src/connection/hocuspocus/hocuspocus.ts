import { ended } from '../../errors/closed-errors.js';
import { fieldOf } from '../../redaction/received.js';
import { isAtRest } from '../port.js';
import { refusalIn } from '../stack/refusal.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';
import { answerIn, tagOf } from './messages.js';
import { checkProvider, type HocuspocusDocument, type HocuspocusWebsocket } from './provider.js';

/** After the server closed a document without a reason, if the websocket names no delay, ms. */
const RETRY_MS = 1_000;

/** What the server says when the document itself asked to be closed. */
const AS_ASKED = 'provider_initiated';

/** The answer to a token that was sent in place. */
interface InPlace {
  resolve(clientId: string | null): void;
  reject(refusal: unknown): void;
}

/** Websockets that close in order to open again, each with the connection that wants it. */
const reopening = new WeakMap<HocuspocusWebsocket, object>();

/** The connection of `hocuspocus()`: one document. */
export class Hocuspocus<Provider extends HocuspocusDocument> extends StackConnection {
  /** The provider of the document. */
  readonly provider: Provider;
  /** The tag of the token that was sent last. */
  #tag = '';
  /** The tokens that the server has not answered since the document was opened. */
  #unanswered = 0;
  #inPlace: InPlace | null = null;
  #isOwnCall = false;
  /** The document was closed, and the server has not confirmed it yet. */
  #isClosing = false;
  /** The websocket closes, because the connection was closed. */
  #isLeaving = false;
  #isClosedByApp = false;
  #isDestroyed = false;

  /** @param isInPlace whether the server acknowledges tokens, and takes them in place */
  constructor(provider: Provider, options: StackOptions, isInPlace: boolean) {
    super(options);
    this.provider = checkProvider(provider);
    if (isInPlace) this.authenticate = () => this.#authenticate();
    provider.configuration.token = () => new Promise<string>((give) => this.#give(give));
    provider.on('status', (given: unknown) => {
      if (fieldOf(given, 'status') === 'connecting' && this.state === 'disconnected') this.retrying();
    });
    provider.on('authenticated', () => {
      if (isInPlace) return;
      this.#unanswered = 0;
      this.accepted();
    });
    provider.on('stateless', (given: unknown) => this.#take(fieldOf(given, 'payload')));
    provider.on('authenticationFailed', (given: unknown) => this.#denied(fieldOf(given, 'reason')));
    provider.on('close', (given: unknown) => this.#closed(fieldOf(fieldOf(given, 'event'), 'reason')));
    provider.on('disconnect', () => this.#disconnected());
    provider.on('destroy', () => {
      this.#isDestroyed = true;
      this.close();
    });
  }

  protected open(): void {
    const { provider } = this;
    const { status, shouldConnect } = this.#socket;
    if (this.#isDestroyed) this.ended(ended('the provider was destroyed'));
    else if (status !== 'connected' || !shouldConnect || this.#unanswered > 0) this.#reconnect();
    else if (!provider.isAttached) provider.attach();
    else if (provider.isAuthenticated) {
      // The document is open with another token. The server must have closed it before it gets the next one.
      this.#isClosing = true;
      provider.detach();
      provider.attach();
    } else this.#start();
  }

  protected shut(end: unknown): void {
    this.#inPlace = null;
    // A document that waits for a token is not open. An app that closed the websocket may open it again.
    if (end === null || this.#isDestroyed || this.#isClosedByApp) return;
    if (this.provider.manageSocket) {
      this.#isLeaving = this.#socket.status !== 'disconnected';
      this.#socket.disconnect();
    } else this.provider.detach();
  }

  get #socket(): HocuspocusWebsocket {
    return this.provider.configuration.websocketProvider;
  }

  #authenticate(): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.#inPlace = { resolve, reject };
      this.#send();
    });
  }

  /** The websocket opens. One that is open opens again, so that no answer can belong to an earlier token. */
  #reconnect(): void {
    const [socket, { provider }] = [this.#socket, this];
    if (socket.status === 'connected' && !reopening.has(socket)) {
      const again = () => {
        socket.off('disconnect', again);
        reopening.delete(socket);
        if (!provider.manageSocket || !isAtRest(this.state)) socket.connect();
      };
      reopening.set(socket, this);
      socket.on('disconnect', again);
      socket.disconnect();
    }
    provider.attach();
    if (socket.status === 'disconnected') socket.connect();
  }

  /** Authenticates and synchronises a document that is not open. */
  #start(): void {
    this.#send().then(() => this.provider.startSync());
  }

  #send(): Promise<unknown> {
    this.#isOwnCall = true;
    const sent = this.provider.sendToken();
    this.#isOwnCall = false;
    return sent;
  }

  /** The provider asks for the token. It sends nothing until it gets one. */
  #give(give: (token: string) => void): void {
    if (this.#isClosing || reopening.has(this.#socket)) return;
    if (!this.#isOwnCall && this.provider.isAuthenticated) {
      this.asked();
      return;
    }
    if (this.state === 'initialized' || this.state === 'closed') this.connect();
    const token = this.#isOwnCall ? this.token : this.retrying();
    if (token === null) return;
    this.#tag = tagOf(token.token);
    this.#unanswered += 1;
    give(token.token);
  }

  /** The server answers a token, and the document is open. */
  #take(payload: unknown): void {
    const answer = answerIn(payload);
    if (answer?.tag !== this.#tag) return;
    const { refusal, clientId } = answer;
    const inPlace = this.#inPlace;
    this.#inPlace = null;
    this.#unanswered = 0;
    if (refusal !== null) inPlace?.reject(refusal);
    else if (inPlace !== null) inPlace.resolve(clientId);
    else this.accepted(clientId);
  }

  /** The server refuses a token, and the document is not open. What was sent after that token is lost. */
  #denied(reason: unknown): void {
    const answer = answerIn(reason);
    const isOlder = answer === undefined ? this.#unanswered > 1 : answer.tag !== this.#tag;
    this.#unanswered = 0;
    if (isOlder && this.token !== null) this.#start();
    else this.refused(answer?.refusal ?? refusalIn(null, reason));
  }

  /** The server closed the document, or the websocket closed. */
  #closed(reason: unknown): void {
    if (this.#socket.status !== 'connected') return;
    this.#unanswered = 0;
    this.#inPlace = null;
    if (this.#isClosing) {
      this.#isClosing = false;
      if (this.token !== null) this.#start();
      return;
    }
    const refusal = answerIn(reason)?.refusal;
    const delayMs = reason === AS_ASKED ? 0 : (this.#socket.configuration.delay ?? RETRY_MS);
    if (refusal) this.refused(refusal);
    else if (/^(unauthorized|forbidden)$/i.test(String(reason))) this.refused(refusalIn(null, reason));
    else this.lost({ code: 80003, statusCode: 400, message: 'the server closed the document' }, delayMs);
  }

  /** The websocket closed, or could not be opened. */
  #disconnected(): void {
    this.#unanswered = 0;
    this.#isClosing = false;
    this.#inPlace = null;
    const isLeaving = this.#isLeaving;
    this.#isLeaving = false;
    const owner = reopening.get(this.#socket);
    if (owner === this || isLeaving) return;
    if (owner !== undefined || this.#socket.shouldConnect) {
      this.lost();
      return;
    }
    this.#isClosedByApp = true;
    this.close();
    this.#isClosedByApp = false;
  }
}
