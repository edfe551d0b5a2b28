import type { Entry, View } from './messages.js';

/** One token, from its receipt to its end. Times are ms since the epoch by the client's clock. */
export interface TokenLife {
  readonly number: number;
  readonly clientId: string | null;
  /** When the client received the token. */
  readonly receivedAt: number;
  /** What tells the token from others. null: nothing but its receipt. */
  readonly mark: string | null;
  /** When its renewal is planned, and when it expires; null: not known. */
  renewAt: number | null;
  diesAt: number | null;
  /** From when on the client was fetching the next token while this one was current. */
  overlapFrom: number | null;
  /** When it stopped being the current token; null: it still is. */
  endedAt: number | null;
  /** Why it stopped being the current token. */
  end: 'renewed' | 'died' | 'refused' | 'forgotten' | null;
}

type ViewEntry = Extract<Entry, { readonly kind: 'view' }>;
type Token = NonNullable<View['decision']['token']>;

/** Two views of one token may differ by this in the time of its receipt, ms. */
const NEAR_MS = 50;

/** Finds the tokens in a series of views, and how long each was the current one. */
export class TokenLives {
  readonly all: TokenLife[] = [];

  take({ at, view }: ViewEntry): void {
    const { token, now } = view.decision;
    const current = this.#current;
    if (token === null) {
      if (current !== null) end(current, at, reasonOf(view, current, at));
      return;
    }
    const seen = momentsOf(token, now);
    const mark = markOf(view);
    if (current !== null && isSame(current, { ...seen, mark })) {
      Object.assign(current, { renewAt: seen.renewAt, diesAt: seen.diesAt });
      noteOverlap(current, view, at);
      return;
    }
    if (current !== null) end(current, at, 'renewed');
    this.all.push({
      number: this.all.length + 1,
      clientId: token.clientId ?? null,
      ...seen,
      mark,
      overlapFrom: null,
      endedAt: null,
      end: null,
    });
  }

  get #current(): TokenLife | null {
    const last = this.all.at(-1);
    return last === undefined || last.endedAt !== null ? null : last;
  }
}

function momentsOf(token: Token, now: number) {
  const moment = (inMs: number | null) => (inMs === null ? null : now + inMs);
  return {
    receivedAt: now + token.receivedInMs,
    renewAt: moment(token.renewInMs),
    diesAt: moment(token.diesInMs),
  };
}

/**
 * What tells a token from others: its times by the issuer's clock, or when the client obtained it. After a sleep the
 * client counts its receipt anew.
 */
function markOf({ acquired, decision }: View): string | null {
  const { issued, expires } = decision.token ?? {};
  if (issued !== undefined || expires !== undefined) return `${issued} to ${expires}`;
  return acquired == null ? null : `obtained ${acquired.at}`;
}

function isSame(life: TokenLife, seen: Pick<TokenLife, 'receivedAt' | 'mark'>): boolean {
  if (life.mark !== null && life.mark === seen.mark) return true;
  return Math.abs(life.receivedAt - seen.receivedAt) < NEAR_MS;
}

function noteOverlap(life: TokenLife, { decision }: View, at: number): void {
  const isFetching = decision.value === 'renewing' && decision.next?.step !== 'retry';
  // After a failed try, the overlap begins with the try that succeeds.
  life.overlapFrom = isFetching ? (life.overlapFrom ?? at) : null;
}

function end(life: TokenLife, at: number, why: NonNullable<TokenLife['end']>): void {
  life.endedAt = why === 'died' && life.diesAt !== null ? Math.min(at, life.diesAt) : at;
  life.end = why;
}

function reasonOf({ decision }: View, life: TokenLife, at: number): NonNullable<TokenLife['end']> {
  if (decision.value === 'idle' && decision.rule === 'signed out') return 'forgotten';
  if (decision.error?.code === 40142 && (life.diesAt === null || at < life.diesAt - NEAR_MS))
    return 'refused';
  if (life.diesAt !== null && at >= life.diesAt - NEAR_MS) return 'died';
  return 'refused';
}
