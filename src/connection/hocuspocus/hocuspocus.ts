import { ended } from '../../errors/closed-errors.js';
import { fieldOf } from '../../redaction/received.js';
import { throughProxies } from '../../surroundings.js';
import { isAtRest } from '../port.js';
import { claim } from '../stack/claim.js';
import { refusalIn } from '../stack/refusal.js';
import { StackConnection, type StackOptions } from '../stack/stack-connection.js';
import { answerIn, isCloseOf, tagOf } from './messages.js';
import { checkProvider, type HocuspocusDocument, type HocuspocusWebsocket } from './provider.js';

/** After the server closed a document without a reason, if the websocket names no delay, ms. */
const RETRY_MS = 1_000;

type Emitter = Pick<HocuspocusWebsocket, 'on' | 'off'>;

/** The answer to a token that was sent in place. */
interface InPlace {
  resolve(clientId: string | null | undefined): void;
  reject(refusal: unknown): void;
}

/** Websockets that close in order to open again, each with the connection that wants it. */
const reopening = new WeakMap<HocuspocusWebsocket, object>();

/** The connection of `hocuspocus()`: one document. */
export class Hocuspocus<Provider extends HocuspocusDocument> extends StackConnection {
  /** The provider of the document. */
  readonly provider: Provider;
  /** Leaves the provider as the app made it. */
  readonly #release: () => void;
  /** The tag of the token that was sent last. */
  #tag = '';
  /** The tokens that the server has not answered since the document was opened. */
  #unanswered = 0;
  #inPlace: InPlace | null = null;
  #isOwnCall = false;
  /** The server has not confirmed yet that it closed the document. */
  #isLeaving = false;
  #isClosedByApp = false;
  #isDestroyed = false;

  /** @param isInPlace whether the server acknowledges tokens, and takes them in place */
  constructor(provider: Provider, options: StackOptions, isInPlace: boolean) {
    super(options);
    this.provider = checkProvider(provider);
    if (isInPlace) this.authenticate = () => this.#authenticate();
    const { token } = provider.configuration;
    const undo = [claim('provider', provider)];
    undo.push(() => {
      provider.configuration.token = token;
    });
    provider.configuration.token = () => new Promise<string>((give) => this.#give(give));
    const hear = (event: string, call: (given: unknown) => void, from: Emitter = provider) => {
      from.on(event, call);
      undo.push(() => from.off(event, call));
    };
    hear('disconnect', () => this.#disconnected(), this.#socket);
    hear('status', (given) => {
      if (fieldOf(given, 'status') === 'connecting' && this.state === 'disconnected') this.retrying();
    });
    hear('authenticated', () => {
      if (!isInPlace) this.#answered();
    });
    hear('stateless', (given) => this.#take(fieldOf(given, 'payload')));
    hear('authenticationFailed', (given) => this.#denied(fieldOf(given, 'reason')));
    // Releases before 3.4.4 pass the event itself.
    hear('close', (given) => this.#closed(fieldOf(fieldOf(given, 'event') ?? given, 'reason')));
    hear('destroy', () => {
      this.#isDestroyed = true;
      this.close();
      this.#release();
    });
    this.#release = () => {
      for (const one of undo.splice(0)) one();
    };
  }

  override dispose(): void {
    super.dispose();
    this.#release();
  }

  protected open(): void {
    const { status, shouldConnect } = this.#socket;
    if (this.#isDestroyed) this.ended(ended('the provider was destroyed'));
    else if (status !== 'connected' || !shouldConnect || this.#unanswered > 0) this.#reconnect();
    else if (this.#isLeaving) return;
    else if (!this.provider.isAttached) this.provider.attach();
    // A document that is open has another token. The server must close it before it gets the next one.
    else if (this.provider.isAuthenticated) this.#leave();
    else this.#start();
  }

  protected shut(end: unknown): void {
    this.#inPlace = null;
    // A document that waits for a token is not open. An app that closed the websocket may open it again.
    if (end === null || this.#isDestroyed || this.#isClosedByApp) return;
    if (!this.provider.manageSocket) this.#leave();
    else if (this.#socket.status === 'disconnected') this.#socket.disconnect();
    else this.#reconnect();
  }

  get #socket(): HocuspocusWebsocket {
    return this.provider.configuration.websocketProvider;
  }

  #authenticate(): Promise<string | null | undefined> {
    return new Promise((resolve, reject) => {
      this.#inPlace = { resolve, reject };
      this.#send();
    });
  }

  /**
   * The websocket opens. One that is open closes first, so that no answer can belong to an earlier token; one that
   * serves no document stays closed.
   */
  #reconnect(): void {
    const [socket, { provider }] = [this.#socket, this];
    const isWanted = () => !provider.manageSocket || !isAtRest(this.state);
    if (
      socket.status !== 'disconnected' &&
      !reopening.has(socket) &&
      (socket.status === 'connected' || !isWanted())
    ) {
      const again = () => {
        socket.off('disconnect', again);
        reopening.delete(socket);
        if (isWanted()) socket.connect();
      };
      reopening.set(socket, this);
      socket.on('disconnect', again);
      socket.disconnect();
    }
    if (isWanted()) provider.attach();
    if (isWanted() && socket.status === 'disconnected') socket.connect();
  }

  /** Closes the document. Until the server confirms that, a token would reach the document that is being closed. */
  #leave(): void {
    const [socket, { provider }] = [this.#socket, this];
    const { effectiveName = provider.configuration.name } = provider;
    if (provider.isAuthenticated && socket.status === 'connected') {
      const left = () => {
        socket.off('message', heard);
        socket.off('disconnect', left);
        this.#isLeaving = false;
        if (this.state === 'connecting' && this.token !== null) this.open();
      };
      const heard = (event: unknown) => isCloseOf(effectiveName, fieldOf(event, 'data')) && left();
      this.#isLeaving = true;
      socket.on('message', heard);
      socket.on('disconnect', left);
    }
    // A document that is not open need not be closed: the server would close it as soon as it is open.
    else if (this.#unanswered === 0) socket.configuration.providerMap.delete(effectiveName);
    provider.detach();
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
    if (reopening.has(this.#socket)) return;
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

  #answered(clientId?: string | null): void {
    this.#unanswered = 0;
    this.accepted(clientId);
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
    const answer = answerIn(reason);
    const isCurrent = answer?.tag === this.#tag;
    if (answer?.refusal && isCurrent) this.refused(answer.refusal);
    else if (/^(unauthorized|forbidden)$/i.test(String(reason))) this.refused(refusalIn(null, reason));
    else {
      // A refusal of an older token says nothing about the one that was sent last.
      const delayMs = answer?.refusal ? 0 : (this.#socket.configuration.delay ?? RETRY_MS);
      this.lost({ code: 80003, statusCode: 400, message: 'the server closed the document' }, delayMs);
    }
  }

  /** The websocket closed, or could not be opened. */
  #disconnected(): void {
    this.#unanswered = 0;
    this.#inPlace = null;
    const owner = reopening.get(this.#socket);
    if (owner === this) return;
    if (owner !== undefined || this.#socket.shouldConnect) {
      this.lost();
      return;
    }
    this.#isClosedByApp = true;
    this.close();
    this.#isClosedByApp = false;
  }
}

throughProxies(Hocuspocus);
