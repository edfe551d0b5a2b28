import { isOwnError } from '../../errors/error-info.js';
import {
  answerTime,
  caching,
  contentType,
  cors,
  failedAgain,
  noPreflight,
  preflight,
  reachable,
  size,
  status,
} from './answer-checks.js';
import {
  Deadline,
  type Exchange,
  exchange,
  type Question,
  type Received,
  type Surroundings,
} from './exchange.js';
import { type ClientType, mau } from './mau-checks.js';
import {
  badFormat,
  capability,
  clientId,
  clock,
  format,
  freshness,
  impersonation,
  keyStaysHome,
  ttl,
} from './token-checks.js';
import { factsOfAnswer } from './token-facts.js';
import type { CheckName, Verdict } from './verdict.js';

/** The result of an examination. It contains no token, nonce or mac. */
export interface Report {
  readonly url: string;
  /** No problem was found. Warnings are possible. */
  readonly ok: boolean;
  /** All checks, in the order in which a client depends on them. */
  readonly checks: readonly Verdict[];
}

export interface Examination extends Question {
  /** The clientId of the client; undefined: none. */
  readonly clientId: string | undefined;
  /** What the client is, on an account that is billed by monthly active users; absent: another account. */
  readonly mau?: ClientType | undefined;
}

/** A clientId that no user has. */
const IMPOSTOR = 'latchkey-doctor-nobody';

/** Sends three or four requests to an endpoint as clients do, and reports its problems. */
export async function examine(examination: Examination, around: Surroundings): Promise<Report> {
  const checks = await look(examination, around);
  const { origin, pathname } = new URL(examination.url);
  return { url: `${origin}${pathname}`, ok: checks.every(({ level }) => level !== 'problem'), checks };
}

/** The checks whose failure explains why a client cannot read the answer. */
const EXPLAINING = new Set<CheckName>(['reachable', 'content type', 'size']);

async function look(examination: Examination, around: Surroundings): Promise<Verdict[]> {
  const params = examination.clientId === undefined ? {} : { clientId: examination.clientId };
  const first = await exchange(examination, params, around);
  const { received, made } = first;
  if (received === undefined) return [reachable(examination, first)];
  const answered = { question: examination, exchange: first, received };
  const ofAnswer = [
    reachable(examination, first),
    status(answered),
    cors(answered),
    ...(await preflights(examination, around)),
    answerTime(answered),
  ];
  if (received.status < 200 || received.status > 299) return [...ofAnswer, keyStaysHome(received)];
  const ofBody = [contentType(answered), caching(answered), size(answered), keyStaysHome(received)];
  if (!isOwnError(made)) {
    return [...ofAnswer, ...ofBody, ...(await ofToken(examination, first, params, around))];
  }
  const isExplained = [...ofAnswer, ...ofBody].some(
    ({ check, level }) => level === 'problem' && EXPLAINING.has(check),
  );
  return [...ofAnswer, ...ofBody, ...(isExplained ? [] : [badFormat(made, received)])];
}

async function ofToken(
  examination: Examination,
  first: Exchange,
  params: { readonly clientId?: string },
  around: Surroundings,
): Promise<Verdict[]> {
  if (isOwnError(first.made)) return [];
  const facts = factsOfAnswer(first.made);
  const second = await exchange(examination, params, around);
  const asImpostor = await exchange(examination, { clientId: IMPOSTOR }, around);
  const impostor = isOwnError(asImpostor.made) ? undefined : factsOfAnswer(asImpostor.made);
  const fake = impostor === undefined ? undefined : impersonation(IMPOSTOR, impostor);
  return [
    format(facts),
    clock(facts, first),
    isOwnError(second.made)
      ? failedAgain('the second call', second.received, second.made)
      : freshness(facts, factsOfAnswer(second.made), second),
    ...(isOwnError(asImpostor.made) && !isRefusal(asImpostor.received)
      ? [failedAgain('a call with a clientId that no user has', asImpostor.received, asImpostor.made)]
      : []),
    ttl(facts, first),
    fake ?? clientId(examination.clientId, facts),
    capability(facts),
    ...(examination.mau === undefined ? [] : mau(examination.mau, examination.clientId, facts)),
  ];
}

/** Whether the endpoint refuses an unknown user, as it should. */
function isRefusal(received: Received | undefined): boolean {
  return received !== undefined && received.status >= 400 && received.status < 500 && received.status !== 429;
}

/** Browsers send a preflight before a request that a form could not send. */
async function preflights(
  { url, origin, headers, method }: Question,
  { fetch, clock, timeoutMs }: Surroundings,
): Promise<Verdict[]> {
  const names = Object.keys(headers).filter((name) => !/^(accept|accept-language|cookie)$/i.test(name));
  if (origin === undefined || names.length === 0 || new URL(url).origin === origin) return [];
  const asking = {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': names.join(',').toLowerCase(),
  };
  const deadline = new Deadline(clock, timeoutMs);
  const response = await Promise.race([
    fetch(url, { method: 'OPTIONS', headers: asking, signal: deadline.signal }).catch(() => undefined),
    deadline.passed,
  ]);
  deadline.end();
  if (isOwnError(response)) return [noPreflight(origin, timeoutMs, response)];
  await response?.body?.cancel().catch(() => {});
  return [preflight(origin, names, response)];
}
