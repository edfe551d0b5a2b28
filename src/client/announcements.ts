import type { AuthEmitted } from '../../machines/auth-context.js';
import { isFinal } from '../../machines/retry.js';
import { type Late, late } from '../async/late.js';
import { type ConnectionChange, type ConnectionUpgradeEvent, isTroubled } from '../connection/port.js';
import { forgotten } from '../errors/closed-errors.js';
import type { ErrorInfo } from '../errors/error-info.js';
import type { Reason } from '../errors/reason.js';
import type { ParsedClientOptions } from '../options/client-options.js';
import type { ParsedAuthOptions } from '../sources/auth-options.js';
import type { Identity } from '../token/identity.js';
import { type TokenDetails, tokenMetadata } from '../token/token-details.js';
import type { AuthSnapshot, AuthState } from './auth-state.js';
import type { DecisionLog } from './decision-log.js';
import type { AuthEvents } from './events.js';
import type { LateLink } from './late-link.js';
import { parts } from './parts.js';
import type { Subscribers } from './subscribers.js';
import type { Circumstances, Told, Troubles } from './troubles.js';

/** An error, and what it is due to: listeners need not look inside. */
const failure = (error: ErrorInfo): { readonly error: ErrorInfo; readonly reason: Reason } => ({
  error,
  reason: error.reason,
});

/** The client that the events are about. */
interface Announcer {
  readonly isOver: boolean;
  readonly state: AuthState;
  readonly currentToken: TokenDetails | null;
  readonly identity: Identity;
  readonly link: LateLink | null;
  readonly subscribersSoFar: Subscribers | undefined;
  /** The AuthOptions of the last request for a token. null: the token is being presented. */
  readonly asked: ParsedAuthOptions | null;
}

/**
 * Passes on what the machine and the connection report: to the connection, to subscribers, to listeners and to the
 * log.
 */
export class Announcements {
  readonly #options: ParsedClientOptions;
  readonly #client: Announcer;
  #troubles: LateTroubles | undefined;
  /** Only with the log level `debug`. */
  readonly #decisions: Late<DecisionLog> | undefined;

  constructor(options: ParsedClientOptions, client: Announcer) {
    this.#options = options;
    this.#client = client;
    if (options.log.isDebug)
      this.#decisions = late(
        parts.decisionLog,
        ({ DecisionLog }) => new DecisionLog(options),
        () => {},
      );
  }

  /** The machine is in another state, or in the same for another reason. */
  decided(snapshot: AuthSnapshot): void {
    if (this.#decisions === undefined || this.#client.isOver) return;
    const { clock } = this.#options;
    const moment = { now: clock.now(), monotonic: clock.monotonic() };
    this.#decisions.run((log) => log.decided(snapshot, moment));
  }

  /** @param isFailed whether the machine is in `failed`: then a second event follows, with more details */
  tell(emitted: AuthEmitted, isFailed: boolean): void {
    if (this.#client.isOver) return;
    const { link } = this.#client;
    switch (emitted.type) {
      case 'token.committed':
        this.#tellToken(emitted);
        break;
      case 'token.dropped':
        link?.lose();
        this.#tell('expired', { token: emitted.facts, ...failure(emitted.error) });
        break;
      case 'token.expiring':
        link?.run((one) => one.hurry());
        this.#tell('expiring', { token: emitted.facts, inMs: emitted.inMs });
        break;
      case 'token.offered':
        link?.offer(emitted.token);
        break;
      case 'acquisition.failed': {
        const { error, attempts, retryInMs } = emitted;
        // If the client failed, the next event informs the connection.
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
        this.#client.subscribersSoFar?.nextToken(null);
        break;
    }
  }

  /** An event that the client sends to the connection. */
  pushed(event: ConnectionUpgradeEvent): void {
    if (event.type === 'connection.fail') this.#tell(event.type, failure(event.error));
    else this.#tell(event.type, { token: tokenMetadata(event.token) });
  }

  /** The connection reports its state. */
  changed({ type, ...change }: ConnectionChange): void {
    this.#decisions?.run((log) => log.changed(change));
    this.#tell(type, change);
  }

  /** A token or the connection says who the client is. */
  learn(told: string | null | undefined): void {
    const { identity } = this.#client;
    const previous = identity.current;
    identity.learn(told);
    const { current } = identity;
    if (current !== previous) this.#tell('identity.changed', { previous, current });
  }

  /** Earlier failures are no longer of interest. */
  drop(): void {
    this.#troubles?.drop();
  }

  #tellToken({
    token,
    facts,
    change,
    acquired,
  }: Extract<AuthEmitted, { readonly type: 'token.committed' }>): void {
    const details = token.expose();
    this.learn(details.clientId);
    this.#client.link?.offer(token);
    this.#client.subscribersSoFar?.nextToken(details);
    if (change !== 'none')
      this.#tell(change === 'renewed' ? 'renewed' : 'authorized', { ...facts, ...acquired });
  }

  #tell<Name extends keyof AuthEvents>(name: Name, payload: Parameters<AuthEvents[Name]>[0]): void {
    const told = { name, payload } as Told;
    if (isTrouble(told)) this.#troubles ??= new LateTroubles(this.#options);
    if (this.#troubles !== undefined) {
      const { state, asked } = this.#client;
      this.#troubles.hear(told, { state, asked });
    }
    this.#client.subscribersSoFar?.emit(name, payload);
  }
}

/** Logs the failures of a client. The code for the messages is loaded with the first failure. */
class LateTroubles {
  readonly #troubles: Late<Troubles>;
  #last: Told | undefined;

  constructor(options: ParsedClientOptions) {
    this.#troubles = late(
      parts.troubles,
      ({ Troubles }) => new Troubles(options),
      () => {
        // Without that code, the error alone is logged.
        const error = errorIn(this.#last);
        if (error !== undefined) options.log(`${error.message} (${error.code})`, 'warn');
      },
    );
  }

  hear(told: Told, circumstances: Circumstances): void {
    this.#last = told;
    this.#troubles.run((troubles) => troubles.hear(told, circumstances));
  }

  /** The client was disposed of: nothing more is logged. */
  drop(): void {
    this.#troubles.conclude((troubles) => troubles.drop());
  }
}

/** Whether an event of the client is a failure. */
const isTrouble = ({ name, payload }: Told): boolean =>
  name === 'connection.changed' ? isTroubled(payload.state) : name.endsWith('failed');

function errorIn(told: Told | undefined): ErrorInfo | undefined {
  if (told?.name === 'connection.changed') return told.payload.reason;
  return told?.name === 'failed' || told?.name === 'renewal.failed' ? told.payload.error : undefined;
}
