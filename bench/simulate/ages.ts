import { defaultRenewal } from '../../machines/policy.js';
import { Auth, type ClientOptions, type TokenDetails } from '../../src/index.js';
import { settle, VirtualClock } from '../../src/testing/virtual-clock.js';

const MINUTE = 60_000;
const HOURS = 6;
const LIFE = 60 * MINUTE;
/** The planned lead of a token of an hour. */
const LEAD = Math.min(defaultRenewal.leadMs, defaultRenewal.share * LIFE);
/** A source with a schedule makes a token as often as this, whoever asks. */
const SCHEDULE = 36 * MINUTE;

/**
 * The limit for the tokens that a source issues, and for how often it is asked: 1.2 times those of a client that renews
 * exactly as planned. The tokens of a schedule are old at receipt, by half its period on average.
 */
export const mostFetches = (source: SourceName): number =>
  (6 * HOURS * 60 * MINUTE) / (5 * (LIFE - LEAD - (source.startsWith('scheduled') ? SCHEDULE / 2 : 0)));

/** A source with a cache is asked too soon now and then, to find out when it can have another token. */
export const mostAsks = (source: SourceName): number =>
  mostFetches(source) * (source.startsWith('cached') ? 1.2 : 1);

/** How far the local clock is ahead, minutes. */
export const SKEWS = [-120, -20, 0, 20, 120] as const;
export const KINDS = ['TokenDetails', 'JWT with iat', 'JWT with exp alone', 'opaque'] as const;
export const SOURCES = [
  'callback',
  'authUrl',
  'cached callback',
  'cached authUrl',
  'scheduled callback',
  'scheduled authUrl',
] as const;

type Kind = (typeof KINDS)[number];
type SourceName = (typeof SOURCES)[number];

/** Six hours of one client. */
export interface Cell {
  readonly skew: number;
  readonly kind: Kind;
  readonly source: SourceName;
  /** Minutes in which a call got a token that had expired. */
  readonly dead: number;
  /** Tokens that the source issued. */
  readonly fetches: number;
  /** How often the source was asked; one with a cache need not issue a token then. */
  readonly asks: number;
  /** Whether the client could know how old tokens are. */
  readonly couldTell: boolean;
  /** Which of the limits it misses. */
  readonly misses: readonly ('dead' | 'fetches' | 'asks')[];
}

/**
 * Whether a clue could tell the age of the tokens. Those of a source without a cache are new, so their life says all.
 * Otherwise a right clock is needed: the local one, or that of the answers.
 */
function couldTell(skew: number, kind: Kind, source: SourceName): boolean {
  if (kind === 'opaque') return false;
  if (source === 'callback' && kind !== 'JWT with exp alone') return true;
  return skew === 0 || source.endsWith('authUrl');
}

const START = Date.UTC(2026, 10, 1);

/** Runs one client for six hours. Its source has a right clock, its device perhaps not. */
async function cell(skew: number, kind: Kind, source: SourceName): Promise<Cell> {
  const clock = new VirtualClock(START + skew * MINUTE);
  const now = () => START + clock.monotonic();
  const hasCache = source.startsWith('cached');
  const isScheduled = source.startsWith('scheduled');
  const ends = new Map<string, number>();
  let fetches = 0;
  let asks = 0;
  const issue = (issued: number): TokenDetails | string => {
    fetches += 1;
    const answer = tokenOf(kind, issued, fetches);
    ends.set(typeof answer === 'string' ? answer : answer.token, issued + LIFE);
    return answer;
  };
  let kept = { answer: issue(now() - 50 * MINUTE), until: now() + 10 * MINUTE };
  if (!hasCache) fetches = 0;
  const give = (): TokenDetails | string => {
    asks += 1;
    if (isScheduled) {
      const issued = START + Math.floor((now() - START) / SCHEDULE + 0.5) * SCHEDULE - SCHEDULE / 2;
      if (kept.until !== issued + LIFE) kept = { answer: issue(issued), until: issued + LIFE };
      return kept.answer;
    }
    // As the caches of identity providers do: not before the last five minutes.
    if (!hasCache || kept.until - now() <= 5 * MINUTE) kept = { answer: issue(now()), until: now() + LIFE };
    return kept.answer;
  };
  const means: ClientOptions = source.endsWith('authUrl')
    ? { authUrl: 'https://example.com/token', fetch: async () => answerOf(give(), now()) }
    : { authCallback: async () => give() };
  const auth = new Auth({ ...means, clock, random: () => 0, logLevel: 'none' });
  auth.token$.subscribe();
  await settle();
  let dead = 0;
  for (let minute = 0; minute < HOURS * 60; minute += 1) {
    await clock.advance(MINUTE);
    const [given] = await Promise.all([auth.getToken().catch(() => null), settle()]);
    if (given !== null && (ends.get(given.token) ?? 0) <= now()) dead += 1;
  }
  auth.dispose();
  const tells = couldTell(skew, kind, source);
  const most = mostFetches(source);
  const misses = [
    ...(tells && dead > 0 ? (['dead'] as const) : []),
    ...(fetches > most ? (['fetches'] as const) : []),
    ...(asks > mostAsks(source) ? (['asks'] as const) : []),
  ];
  return { skew, kind, source, dead, fetches, asks, couldTell: tells, misses };
}

/** All cells: each skew with each kind of token and each source. */
export async function ages(): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for (const source of SOURCES)
    for (const kind of KINDS) for (const skew of SKEWS) cells.push(await cell(skew, kind, source));
  return cells;
}

function tokenOf(kind: Kind, issued: number, number: number): TokenDetails | string {
  const token = `token-${number}`;
  if (kind === 'TokenDetails') return { token, issued, expires: issued + LIFE };
  if (kind === 'opaque') return token;
  const iat = Math.floor(issued / 1_000);
  const claims = { jti: token, exp: iat + LIFE / 1_000, ...(kind === 'JWT with iat' ? { iat } : {}) };
  return `${encoded({ alg: 'HS256' })}.${encoded(claims)}.${encoded(token)}`;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function answerOf(given: TokenDetails | string, now: number): Response {
  const date = new Date(now).toUTCString();
  return typeof given === 'string'
    ? new Response(given, { headers: { 'content-type': 'text/plain', date } })
    : Response.json(given, { headers: { date } });
}
