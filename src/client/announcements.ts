import type { AuthEmitted } from '../../machines/auth-context.js';
import { isFinal } from '../../machines/retry.js';
import type { ConnectionReport, ConnectionUpgradeEvent } from '../connection/port.js';
import { forgotten } from '../errors/closed-errors.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { Reason } from '../errors/reason.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';
import { type TokenDetails, tokenMetadata } from '../token/token-details.js';
import type { AuthSnapshot, AuthState } from './auth-state.js';
import type { AuthEvents } from './events.js';
import type { Identity } from './identity.js';
import { LateDecisions } from './late-decisions.js';
import type { LateLink } from './late-link.js';
import { isTrouble, LateTroubles } from './late-troubles.js';
import type { Subscribers } from './subscribers.js';
import type { Told } from './troubles.js';

/** An error, and what it is due to: listeners need not look inside. */
const failure = (error: ErrorInfo): { readonly error: ErrorInfo; readonly reason: Reason } => ({
  error,
  reason: error.reason,
});

/** The client whose news it is. */
interface Teller {
  readonly isOver: boolean;
  readonly state: AuthState;
  readonly currentToken: TokenDetails | null;
  readonly identity: Identity;
  readonly link: LateLink | null;
  readonly followers: Subscribers | undefined;
  /** By what a token was asked for last; null: it is presented. */
  readonly asked: ParsedAuthOptions | null;
}

/** What the machine and the connection say, told to those who follow: the connection, subscribers, listeners, the log. */
export class Announcements {
  readonly #options: ParsedClientOptions;
  readonly #client: Teller;
  #troubles: LateTroubles | undefined;
  /** Only with the log level `debug`. */
  readonly #decisions: LateDecisions | undefined;

  constructor(options: ParsedClientOptions, client: Teller) {
    this.#options = options;
    this.#client = client;
    if (options.log.isDebug) this.#decisions = new LateDecisions(options);
  }

  /** The machine is in another state, or in the same for another reason. */
  decided(snapshot: AuthSnapshot): void {
    if (!this.#client.isOver) this.#decisions?.decided(snapshot);
  }

  /** @param isFailed the machine has failed: the event that follows says more */
  tell(emitted: AuthEmitted, isFailed: boolean): void {
    if (this.#client.isOver) return;
    const { link } = this.#client;
    switch (emitted.type) {
      case 'token.committed':
        this.#tellToken(emitted);
        break;
      case 'token.dropped':
        link?.run((one) => one.lose());
        this.#tell('expired', { token: emitted.facts, ...failure(emitted.error) });
        break;
      case 'token.expiring':
        link?.run((one) => one.hurry());
        this.#tell('expiring', { token: emitted.facts, inMs: emitted.inMs });
        break;
      case 'token.offered':
        link?.run((one) => one.offer(emitted.token));
        break;
      case 'acquisition.failed': {
        const { error, attempts, retryInMs } = emitted;
        // Where the client failed, the connection is told by the event that follows.
        if (!isFailed) link?.run((one) => one.attemptFailed(error));
        if (this.#client.currentToken !== null)
          this.#tell('renewal.failed', { ...failure(error), attempts, retryInMs });
        break;
      }
      case 'failed': {
        const { error, final, attempts, retryInMs } = emitted;
        if (final && isFinal(error)) link?.run((one) => one.fail(error));
        else link?.run((one) => one.delay(error));
        this.#tell('failed', { ...failure(error), final, attempts, retryInMs });
        break;
      }
      case 'token.denied':
        link?.run((one) => one.fail(forgotten()));
        break;
      case 'signin.required':
        this.#tell('signin.required', { ...failure(emitted.error), retryInMs: emitted.retryInMs });
        break;
      case 'forgotten':
        this.drop();
        this.learn(null);
        link?.forget();
        this.#client.followers?.nextToken(null);
        break;
    }
  }

  /** The connection is told something. */
  pushed(event: ConnectionUpgradeEvent): void {
    if (event.type === 'connection.fail') this.#tell(event.type, failure(event.error));
    else this.#tell(event.type, { token: tokenMetadata(event.token) });
  }

  /** The connection says where it is. */
  changed({ type, ...change }: Extract<ConnectionReport, { readonly type: 'connection.changed' }>): void {
    this.#decisions?.changed(change);
    this.#tell(type, change);
  }

  /** Who the client is, by a token or by the connection. */
  learn(told: string | null | undefined): void {
    const { identity } = this.#client;
    const previous = identity.current;
    identity.learn(told);
    const { current } = identity;
    if (current !== previous) this.#tell('identity.changed', { previous, current });
  }

  /** What went wrong is of no interest any more. */
  drop(): void {
    this.#troubles?.drop();
  }

  #tellToken({ token, change, acquired }: Extract<AuthEmitted, { readonly type: 'token.committed' }>): void {
    const details = token.expose();
    this.learn(details.clientId);
    this.#client.link?.run((link) => link.offer(token));
    this.#client.followers?.nextToken(details);
    if (change !== 'none')
      this.#tell(change === 'renewed' ? 'renewed' : 'authorized', { ...tokenMetadata(details), ...acquired });
  }

  #tell<Name extends keyof AuthEvents>(name: Name, payload: Parameters<AuthEvents[Name]>[0]): void {
    const told = { name, payload } as Told;
    if (isTrouble(told)) this.#troubles ??= new LateTroubles(this.#options);
    if (this.#troubles !== undefined) {
      const { state, asked } = this.#client;
      this.#troubles.hear(told, { state, asked });
    }
    this.#client.followers?.emit(name, payload);
  }
}
