import {
  checkListener,
  checkNames,
  invalidOption,
  port,
  record,
  wholeNumber,
} from '../../checks/option-checks.js';
import { type Clock, systemClock } from '../../clock.js';
import { soon } from '../../platform/globals.js';
import { abortable, reasonOf } from '../../platform/signals.js';
import { fieldOf } from '../../redaction/received.js';
import { outsideZones, throughProxies } from '../../surroundings.js';
import type { TokenDetails } from '../../token/token-details.js';
import { noteMaking } from '../made-for.js';
import { servesAnother } from '../one-auth.js';
import { PendingPush } from '../pending-push.js';
import type { AttachedClient, ConnectionReport, ConnectionState, ConnectionUpgradeEvent } from '../port.js';
import {
  type AblyAuthCallback,
  type AblyJsConnection,
  type AblyJsOptions,
  type AblyRealtime,
  type AblyStateChange,
  addressOf,
  checkClientId,
  claim,
  hasNoToken,
  listenTo,
  useOnly,
} from './client.js';
import { handedToken } from './handed-token.js';
import { type ChangeType, type Effects, firstMode, type Happening, type Mode } from './modes.js';
import { closed } from './rules.js';
import { unheardClose } from './sdk-rules.js';
import { ablyJsTable, reduce } from './table.js';

/** Carries out the effects of the table. */
export class AblyJs<Client extends AblyRealtime> implements AblyJsConnection<Client> {
  readonly client: Client;
  readonly port = 1;
  readonly address: string | undefined;
  readonly #clock: Clock;
  /** Everything that changes, apart from the waiting push. */
  #mode: Mode;
  readonly #push = new PendingPush();
  readonly #timers = new Set<unknown>();
  readonly #handed = handedToken(
    () => this.client,
    () => this.#clock,
  );
  readonly #authCallback: AblyAuthCallback = (_tokenParams, answer) =>
    this.#take({ type: 'sdk.asked', answer });

  readonly #doers: { readonly [Type in keyof Effects]: (value: Effects[Type]) => void } = {
    give: (token) => this.#handed.fill(token),
    unseat: () => Object.assign(this.client.auth, { tokenDetails: null }),
    hand: (to) => to.map((answer) => answer(null, this.#handed.details)),
    refuse: ({ to, error }) => to.map((answer) => answer(error, null)),
    authorize: ({ isAnother, token }) => this.#authorize(isAnother, token),
    'note the turn': () => this.#clock.setTimeout(() => this.#take({ type: 'turn.over' }), 0),
    connect: () => this.client.connection.connect(),
    close: () => {
      this.client.connection.close();
      this.#take({ type: 'sdk.left' });
    },
    accept: () => this.#end().resolve(),
    reject: (error) => this.#end().reject(error),
    report: (report) => this.#mode.listener?.(report),
  };

  constructor(client: Client | ((authCallback: AblyAuthCallback) => Client), options: AblyJsOptions) {
    checkNames(record('options', options ?? {}), ['realtimeRequestTimeout', 'clock']);
    const { realtimeRequestTimeout, clock = null } = options ?? {};
    const timeoutMs = wholeNumber('realtimeRequestTimeout', realtimeRequestTimeout) ?? 10_000;
    this.#clock =
      port('clock', clock ?? undefined, ['now', 'monotonic', 'setTimeout', 'clearTimeout']) ?? systemClock;
    // A client that the caller made is closed by the caller.
    const end = () => {
      if (typeof client !== 'function') return;
      // Otherwise the Auth would take back a token that the SDK connects with.
      if (this.#mode.kind !== 'unserved') this.#take({ type: 'auth.detached' });
      closeOnceConnected(this.client);
    };
    noteMaking(this, end, true);
    this.#mode = firstMode(timeoutMs);
    // The SDK has timers that run while the connection is up.
    this.client = typeof client === 'function' ? outsideZones(() => client(this.#authCallback)) : client;
    if (
      typeof this.client?.auth?.authorize !== 'function' ||
      typeof this.client.connection?.on !== 'function'
    )
      throw invalidOption('client', "the official SDK's Realtime client", client);
    this.address = addressOf(this.client);
    // This listener is added before the listeners of the application: at an event of the SDK the Auth has its
    // token already.
    listenTo(this.client, this.#hear);
  }

  /** The state of the SDK. A connection that was closed in order to be replaced counts as connecting. */
  get state(): ConnectionState {
    const { state } = this.client.connection;
    return state === 'closed' && this.#mode.kind === 'opening' ? 'connecting' : state;
  }

  /**
   * @throws {ErrorInfo} 40003: the listener is not a function, or the connection belongs to another Auth · 40102: the
   * options of the SDK have another clientId than the Auth
   */
  attach(
    listener: (report: ConnectionReport) => void,
    { clientId }: AttachedClient = { clientId: null },
  ): () => void {
    checkListener(listener);
    if (this.#mode.kind !== 'unserved') throw servesAnother();
    checkClientId(this.client, clientId);
    const release = claim(this.client);
    useOnly(this.#authCallback, this.client);
    const stopListening = listenTo(this.client, this.#hear);
    this.#take({ type: 'auth.attached', listener });
    const isServed = () => this.#mode.listener === listener;
    // Later, because Auth calls this method in its constructor, before it can receive reports.
    soon(() => isServed() && this.#take({ type: 'auth.ready' }));
    return () => {
      if (!isServed()) return;
      stopListening();
      release();
      this.#take({ type: 'auth.detached' });
    };
  }

  /** Otherwise a close is reported at the end of the turn, when the connection may be open again. */
  catchUp(): void {
    const { heard } = this.#mode;
    const reason = unheardClose(this.#mode, this.client.connection.errorReason);
    if (reason !== null) this.#take({ type: 'sdk.closed', previous: heard, reason, isAhead: true });
  }

  push(event: ConnectionUpgradeEvent, signal: AbortSignal): Promise<void> {
    if (this.#mode.kind === 'unserved')
      return Promise.reject(closed('no Auth is attached to the connection'));
    // Until the SDK has failed, it ignores a token.
    if (this.#mode.kind === 'failing') return this.#mode.done.then(() => this.push(event, signal));
    if (event.type !== 'connection.fail') return this.#present(event, signal);
    const { error, final } = event;
    if (final === false) {
      this.#take({ type: 'token.delayed', error });
      return Promise.resolve();
    }
    this.#end().reject(error);
    const done = this.#push.wait(abortable().signal, () => {});
    this.#take({ type: 'token.denied', error, done });
    return done;
  }

  forget(): void {
    this.#take({ type: 'user.forgotten' });
  }

  useNext(token: TokenDetails | null): void {
    // Without an Auth it is only called by hand.
    const { kind } = this.#mode;
    if (kind !== 'unserved' && kind !== 'failing') this.#take({ type: 'token.next', token });
  }

  #present(
    event: Exclude<ConnectionUpgradeEvent, { type: 'connection.fail' }>,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return Promise.reject(reasonOf(signal));
    this.catchUp();
    const verdict = this.#end().wait(signal, () => this.#take({ type: 'wait.aborted' }));
    const { timeoutMs } = this.#mode;
    for (const [ms, type] of [
      [timeoutMs / 2, 'wait.halfway'],
      [timeoutMs, 'wait.overdue'],
    ] as const)
      this.#timers.add(this.#clock.setTimeout(() => this.#take({ type }), ms));
    this.#take({
      type: 'token.pushed',
      token: event.token,
      isReplacement: event.type === 'connection.replace',
    });
    return verdict;
  }

  readonly #hear = ({ previous, current, reason, retryIn }: AblyStateChange): void => {
    const isUpdate = previous === 'connected' && current === 'connected';
    const type = `sdk.${isUpdate ? 'updated' : current}` as ChangeType;
    // Another version of the SDK may have other states.
    if (type in ablyJsTable) this.#take({ type, previous, reason, retryIn });
  };

  #take(happening: Happening): void {
    const { state, errorReason = null } = this.client.connection;
    const clientId = this.client.auth.clientId ?? null;
    const now = this.#clock.monotonic();
    const { hasSlept } = this.#handed;
    const isWithoutToken = hasNoToken(this.client);
    const isCut = isStranded(this.client);
    const sight = { now, state, errorReason, clientId, isStranded: isCut, hasSlept, isWithoutToken };
    const [mode, effects] = reduce(this.#mode, { ...happening, ...sight });
    this.#mode = mode;
    outsideZones(() => {
      for (const [type, value] of effects) (this.#doers[type] as (value: unknown) => void)(value);
    });
  }

  /** With `clientId: null` the SDK forgets its clientId. */
  #authorize(isAnother: boolean, token: unknown): void {
    const settled = (error: unknown) => this.#take({ type: 'call.settled', token, error });
    const options = { authCallback: this.#authCallback, ...(isAnother ? { clientId: null } : {}) };
    this.client.auth.authorize(undefined, options).then(() => settled(null), settled);
  }

  /** The waiting push is settled. */
  #end(): PendingPush {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    this.#timers.clear();
    return this.#push;
  }
}

throughProxies(AblyJs);

/**
 * Whether the SDK is connected without a transport. An ERROR without `error` makes ably-js 2.28 drop its transport
 * and report nothing, so that it stays connected for ever. In a version without this field the answer is no.
 */
function isStranded({ connection }: AblyRealtime): boolean {
  const protocol = fieldOf(fieldOf(connection, 'connectionManager'), 'activeProtocol');
  return connection.state === 'connected' && protocol === null;
}

/**
 * If the SDK is closed while it connects, it sends nothing to the server, which may know of the connection
 * already.
 */
function closeOnceConnected(client: AblyRealtime): void {
  const { connection } = client;
  const closeIfAble = () => {
    if (connection.state === 'connecting') return;
    stopListening();
    connection.close();
  };
  const stopListening = listenTo(client, closeIfAble);
  closeIfAble();
}
