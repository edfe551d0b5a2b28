import { planFor } from '../../machines/policy.js';
import { inWords } from '../client/decision-words.js';
import type { Auth, AuthEventName, AuthEvents } from '../index.js';
import { fieldOf } from '../redaction/received.js';
import { claimsOf, namesIn } from './claims.js';
import type { AcquiredFacts, Told, Trouble, View } from './messages.js';
import type { Subject } from './subject.js';
import { describedEvents, type Payload, type Words, wordsFor } from './words.js';

type FactsOfView = Omit<View, 'may' | 'on' | 'rate'>;

/** A renewal that is this much sooner than usual, as a share of the life, is spread. */
const SPREAD_SHARE = 0.03;

/** What is known of a client: it listens to the client's events, because a snapshot does not have everything. */
export class Observer {
  readonly #subject: Subject;
  #acquired: AcquiredFacts | null = null;
  /** The step that the running acquisition is at, or was at when it failed. */
  #step = '';
  /** Why the running acquisition began. */
  #why: string | undefined;
  #names = new Set<string | null>();
  #token: string | undefined;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Names of clients, channels and keys: they may look like secrets, and are not. */
  readonly names = (): ReadonlySet<string | null> => this.#names;

  /** Calls `listener` with the words for each event. null: there are none. @returns stops it */
  listen(listener: (words: Words | null) => void): () => void {
    const { auth } = this.#subject;
    const undo = describedEvents.map((name) => {
      const take = (payload: Payload<AuthEventName>) => listener(this.#wordsFor(name, payload));
      return auth.on(name, take as AuthEvents[typeof name]);
    });
    return () => {
      for (const stop of undo) stop();
    };
  }

  /** An event that the auth machine receives. */
  saw(event: { readonly type: string }): void {
    if (event.type !== 'acquisition.step') return;
    const step = String(fieldOf(event, 'step'));
    if (step !== 'over') this.#step = step;
  }

  get facts(): FactsOfView {
    const { auth, active, connection, source } = this.#subject;
    const { inputs: _inputs, ...decision } = auth.explain();
    this.#learnNames();
    return {
      decision,
      active,
      clientId: auth.clientId,
      connection: connection?.facts(decision.now) ?? null,
      source,
      acquired: decision.token === null ? null : this.#acquired,
      isSpread: isSpread(auth),
    };
  }

  #wordsFor<Name extends AuthEventName>(name: Name, payload: Payload<Name>): Told | null {
    const { auth, connection } = this.#subject;
    const { now } = auth.explain();
    if (name === 'state') this.#why = becauseOf(auth) ?? this.#why;
    if (name === 'connection.changed') connection?.changed(payload as Payload<'connection.changed'>, now);
    const words = wordsFor(name, payload);
    if (name === 'authorized' || name === 'renewed') {
      const { reason, attempt, stepsMs } = payload as Payload<'renewed'>;
      const why = this.#why;
      this.#why = undefined;
      this.#acquired = {
        ...{ at: now, reason, attempt, stepsMs: { ...stepsMs } as Record<string, number> },
        ...(why === undefined ? {} : { why }),
      };
      this.#learnNames();
      const claims = claimsOf(auth.tokenDetails?.token ?? '');
      if (words === null) return null;
      const detail = why === undefined ? words.detail : `${words.detail}; because ${why}`;
      return { ...words, detail, ...(claims.length === 0 ? {} : { claims }) };
    }
    const trouble = words?.trouble;
    if (words === null || trouble === undefined) return words;
    return { ...words, trouble: { ...trouble, address: this.#addressOf(name, payload) } };
  }

  /** Where a failure happened: at the source, at the service or at the connection. */
  #addressOf(name: AuthEventName, payload: unknown): Trouble['address'] {
    const subject = this.#subject;
    const isRefusal = name === 'expired' && fieldOf(fieldOf(payload, 'error'), 'origin') === 'server';
    if (name.startsWith('connection') || isRefusal) return subject.addressOf('connection');
    if (name === 'expired') return null;
    if (this.#step === 'presenting') return subject.addressOf('connection');
    return this.#step === 'exchanging' ? `${subject.source}, then Ably's requestToken` : subject.source;
  }

  #learnNames(): void {
    const { auth } = this.#subject;
    const details = auth.tokenDetails;
    if (details?.token === this.#token && this.#names.has(auth.clientId)) return;
    this.#token = details?.token;
    const texts = details === null ? [] : namesIn(claimsOf(details.token));
    const all = [...texts, details?.capability].filter(
      // An issuer could write anything there.
      (text) => text !== undefined && !(this.#token !== undefined && text.includes(this.#token)),
    );
    this.#names = new Set([auth.clientId, ...(all as string[])]);
  }
}

/** Why the client began to get a token, in the words of its explanation. undefined: it did not begin now. */
function becauseOf(auth: Auth): string | undefined {
  const [, why] = / because (.*?)(?:; the current token is valid.*)?\.$/.exec(inWords(auth.explain())) ?? [];
  return why;
}

/** Whether the renewal is planned sooner than renewals are in general. */
function isSpread(auth: Auth): boolean {
  const { token, inputs } = auth.explain();
  if (token?.diesInMs == null || token.renewInMs === null) return false;
  const { renewal, seed } = inputs;
  const lifeMs = token.diesInMs - token.receivedInMs;
  const usual = planFor(lifeMs, 0, renewal, seed, 'in turn').renewInMs;
  const planned = token.renewInMs - token.receivedInMs;
  return renewal.by === 'client' && usual - planned > SPREAD_SHARE * lifeMs;
}
