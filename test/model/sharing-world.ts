import type { Clock } from '../../src/clock.js';
import { type SharingPort, shareTokens } from '../../src/sharing/index.js';
import type { SharingMembership, SharingRequest } from '../../src/sharing/port.js';
import { memoryStore } from '../kit/memory-store.js';

const LIFE_MS = 60_000;
const DEADLINE_MS = 10_000;

/** Something that happens when the scheduler lets it happen. */
export interface Step {
  readonly member: number;
  readonly what: string;
  readonly run: () => void;
}

/** A token, and when its fetch began. */
interface Token {
  readonly text: string;
  readonly session: string | null;
  readonly by: number;
  /** The number of sign-outs of its session by then, by the store. */
  readonly signOuts: number;
  readonly expiresAt: number;
}

/** A call of `acquire()`. */
interface Call {
  signOuts: number;
  readonly session: string | null;
  readonly isPlain: boolean;
  isAlone: boolean;
  leased: string | undefined;
  /** Whether the last read since the lease gave a token that can be used. */
  hadToken: boolean | undefined;
  isSettled: boolean;
}

export interface Member {
  readonly number: number;
  session: string | null;
  isCrashed: boolean;
  isCut: boolean;
  membership: SharingMembership;
  held: Token | undefined;
  call: Call | undefined;
  /** The session that it signs out. */
  signingOut: string | undefined;
}

/** How the scheduler treats the answers of the store. */
export interface WorldOptions {
  /** Whether the store acts first and answers later. It may be asked for each call. */
  readonly isLate?: () => boolean;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/**
 * Members that share tokens over a store in memory. Each call of the store, each answer and each timer waits until the
 * scheduler takes it. Time passes only with a timer.
 */
export class World {
  readonly problems: string[] = [];
  readonly steps: Step[] = [];
  readonly members: Member[] = [];
  readonly #options: WorldOptions;
  readonly #timers: { readonly member: number; readonly at: number; readonly fire: () => void }[] = [];
  #now = 0;
  readonly #store = memoryStore({ monotonic: () => this.#now });
  readonly #tokens = new Map<string, Token>();
  /** By session. */
  readonly #signOuts = new Map<string, number>();
  /** The last accepted write of a name, as the number of writes before it. */
  readonly #lastWrite = new Map<string, number>();
  /** For each member, the number of accepted writes when its fetch began. */
  readonly #fetchedAfter = new Map<number, number>();
  #writes = 0;
  counts = { fetches: 0, adopted: 0, alone: 0, lost: 0, signedOut: 0, rejected: 0, written: 0 };

  constructor(count: number, options: WorldOptions = {}) {
    this.#options = options;
    for (let number = 0; number < count; number += 1) this.members.push(this.#join(number));
  }

  #join(number: number, session: string | null = 'ada'): Member {
    const member: Member = {
      ...{ number, session, isCrashed: false, isCut: false, signingOut: undefined },
      ...{ held: undefined, call: undefined },
      membership: undefined as never,
    };
    const clock: Clock = {
      now: () => this.#now,
      monotonic: () => this.#now,
      setTimeout: (fire, ms) => {
        const timer = { member: number, at: this.#now + ms, fire };
        this.#timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => {
        const index = this.#timers.indexOf(timer as never);
        if (index >= 0) this.#timers.splice(index, 1);
      },
    };
    const sharing = shareTokens(this.#portOf(member), { session: () => member.session });
    const random = this.#options.random ?? (() => 0.5);
    member.membership = sharing.addMember({ clientId: undefined, clock, random, log: () => {} }, () => {
      this.counts.signedOut += 1;
      member.held = undefined;
    });
    return member;
  }

  #portOf(member: Member): SharingPort {
    const { port } = this.#store;
    const ask = <T>(what: string, act: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        this.#wait(member, what, () => {
          const answer = act();
          if (this.#options.isLate?.() !== true) return resolve(answer);
          this.#wait(member, `answer to ${what}`, () => answer.then(resolve, reject));
        });
      });
    return {
      port: 1,
      read: (name) =>
        ask('read', async () => {
          const { call } = member;
          const isUsable = this.#hasToken(name);
          if (call?.leased === name) call.hadToken = isUsable;
          return await port.read(name);
        }),
      write: (name, write) =>
        ask('write', async () => {
          const isWritten = await port.write(name, write);
          if (isWritten) this.#noteWrite(member, name, write.value);
          else this.counts.lost += 1;
          return isWritten;
        }),
      subscribe: (name, hear) =>
        port.subscribe(name, () => {
          this.#wait(member, 'hear', hear);
        }),
      lease: (name, ms) =>
        ask('lease', async () => {
          const release = await port.lease(name, ms);
          if (release === null) return null;
          if (member.call) {
            member.call.leased = name;
            member.call.hadToken = undefined;
          }
          return () => this.#wait(member, 'release', () => void release());
        }),
    };
  }

  /** Whether a member without a token can use the one that is stored. */
  #hasToken(name: string): boolean {
    const stored = this.#store.values.get(name);
    const token = stored && this.#tokens.get(textIn(stored.value));
    return token !== undefined && token.expiresAt - this.#now > LIFE_MS / 4;
  }

  #noteWrite(member: Member, name: string, value: string): void {
    this.#writes += 1;
    // A sign-out also erases tokens.
    if (value === '') return;
    const token = this.#tokens.get(textIn(value));
    if (token === undefined) {
      const { signingOut = '' } = member;
      this.#signOuts.set(signingOut, this.#signOutsOf(signingOut) + 1);
      return;
    }
    this.counts.written += 1;
    if ((this.#lastWrite.get(name) ?? 0) > (this.#fetchedAfter.get(member.number) ?? 0))
      this.problems.push(
        `two writers after one epoch: member ${member.number} replaced a token of later begin`,
      );
    this.#lastWrite.set(name, this.#writes);
  }

  #wait(member: Member, what: string, run: () => void): void {
    if (!member.isCrashed) this.steps.push({ member: member.number, what, run });
  }

  /** The steps that can happen now. */
  get ready(): readonly Step[] {
    return this.steps.filter(({ member, what }) => what === 'fetch' || this.members[member]?.isCut !== true);
  }

  hasTimer(member: number): boolean {
    return this.#timers.some((timer) => timer.member === member);
  }

  async take(step: Step): Promise<void> {
    this.steps.splice(this.steps.indexOf(step), 1);
    step.run();
    await this.settled();
  }

  /** Fires the next timer of a member, or of all. Timers of different members are late to different degrees. */
  async fire(member?: number): Promise<boolean> {
    const mine = this.#timers.filter((timer) => member === undefined || timer.member === member);
    const [first, ...rest] = mine;
    if (first === undefined) return false;
    const timer = rest.reduce((early, one) => (one.at < early.at ? one : early), first);
    this.#timers.splice(this.#timers.indexOf(timer), 1);
    this.#now = Math.max(this.#now, timer.at);
    timer.fire();
    await this.settled();
    return true;
  }

  /** A member asks for a token. */
  acquire(member: Member, isNewWanted = false): void {
    if (member.isCrashed || member.call?.isSettled === false) return;
    if (member.held && member.held.expiresAt <= this.#now) member.held = undefined;
    const { held, session } = member;
    const call: Call = {
      signOuts: this.#signOutsOf(session),
      session,
      isPlain: !isNewWanted && held === undefined,
      ...{ isAlone: false, leased: undefined, hadToken: undefined, isSettled: false },
    };
    member.call = call;
    const abort = new AbortController();
    const deadline = {
      member: member.number,
      at: this.#now + DEADLINE_MS,
      fire: () => abort.abort(new Error('late')),
    };
    this.#timers.push(deadline);
    const request: SharingRequest<Token> = {
      ...{ purpose: 'chat', attempt: 1, isNewWanted, deadlineMs: DEADLINE_MS },
      held: held && { token: held.text, leftMs: held.expiresAt - this.#now },
      fetch: (signal) => this.#fetch(member, call, signal),
      share: ({ text, expiresAt }) => {
        const ageMs = this.#now - (expiresAt - LIFE_MS);
        return { details: { token: text }, age: { lifetimeMs: LIFE_MS, ageMs, oldestMs: ageMs } };
      },
      adopt: ({ details }) => {
        const token = this.#tokens.get(details.token);
        if (token === undefined) throw new Error('unknown');
        if (token.session !== member.session)
          this.problems.push(
            `member ${member.number} of ${member.session} adopts a token of ${token.session}`,
          );
        this.counts.adopted += 1;
        return token;
      },
      tell: (step) => {
        if (step !== 'fetching alone') return;
        call.isAlone = true;
        this.counts.alone += 1;
      },
    };
    const over = (): void => {
      call.isSettled = true;
      const index = this.#timers.indexOf(deadline);
      if (index >= 0) this.#timers.splice(index, 1);
    };
    member.membership.acquire(request, abort.signal).then(
      (token) => {
        over();
        if (member.isCrashed) return;
        const isOfSession = token.session === call.session;
        if (isOfSession && token.signOuts < call.signOuts)
          this.problems.push(`member ${member.number} gets a token from before the sign-out`);
        member.held = token;
      },
      () => {
        over();
        this.counts.rejected += 1;
      },
    );
  }

  #fetch(member: Member, call: Call, signal: AbortSignal): Promise<Token> {
    this.counts.fetches += 1;
    const { session } = member;
    const signOuts = this.#signOutsOf(session);
    const hadToken = call.hadToken ?? (call.leased !== undefined && this.#hasToken(call.leased));
    if (call.isPlain && !call.isAlone && session === call.session && hadToken)
      this.problems.push(`member ${member.number} asks the source while there is a token of another member`);
    this.#fetchedAfter.set(member.number, this.#writes);
    const text = `token ${this.counts.fetches}`;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      this.#wait(member, 'fetch', () => {
        const token = { text, session, by: member.number, signOuts, expiresAt: this.#now + LIFE_MS };
        this.#tokens.set(text, token);
        resolve(token);
      });
    });
  }

  #signOutsOf(session: string | null): number {
    return session === null ? 0 : (this.#signOuts.get(session) ?? 0);
  }

  /** The user signs out for all. The others must not get an older token once that is accepted. */
  signOut(member: Member): void {
    const { session } = member;
    if (session === null || member.isCrashed || member.signingOut || member.call?.isSettled === false) return;
    member.held = undefined;
    member.signingOut = session;
    const over = (): void => {
      member.signingOut = undefined;
    };
    member.membership.signOut().then(over, over);
  }

  crash(member: Member): void {
    member.isCrashed = true;
    for (const list of [this.steps, this.#timers])
      for (const one of list.filter((each) => each.member === member.number))
        list.splice(list.indexOf(one as never), 1);
  }

  restart(member: Member): void {
    if (member.isCrashed) this.members[member.number] = this.#join(member.number, member.session);
  }

  /** The lease of a member that is slow runs out. */
  endLeases(): void {
    this.#store.leases.clear();
  }

  get hasLease(): boolean {
    return this.#store.leases.size > 0;
  }

  /** What was signed out before is forgotten with the rest. */
  loseData(): void {
    this.#store.values.clear();
    this.#store.leases.clear();
    this.#signOuts.clear();
    this.#lastWrite.clear();
    // Epochs begin again, so a writer from before can meet its number.
    for (const { number, call } of this.members) {
      this.#fetchedAfter.set(number, Number.POSITIVE_INFINITY);
      if (call) call.signOuts = 0;
    }
    // A token keeps its number from before; without the store's memory no number is too old.
    for (const [text, token] of this.#tokens) this.#tokens.set(text, { ...token, signOuts: 9 });
  }

  /** Takes every step in its turn, until nothing is left to do. */
  async end(): Promise<void> {
    for (const member of this.members) member.isCut = false;
    for (let count = 0; count < 2_000; count += 1) {
      const [step] = this.ready;
      if (step !== undefined) await this.take(step);
      else if (this.isQuiet || !(await this.fire())) break;
    }
    for (const { number, isCrashed, call, signingOut } of this.members)
      if (!isCrashed && (call?.isSettled === false || signingOut))
        this.problems.push(`a call of member ${number} is not settled`);
  }

  /** Runs all that needs no step: the code under test waits only for promises. */
  settled(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  get isQuiet(): boolean {
    return (
      this.steps.length === 0 &&
      this.members.every(
        ({ isCrashed, call, signingOut }) => isCrashed || (call?.isSettled !== false && !signingOut),
      )
    );
  }
}

const textIn = (value: string): string =>
  value === '' ? '' : ((JSON.parse(value) as { details?: { token: string } }).details?.token ?? '');
