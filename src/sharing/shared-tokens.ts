import { sha256 } from '#sha256';
import { invalidArgument } from '../checks/option-checks.js';
import { ClockReading } from '../clock.js';
import { disposed, forgotten } from '../errors/closed-errors.js';
import { ErrorInfo } from '../errors/error-info.js';
import { reasonOf, throwIfAborted } from '../platform/signals.js';
import { CheckedStore, STORE_MS, StoreFault } from './checked-store.js';
import { LONGEST_VALUE } from './longest-value.js';
import type {
  SharedToken,
  SharingMember,
  SharingMembership,
  SharingPort,
  SharingRequest,
  SharingStep,
  StoredValue,
} from './port.js';
import { type ReadToken, readToken, writtenToken } from './stored-token.js';
import type { SharingOptions } from './token-sharing.js';

/** After a fault of the store, this time passes without it, ms. */
const PAUSE_MS = 5_000;

/** The longest wait for another member, ms, if this one has no token. */
const LONGEST_WAIT_MS = 5_000;

/** How often a waiting member looks whether the holder of the lease is gone, ms. */
const LOOK_MS = 250;

/** How long an erased value is kept, so that no late writer has its epoch, ms. */
const ERASED_MS = 60_000;

/** How often a sign-out is written while others write, too. */
const MOST_TRIES = 100;

/** How long a token without a known lifetime is shared, ms. */
const UNKNOWN_LIFE_MS = 600_000;

/** How long the number of sign-outs is kept, ms: longer than any token lives. */
const SIGN_OUTS_LIFE_MS = 90 * 86_400_000;

/** What one acquisition knows. */
interface Turn<Own> {
  readonly request: SharingRequest<Own>;
  readonly signal: AbortSignal;
  readonly session: string;
  readonly name: string;
  /** Tokens up to this epoch were there before, and are not wanted. */
  readonly seen: number;
  /** The monotonic moment of its deadline. */
  readonly endsAt: number;
}

/** How long an acquisition waits for another member, ms, and the monotonic moment of its deadline. */
interface Limits {
  readonly waitMs: number;
  readonly endsAt: number;
}

/** The result of an acquisition. */
interface Gotten<Own> {
  readonly token: Own;
}

/** What this member knows about a session. */
interface Session {
  readonly id: string;
  readonly name: string;
  /** When this member entered it. */
  readonly since: ClockReading;
  /** The names of its tokens that this member used. */
  readonly tokens: Set<string>;
  /** How often its user was signed out for all; undefined: not asked yet. */
  signOuts?: number;
  /** This member signs the user out for all. */
  signingOut?: Promise<void>;
}

/** The place of one client among the members that share a store. */
export class Membership implements SharingMembership {
  readonly #store: CheckedStore;
  readonly #options: SharingOptions;
  readonly #member: SharingMember;
  readonly #signedOut: () => void;
  #session: Session | undefined;
  #unsubscribe = () => {};
  /** Whether the last acquisition took the token of another member. */
  #hasAdopted = false;
  /** Until this monotonic moment the store is not asked. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isFaulty = false;
  #isOver = false;

  constructor(port: SharingPort, options: SharingOptions, member: SharingMember, signedOut: () => void) {
    this.#store = new CheckedStore(port, member.clock);
    this.#options = options;
    this.#member = member;
    this.#signedOut = signedOut;
  }

  leave(): void {
    this.#isOver = true;
    this.#store.end();
    this.#exit();
  }

  #exit(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
    this.#session = undefined;
  }

  async signOut(): Promise<void> {
    // The application may have ended the session already.
    const id = this.#session?.id ?? this.#whose();
    if (id === null) return;
    try {
      // A sign-out has time, whatever the last acquisition had.
      this.#store.hurry(STORE_MS);
      const session = await this.#enter(id);
      session.signingOut = this.#signOutOf(session);
      await session.signingOut;
    } catch (thrown) {
      throw new ErrorInfo({
        code: 80003,
        message: 'the other members were not told that the user signed out',
        remediation:
          'This client is signed out. Call forget({ everywhere: true }) again, or end the session at the server.',
        cause: causeOf(thrown),
      });
    }
  }

  async #signOutOf(session: Session): Promise<void> {
    for (let tries = 0, isDone = false; !isDone; tries += 1) {
      if (tries === MOST_TRIES) throw new Error('the store refused each write');
      const after = (await this.#store.read(session.name))?.epoch ?? 0;
      const write = { after, value: '{}', lifeMs: SIGN_OUTS_LIFE_MS };
      isDone = await this.#store.write(session.name, write);
      session.signOuts = after + 1;
    }
    // They are not asked for any more. What cannot be erased ends by itself.
    for (const name of session.tokens) await this.#erase(name).catch(() => {});
  }

  async #erase(name: string): Promise<void> {
    const after = (await this.#store.read(name))?.epoch ?? 0;
    if (after > 0) await this.#store.write(name, { after, value: '', lifeMs: ERASED_MS });
  }

  async acquire<Own>(request: SharingRequest<Own>, signal: AbortSignal, isAgain = false): Promise<Own> {
    const id = this.#whose();
    if (this.#session !== undefined && this.#session.id !== id) this.#exit();
    const { clock } = this.#member;
    if (id === null || clock.monotonic() < this.#pausedUntil) return await request.fetch(signal);
    const { held, deadlineMs } = request;
    const waitMs = Math.min(held === undefined ? LONGEST_WAIT_MS : held.leftMs / 2, deadlineMs / 2);
    this.#store.hurry(waitMs);
    const limits = { waitMs, endsAt: clock.monotonic() + deadlineMs };
    try {
      const shared = await this.#together(request, id, limits, signal);
      if (shared !== undefined) {
        this.#isFaulty &&= clock.monotonic() < this.#pausedUntil;
        return shared.token;
      }
      // Another user has signed in meanwhile. Who changes all the time shares nothing.
      if (!isAgain) return await this.acquire(request, signal, true);
    } catch (thrown) {
      if (!(thrown instanceof StoreFault)) throw thrown;
      this.#noteFault(thrown);
    }
    throwIfAborted(signal);
    request.tell('fetching alone');
    return await request.fetch(signal);
  }

  /** @returns undefined: the user changed meanwhile */
  async #together<Own>(
    request: SharingRequest<Own>,
    id: string,
    { waitMs, endsAt }: Limits,
    signal: AbortSignal,
  ): Promise<Gotten<Own> | undefined> {
    const { clock } = this.#member;
    const { signOuts, tokens } = await this.#signedIn(id);
    const { purpose, held, isNewWanted, attempt, deadlineMs } = request;
    const name = await nameOf('token', id, signOuts, this.#options.source, purpose);
    tokens.add(name);
    const limit = clock.monotonic() + waitMs;
    let stored = await this.#store.read(name);
    // A token that was adopted, and did not do, is not adopted once more: another one may be as bad.
    const isDoubtful = this.#hasAdopted && attempt > 1;
    this.#hasAdopted = false;
    const seen = (isNewWanted && held !== undefined) || isDoubtful ? (stored?.epoch ?? 0) : 0;
    const turn: Turn<Own> = { request, signal, session: id, name, seen, endsAt };
    for (let isWaiting = false; ; isWaiting = true) {
      throwIfAborted(signal);
      if (this.#whose() !== id) return undefined;
      const adopted = this.#adopt(turn, stored);
      if (adopted !== undefined) return adopted;
      const release = await this.#store.lease(name, deadlineMs);
      if (release !== null) return await this.#asHolder(turn, release, isWaiting ? 'asking' : undefined);
      const leftMs = limit - clock.monotonic();
      const isLate = leftMs <= waitMs / 2;
      const deputy = isLate ? await this.#store.lease(await nameOf('deputy', name), deadlineMs) : null;
      if (deputy !== null) return await this.#asHolder(turn, deputy, 'fetching alone');
      if (leftMs <= 0) {
        request.tell('fetching alone');
        return await this.#fetchForAll(turn, stored?.epoch ?? 0);
      }
      if (!isWaiting) request.tell('waiting for another member');
      await this.#news(name, isLate ? limit : limit - waitMs / 2, Math.min(LOOK_MS, waitMs / 5), signal);
      stored = await this.#store.read(name);
    }
  }

  /**
   * This member has the lease: it looks again, and asks the source. After half of their wait one of the members does so as
   * the deputy of a holder that may be stopped. Without it each of them would at the end of the wait.
   */
  async #asHolder<Own>(
    turn: Turn<Own>,
    release: () => void,
    step?: SharingStep,
  ): Promise<Gotten<Own> | undefined> {
    try {
      const stored = await this.#store.read(turn.name);
      if (this.#whose() !== turn.session) return undefined;
      const adopted = this.#adopt(turn, stored);
      if (adopted !== undefined) return adopted;
      if (step !== undefined) turn.request.tell(step);
      return await this.#fetchForAll(turn, stored?.epoch ?? 0);
    } finally {
      release();
    }
  }

  /** Asks the source, and writes the token for the others, unless one of them wrote another meanwhile. */
  async #fetchForAll<Own>(turn: Turn<Own>, after: number): Promise<Gotten<Own>> {
    const { request, signal, session, endsAt } = turn;
    // The user may have changed since the last look, and may be back before the token comes.
    const isOfSession = this.#whose() === session;
    const token = await request.fetch(signal);
    // A slow store must not cost a token that is there: it is asked twice more.
    this.#store.hurry((endsAt - this.#member.clock.monotonic()) / 3);
    if (isOfSession) await this.#write(turn, request.share(token), after);
    return { token };
  }

  async #write({ request, session, name }: Turn<unknown>, shared: SharedToken, after: number): Promise<void> {
    try {
      await this.#signedIn(session);
      const value = writtenToken(shared);
      const lifeMs = shared.age ? shared.age.lifetimeMs - shared.age.ageMs : UNKNOWN_LIFE_MS;
      if (this.#whose() !== session || value.length > LONGEST_VALUE || lifeMs < 1) return;
      const isWritten = await this.#store.write(name, { after, value, lifeMs });
      if (!isWritten) request.tell('lease lost');
    } catch (thrown) {
      if (!(thrown instanceof StoreFault)) throw thrown;
      this.#noteFault(thrown);
    }
  }

  /** The token that another member wrote, if it is good for this one. */
  #adopt<Own>({ request, seen }: Turn<Own>, stored: StoredValue | null): Gotten<Own> | undefined {
    const shared = stored === null || stored.epoch <= seen ? undefined : readToken(stored);
    if (shared === undefined || !isBetter(shared, request.held)) return undefined;
    try {
      const token = request.adopt(shared);
      request.tell('adopted');
      this.#hasAdopted = true;
      return { token };
    } catch {
      // As if it were not there: the source gives a better one.
      return undefined;
    }
  }

  /** @throws {ErrorInfo} 80017: another member signed the user out */
  async #signedIn(id: string): Promise<Session> {
    const session = await this.#enter(id);
    // Its own sign-out must not look like one of another member.
    await session.signingOut?.catch(() => {});
    const { epoch, ageMs } = (await this.#store.read(session.name)) ?? { epoch: 0, ageMs: 0 };
    const { signOuts, since } = session;
    // A store can show a sign-out late that was before this member came.
    const hereMs = since.agoMs + since.sleptMs;
    const isNew = signOuts === undefined ? ageMs + STORE_MS < hereMs : ageMs < hereMs + STORE_MS;
    const isOut = epoch > (signOuts ?? 0) && isNew;
    session.signOuts = epoch;
    if (!isOut || this.#session !== session) return session;
    this.#signedOut();
    throw forgotten();
  }

  async #enter(id: string): Promise<Session> {
    const name = await nameOf('sign-outs', id);
    if (this.#isOver) throw disposed();
    if (this.#session?.id === id) return this.#session;
    this.#exit();
    const session: Session = { id, name, since: new ClockReading(this.#member.clock), tokens: new Set() };
    this.#session = session;
    // A member that misses the news hears it at its next request for a token.
    this.#unsubscribe = this.#store.subscribe(name, () => void this.#signedIn(id).catch(() => {}));
    return session;
  }

  /** Who is signed in. null: no user, or it cannot be known. */
  #whose(): string | null {
    const { session } = this.#options;
    if (session === undefined) return this.#member.clientId ?? null;
    let cause: unknown;
    try {
      const id: unknown = session();
      if (id === null || (typeof id === 'string' && id !== '')) return id;
      cause = invalidArgument(`the function session returned ${typeof id}, not a text or null`);
    } catch (thrown) {
      cause = thrown;
    }
    this.#warn('the function session failed, and tokens are not shared', cause);
    return null;
  }

  /** Waits until another member wrote something, or its lease may be free. */
  async #news(name: string, limit: number, lookMs: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#member;
    let look = () => {};
    let stop = () => {};
    const news = new Promise<void>((resolve, reject) => {
      look = resolve;
      stop = () => reject(reasonOf(signal));
    });
    const unsubscribe = this.#store.subscribe(name, () => look());
    // Not all at the same moment.
    const ms = Math.min(lookMs * (0.5 + random()), Math.max(0, limit - clock.monotonic()));
    const timer = clock.setTimeout(look, ms);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await news;
    } finally {
      clock.clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', stop);
    }
  }

  #noteFault(fault: StoreFault): void {
    this.#pausedUntil = this.#member.clock.monotonic() + PAUSE_MS;
    this.#warn('the store of shared tokens failed, and tokens are fetched without it', fault.cause);
  }

  /** Says it once, until the store has worked again. */
  #warn(message: string, cause: unknown): void {
    if (this.#isFaulty) return;
    this.#isFaulty = true;
    const error = new ErrorInfo({ code: 80003, message, cause });
    this.#member.log(String(error), 'warn', { error });
  }
}

const causeOf = (thrown: unknown): unknown => (thrown instanceof StoreFault ? thrown.cause : thrown);

/** A name that tells nothing of what it is for. */
async function nameOf(...parts: readonly (string | number | undefined)[]): Promise<string> {
  const digest = await sha256(JSON.stringify(parts.map((part) => part ?? null)));
  if (digest !== undefined) return digest;
  throw new StoreFault(new Error('this platform has no crypto.subtle'));
}

/** Whether a token lives on for a while, and longer than the one that a member has. */
function isBetter({ details, age }: ReadToken, held: SharingRequest<unknown>['held']): boolean {
  if (details.token === held?.token) return false;
  if (age === undefined) return true;
  const leftMs = age.lifetimeMs - age.oldestMs;
  return leftMs > Math.min(age.lifetimeMs / 4, 900_000) && leftMs > (held?.leftMs ?? 0);
}
