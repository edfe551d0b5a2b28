import { isOwnError } from '../../errors/error-info.js';
import {
  answerTime,
  caching,
  contentType,
  cors,
  failedAgain,
  noPreflight,
  nosniff,
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
import { keyStaysHome } from './leaked-key.js';
import { type ClientType, clientType, deviceClientId } from './mau-checks.js';
import {
  badFormat,
  capability,
  clientId,
  clock,
  embedded,
  format,
  freshness,
  impersonation,
  type ServiceTime,
  tokenLength,
  ttl,
} from './token-checks.js';
import { factsOfAnswer, type TokenFacts } from './token-facts.js';
import { type CheckName, checkNames, rareCheckNames, skipped, type Verdict } from './verdict.js';

/** The result of an examination. It contains no token, nonce or mac. */
export interface Report {
  readonly url: string;
  /** No problem was found. Warnings, and checks that were not made, are possible. */
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

/** JWTs count in seconds: two of the same second are equal, and that is no fault. */
const JWT_STEP_MS = 1_001;

/** Sends three or four requests to an endpoint as clients do, and reports its problems. */
export async function examine(examination: Examination, around: Surroundings): Promise<Report> {
  const [found, why] = await look(examination, around);
  const checks = [...checkNames, ...rareCheckNames].flatMap((name) => {
    const ofName = found.filter(({ check }) => check === name);
    const isDue = name === 'device clientId' ? examination.mau === 'device' : name !== 'embedded token';
    return ofName.length > 0 || !isDue ? ofName : [skipped(name, why)];
  });
  const { origin, pathname } = new URL(examination.url);
  return { url: `${origin}${pathname}`, ok: checks.every(({ level }) => level !== 'problem'), checks };
}

/** The results, and why the other checks were not made. */
type Findings = readonly [found: readonly Verdict[], why: string];

/** The checks whose failure explains why a client cannot read the answer. */
const EXPLAINING = new Set<CheckName>(['reachable', 'content type', 'size']);

async function look(examination: Examination, around: Surroundings): Promise<Findings> {
  const params = examination.clientId === undefined ? {} : { clientId: examination.clientId };
  const first = await exchange(examination, params, around);
  const { received, made } = first;
  if (received === undefined) return [[reachable(examination, first)], 'there is no answer'];
  const answered = { question: examination, exchange: first, received };
  const ofAnswer = [
    reachable(examination, first),
    status(answered),
    cors(answered),
    ...(await preflights(examination, around)),
    answerTime(answered),
  ];
  if (received.status < 200 || received.status > 299)
    return [[...ofAnswer, keyStaysHome(received, undefined)], `the endpoint answers ${received.status}`];
  const ofBody = [contentType(answered), nosniff(answered), caching(answered), size(answered)];
  if (!isOwnError(made)) {
    const facts = factsOfAnswer(made);
    const ofToken = await tokenChecks(examination, first, facts, params, around);
    return [[...ofAnswer, ...ofBody, keyStaysHome(received, facts.keyName), ...ofToken], UNREAD];
  }
  const all = [...ofAnswer, ...ofBody, keyStaysHome(received, undefined)];
  const isExplained = all.some(({ check, level }) => level === 'problem' && EXPLAINING.has(check));
  return [isExplained ? all : [...all, badFormat(made, received)], UNREAD];
}

const UNREAD = 'the answer has no token that can be read';

async function tokenChecks(
  examination: Examination,
  first: Exchange,
  facts: TokenFacts,
  params: { readonly clientId?: string },
  around: Surroundings,
): Promise<Verdict[]> {
  const service = await serviceTime(around);
  if (facts.kind === 'JWT')
    await new Promise<void>((resolve) => around.clock.setTimeout(resolve, JWT_STEP_MS));
  const second = await exchange(examination, params, around);
  const asImpostor = await exchange(examination, { clientId: IMPOSTOR }, around);
  const isNew = isOwnError(second.made) || !facts.isSameAs(factsOfAnswer(second.made));
  const now = service === undefined ? first.at : first.at + service.time - service.answeredAt;
  return [
    format(facts),
    ...embedded(facts),
    tokenLength(facts),
    clock(facts, first, service, isNew),
    ...(isOwnError(second.made)
      ? [
          failedAgain('the second call', second.received, second.made, examination),
          skipped('freshness', 'the second call gets no token'),
        ]
      : [freshness(facts, isNew)]),
    ttl(facts, now),
    ...identity(examination, facts, asImpostor),
    capability(facts),
    clientType(examination.mau, examination.origin, facts),
    ...(examination.mau === 'device' ? [deviceClientId(examination.clientId, facts)] : []),
  ];
}

/** Whose token it is, and whether another one can have it. */
function identity(examination: Examination, facts: TokenFacts, asImpostor: Exchange): Verdict[] {
  const { made, received } = asImpostor;
  const own = clientId(examination.clientId, facts);
  if (!isOwnError(made)) {
    const fake = factsOfAnswer(made);
    const unread = fake.isOpaque && fake.clientId === undefined;
    if (unread && own.level === 'ok') return [skipped('clientId', 'the answer does not say it')];
    return [impersonation(IMPOSTOR, fake) ?? own];
  }
  if (isRefusal(received)) return [own];
  return [
    failedAgain('a call with a clientId that no user has', received, made, examination),
    own.level === 'ok' ? skipped('clientId', 'a call with a clientId that no user has fails') : own,
  ];
}

/** Whether the endpoint refuses an unknown user, as it should. */
function isRefusal(received: Received | undefined): boolean {
  return received !== undefined && received.status >= 400 && received.status < 500 && received.status !== 429;
}

/** undefined: the service does not answer in time. */
async function serviceTime({
  serviceTime: ask,
  clock,
  timeoutMs,
}: Surroundings): Promise<ServiceTime | undefined> {
  const deadline = new Deadline(clock, timeoutMs);
  const askedAt = clock.now();
  const time = await Promise.race([ask().catch(() => undefined), deadline.passed]);
  deadline.end();
  return typeof time === 'number' ? { time, askedAt, answeredAt: clock.now() } : undefined;
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
