import { sha256 } from '#sha256';
import { invalidArgument } from '../checks/option-checks.js';
import { ClockReading } from '../clock.js';
import { disposed, forgotten } from '../errors/closed-errors.js';
import { ErrorInfo } from '../errors/error-info.js';
import { reasonOf, throwIfAborted } from '../platform/signals.js';
import type {
  SharingMember,
  SharingMembership,
  SharingPort,
  SharingRequest,
  SharingStep,
  StoredValue,
} from './port.js';
import { LONGEST_VALUE, type ReadToken, readToken, writtenToken } from './stored-token.js';
import type { SharingOptions } from './token-sharing.js';

/** How long a store may take to answer, ms. */
const STORE_MS = 1_000;

/** After a fault of the store, this time passes without it, ms. */
const PAUSE_MS = 5_000;

/** The longest wait for another member, ms, if this one has no token. */
const LONGEST_WAIT_MS = 5_000;

/** How often a waiting member looks whether the holder of the lease is gone, ms. */
const LOOK_MS = 250;

/** How often a sign-out is written while others write, too. */
const MOST_TRIES = 100;

/** How long a token without a known lifetime is shared, ms. */
const UNKNOWN_LIFE_MS = 600_000;

/** How long the number of sign-outs is kept, ms: longer than any token lives. */
const SIGN_OUTS_LIFE_MS = 90 * 86_400_000;

/** The store did not answer, or answered nonsense. */
class StoreFault {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

/** What one acquisition knows. */
interface Turn<Own> {
  readonly request: SharingRequest<Own>;
  readonly signal: AbortSignal;
  readonly session: string;
  readonly name: string;
  /** Tokens up to this epoch were there before, and are not wanted. */
  readonly seen: number;
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
}

/** The place of one client among the members that share a store. */
export class Membership implements SharingMembership {
  readonly #port: SharingPort;
  readonly #options: SharingOptions;
  readonly #member: SharingMember;
  readonly #signedOut: () => void;
  #session: Session | undefined;
  #unsubscribe = () => {};
  /** Until this monotonic moment the store is not asked. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isFaulty = false;
  #isOver = false;

  constructor(port: SharingPort, options: SharingOptions, member: SharingMember, signedOut: () => void) {
    this.#port = port;
    this.#options = options;
    this.#member = member;
    this.#signedOut = signedOut;
  }

  leave(): void {
    this.#isOver = true;
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
      const session = await this.#enter(id);
      for (let tries = 0, isDone = false; !isDone; tries += 1) {
        if (tries === MOST_TRIES) throw new Error('the store refused each write');
        const after = (await this.#read(session.name))?.epoch ?? 0;
        // This member must not take its own sign-out for one of another member.
        session.signOuts = after + 1;
        const write = { after, value: '{}', lifeMs: SIGN_OUTS_LIFE_MS };
        isDone = await this.#answer(() => this.#port.write(session.name, write));
      }
      for (const name of session.tokens) await this.#erase(name);
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

  /** Nobody asks for this name any more, but the token is still good. */
  async #erase(name: string): Promise<void> {
    const after = (await this.#read(name))?.epoch ?? 0;
    if (after > 0) await this.#answer(() => this.#port.write(name, { after, value: '', lifeMs: 1 }));
  }

  async acquire<Own>(request: SharingRequest<Own>, signal: AbortSignal): Promise<Own> {
    const id = this.#whose();
    if (id === null || this.#member.clock.monotonic() < this.#pausedUntil) return await request.fetch(signal);
    try {
      return await this.#together(request, id, signal);
    } catch (thrown) {
      if (!(thrown instanceof StoreFault)) throw thrown;
      this.#noteFault(thrown);
      request.tell('fetching alone');
      return await request.fetch(signal);
    }
  }

  async #together<Own>(request: SharingRequest<Own>, id: string, signal: AbortSignal): Promise<Own> {
    const { clock } = this.#member;
    const { signOuts, tokens } = await this.#signedIn(id);
    const { purpose, held, isNewWanted, deadlineMs } = request;
    const name = await nameOf('token', id, signOuts, this.#options.source, purpose);
    tokens.add(name);
    const waitMs = Math.min(held === undefined ? LONGEST_WAIT_MS : held.leftMs / 2, deadlineMs / 2);
    const limit = clock.monotonic() + waitMs;
    let stored = await this.#read(name);
    const seen = isNewWanted && held !== undefined ? (stored?.epoch ?? 0) : 0;
    const turn: Turn<Own> = { request, signal, session: id, name, seen };
    for (let isWaiting = false; ; isWaiting = true) {
      throwIfAborted(signal);
      if (this.#whose() !== id) return await this.acquire(request, signal);
      const adopted = adopt(turn, stored);
      if (adopted !== undefined) return adopted.token;
      const release = await this.#lease(name, deadlineMs);
      if (release !== null) return await this.#asHolder(turn, release, isWaiting ? 'asking' : undefined);
      const leftMs = limit - clock.monotonic();
      const isLate = leftMs <= waitMs / 2;
      const deputy = isLate ? await this.#lease(await nameOf('deputy', name), deadlineMs) : null;
      if (deputy !== null) return await this.#asHolder(turn, deputy, 'fetching alone');
      if (leftMs <= 0) {
        request.tell('fetching alone');
        return await this.#fetchForAll(turn, stored?.epoch ?? 0);
      }
      if (!isWaiting) request.tell('waiting for another member');
      await this.#news(name, isLate ? limit : limit - waitMs / 2, Math.min(LOOK_MS, waitMs / 5), signal);
      stored = await this.#read(name);
    }
  }

  /**
   * This member has the lease: it looks again, and asks the source. After half of their wait one of the members does so as
   * the deputy of a holder that may be stopped. Without it each of them would at the end of the wait.
   */
  async #asHolder<Own>(turn: Turn<Own>, release: () => unknown, step?: SharingStep): Promise<Own> {
    try {
      const stored = await this.#read(turn.name);
      if (this.#whose() !== turn.session) return await this.acquire(turn.request, turn.signal);
      const adopted = adopt(turn, stored);
      if (adopted !== undefined) return adopted.token;
      if (step !== undefined) turn.request.tell(step);
      return await this.#fetchForAll(turn, stored?.epoch ?? 0);
    } finally {
      release();
    }
  }

  /** Asks the source, and writes the token for the others, unless one of them wrote another meanwhile. */
  async #fetchForAll<Own>({ request, signal, session, name }: Turn<Own>, after: number): Promise<Own> {
    // The user may have changed since the last look, and may be back before the token comes.
    const isOfSession = this.#whose() === session;
    const own = await request.fetch(signal);
    try {
      if (!isOfSession) return own;
      await this.#signedIn(session);
      const shared = request.share(own);
      const value = writtenToken(shared);
      const lifeMs = shared.age ? shared.age.lifetimeMs - shared.age.ageMs : UNKNOWN_LIFE_MS;
      if (this.#whose() !== session || value.length > LONGEST_VALUE || lifeMs < 1) return own;
      const isWritten = await this.#answer(() => this.#port.write(name, { after, value, lifeMs }));
      if (!isWritten) request.tell('lease lost');
    } catch (thrown) {
      if (!(thrown instanceof StoreFault)) throw thrown;
      this.#noteFault(thrown);
    }
    return own;
  }

  /** @throws {ErrorInfo} 80017: another member signed the user out */
  async #signedIn(id: string): Promise<Session> {
    const session = await this.#enter(id);
    const { epoch, ageMs } = (await this.#read(session.name)) ?? { epoch: 0, ageMs: 0 };
    // A store can show a sign-out late that was before this member came.
    const { agoMs, sleptMs } = session.since;
    const isNew = ageMs < agoMs + sleptMs + STORE_MS;
    const isOut = session.signOuts !== undefined && epoch > session.signOuts && isNew;
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
    // Whoever is not told hears it at the next request for a token.
    this.#unsubscribe = this.#port.subscribe(name, () => this.#signedIn(id).catch(() => {}));
    return session;
  }

  /** Who is signed in. null: nobody, or it cannot be known. */
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
  #news(name: string, limit: number, lookMs: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#member;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => () => {
        clock.clearTimeout(timer);
        unsubscribe();
        signal.removeEventListener('abort', abort);
        settle();
      };
      const abort = end(() => reject(reasonOf(signal)));
      const look = end(resolve);
      // Not all at the same moment.
      const ms = lookMs * (0.5 + random());
      const timer = clock.setTimeout(look, Math.min(ms, Math.max(0, limit - clock.monotonic())));
      const unsubscribe = this.#port.subscribe(name, look);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  async #read(name: string): Promise<StoredValue | null> {
    const stored = await this.#answer(() => this.#port.read(name));
    if (stored === null) return null;
    const { epoch, value, ageMs } = Object(stored) as StoredValue;
    if (Number.isSafeInteger(epoch) && epoch > 0 && typeof value === 'string' && Number.isFinite(ageMs)) {
      return { epoch, value, ageMs };
    }
    throw new StoreFault(invalidArgument('the store returned neither null nor { epoch, value, ageMs }'));
  }

  async #lease(name: string, deadlineMs: number): Promise<(() => void) | null> {
    const asked = () => this.#port.lease(name, deadlineMs + STORE_MS);
    const release = await this.#answer(asked, giveBack);
    if (release === null) return null;
    if (typeof release === 'function') return () => giveBack(release);
    throw new StoreFault(invalidArgument('the store returned a lease that is neither null nor a function'));
  }

  /** @param late takes an answer that came too late */
  #answer<T>(ask: () => Promise<T>, late: (answer: T) => void = () => {}): Promise<T> {
    const { clock } = this.#member;
    if (this.#isOver) return Promise.reject(disposed());
    return new Promise((resolve, reject) => {
      let isOver = false;
      const giveUp = () => {
        isOver = true;
        reject(new StoreFault(new Error(`it did not answer within ${STORE_MS} ms`)));
      };
      // In two parts: a process that stood still reads the answers that came meanwhile before the second one.
      let timer = clock.setTimeout(() => {
        timer = clock.setTimeout(giveUp, STORE_MS / 2);
      }, STORE_MS / 2);
      // At once: a member that leaves now must not ask any more.
      new Promise<T>((settle) => settle(ask())).then(
        (answer) => {
          clock.clearTimeout(timer);
          if (isOver) late(answer);
          else resolve(answer);
        },
        (cause) => {
          clock.clearTimeout(timer);
          reject(new StoreFault(cause));
        },
      );
    });
  }

  #noteFault(fault: StoreFault): void {
    this.#pausedUntil = this.#member.clock.monotonic() + PAUSE_MS;
    this.#warn('the store of shared tokens failed, and tokens are fetched without it', fault.cause);
  }

  /** Says it once. */
  #warn(message: string, cause: unknown): void {
    if (this.#isFaulty) return;
    this.#isFaulty = true;
    const error = new ErrorInfo({ code: 80003, message, cause });
    this.#member.log(String(error), 'warn', { error });
  }
}

function giveBack(release: (() => unknown) | null): void {
  // A lease that is not given back ends by itself.
  Promise.resolve(release?.()).catch(() => {});
}

const causeOf = (thrown: unknown): unknown => (thrown instanceof StoreFault ? thrown.cause : thrown);

/** A name that tells nothing of what it is for. */
async function nameOf(...parts: readonly (string | number | undefined)[]): Promise<string> {
  const digest = await sha256(JSON.stringify(parts.map((part) => part ?? null)));
  if (digest !== undefined) return digest;
  throw new StoreFault(new Error('this platform has no crypto.subtle'));
}

/** The token that another member wrote, if it is good for this one. */
function adopt<Own>(
  { request, seen }: Turn<Own>,
  stored: StoredValue | null,
): { readonly token: Own } | undefined {
  const shared = stored === null || stored.epoch <= seen ? undefined : readToken(stored);
  if (shared === undefined || !isBetter(shared, request.held)) return undefined;
  try {
    const token = request.adopt(shared);
    request.tell('adopted');
    return { token };
  } catch {
    // As if it were not there: the source gives a better one.
    return undefined;
  }
}

/** Whether a token lives on for a while, and longer than the one that a member has. */
function isBetter({ details, age }: ReadToken, held: SharingRequest<unknown>['held']): boolean {
  if (details.token === held?.token) return false;
  if (age === undefined) return true;
  const leftMs = age.lifetimeMs - age.oldestMs;
  return leftMs > Math.min(age.lifetimeMs / 4, 900_000) && leftMs > (held?.leftMs ?? 0);
}
