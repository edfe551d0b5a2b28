import { isOwnError } from '../errors/error-info.js';
import { startDemo } from './demo.js';
import type { Demo, DemoOptions } from './demo-client.js';
import { NotObserved, Watch } from './watch.js';

/** The observed values, without secrets. */
type Observed = Readonly<Record<string, string | number | boolean | null>>;

interface CheckStep {
  readonly step: string;
  readonly ok: boolean;
  readonly observed: Observed;
  readonly tookMs: number;
}

export interface CheckReport {
  readonly ok: boolean;
  readonly steps: readonly CheckStep[];
  readonly totalMs: number;
}

/** What a step observed, and whether that is the expected result. */
type Finding = readonly [ok: boolean, observed: Observed];

interface Run {
  readonly demo: Demo;
  readonly watch: Watch;
  readonly ttlMs: number;
  /** The id of the connection when it was first connected. */
  connectionId: string | null;
  /** The number of records before the renewal, and later before the refusal. */
  since: number;
}

/** Real time, ms: long enough for a renewal on a slow machine, and short enough to wait for. */
const TTL_MS = 6_000;
const STEP_MS = 5_000;

/** The steps. Each needs the success of the previous one. */
const steps: readonly (readonly [name: string, run: (run: Run) => Promise<Finding>])[] = [
  ['authorize', authorize],
  ['connected', connected],
  ['renewed before expiry', renewed],
  ['upgraded in place', upgraded],
  ['token refused by the server', refused],
  ['recovered', recovered],
  ['disposed', disposed],
];

/** Runs all steps once, without a page. Stops at the first step that fails. */
export async function runCheck(options: Partial<DemoOptions> = {}): Promise<CheckReport> {
  const { ttlMs = TTL_MS, latencyMs = 20, ...rest } = options;
  const demo = await startDemo({ ttlMs, latencyMs, ...rest });
  const { auth, sandbox, clock } = demo;
  const watch = new Watch(auth, sandbox, clock);
  const startedAt = clock.monotonic();
  const run: Run = { demo, watch, ttlMs, connectionId: null, since: 0 };
  const done: CheckStep[] = [];
  try {
    for (const [name, step] of steps) {
      const result = await take(name, step, run);
      done.push(result);
      if (!result.ok) break;
    }
  } finally {
    watch.dispose();
    await demo.dispose();
  }
  const ok = done.length === steps.length && done.every((step) => step.ok);
  return { ok, steps: done, totalMs: Math.round(clock.monotonic() - startedAt) };
}

async function take(step: string, perform: (run: Run) => Promise<Finding>, run: Run): Promise<CheckStep> {
  const { auth, clock, connection } = run.demo;
  const startedAt = clock.monotonic();
  const took = () => Math.round(clock.monotonic() - startedAt);
  try {
    const [ok, observed] = await perform(run);
    return { step, ok, observed, tookMs: took() };
  } catch (error) {
    if (!(error instanceof NotObserved || isOwnError(error))) throw error;
    const observed = { problem: error.message, state: auth.state.value, connection: connection.state };
    return { step, ok: false, observed, tookMs: took() };
  }
}

async function authorize({ demo: { auth }, ttlMs }: Run): Promise<Finding> {
  const { issued = 0, expires = 0, clientId = null } = await auth.authorize();
  const state = auth.state.value;
  const lifetimeMs = expires - issued;
  return [state === 'authorized' && lifetimeMs === ttlMs, { state, clientId, lifetimeMs }];
}

async function connected(run: Run): Promise<Finding> {
  const { connection, sandbox } = run.demo;
  await run.watch.until('a connection', STEP_MS, () => connection.state === 'connected');
  run.connectionId = connection.id;
  const isKnown = sandbox.connections.some((one) => one.isConnected && one.connectionId === connection.id);
  run.since = run.watch.count;
  return [isKnown, { connection: connection.state, connectionId: connection.id, knownToTheService: isKnown }];
}

async function renewed({ demo: { auth }, watch, ttlMs, since }: Run): Promise<Finding> {
  const { expires: previousDies = 0 } = auth.tokenDetails ?? {};
  const { at, payload } = await watch.until(
    'a renewal',
    ttlMs + STEP_MS,
    () => watch.events('renewed', since)[0],
  );
  const aheadOfExpiryMs = previousDies - at;
  const newLifeMs = (payload.expires ?? 0) - at;
  const reason = watch.events('state', since).find((event) => event.payload.value === 'renewing')
    ?.payload.reason;
  return [
    aheadOfExpiryMs > 0 && newLifeMs > aheadOfExpiryMs,
    {
      state: auth.state.value,
      because: reason ?? null,
      previousExpires: new Date(previousDies).toISOString(),
      renewedAt: new Date(at).toISOString(),
      aheadOfExpiryMs,
    },
  ];
}

async function upgraded(run: Run): Promise<Finding> {
  const { watch, since, connectionId } = run;
  const { connection } = run.demo;
  const seen = await watch.until('a re-authentication at the service', STEP_MS, () =>
    watch.happenings(since).find((one) => one.type === 'reauthenticated'),
  );
  const left = watch
    .events('connection.changed', since)
    .filter(({ payload }) => payload.state !== 'connected');
  const pushes = watch.events('connection.upgrade', since).length;
  const atTheService = 'connectionId' in seen ? seen.connectionId : null;
  return [
    connection.id === connectionId && atTheService === connectionId && left.length === 0 && pushes > 0,
    {
      connectionId: connection.id,
      sameConnection: connection.id === connectionId,
      reauthenticatedAtTheService: atTheService,
      timesDisconnected: left.length,
    },
  ];
}

async function refused(run: Run): Promise<Finding> {
  const { auth, sandbox } = run.demo;
  const { watch } = run;
  run.since = watch.count;
  sandbox.revokeTokens();
  const { payload } = await watch.until('the refusal', STEP_MS, () => watch.events('expired', run.since)[0]);
  const { code, statusCode, message } = payload.error;
  return [code === 40141 && statusCode === 401, { code, statusCode, message, state: auth.state.value }];
}

async function recovered({
  demo: { auth, connection, sandbox },
  watch,
  since,
  connectionId,
}: Run): Promise<Finding> {
  await watch.until('a new token', STEP_MS, () => watch.events('authorized', since)[0]);
  await watch.until(
    'a connection with it',
    STEP_MS,
    () => connection.state === 'connected' && watch.happenings(since).some((one) => one.type === 'connected'),
  );
  const isKnown = sandbox.connections.some((one) => one.isConnected && one.connectionId === connection.id);
  return [
    isKnown && auth.state.value === 'authorized',
    {
      state: auth.state.value,
      connection: connection.state,
      connectionId: connection.id,
      resumed: connection.id === connectionId,
    },
  ];
}

async function disposed({ demo: { auth, connection, sandbox }, watch }: Run): Promise<Finding> {
  auth.dispose();
  connection.close();
  await watch.until(
    'the end of the connection',
    STEP_MS,
    () => !sandbox.connections.some((one) => one.isConnected),
  );
  const refusal = await auth.authorize().then(
    () => null,
    (error: unknown) => (isOwnError(error) ? error.code : -1),
  );
  const liveConnections = sandbox.connections.filter((one) => one.isConnected).length;
  return [
    liveConnections === 0 && refusal === 80017 && auth.tokenDetails === null,
    { liveConnections, tokenHeld: auth.tokenDetails !== null, authorizeNowFailsWith: refusal },
  ];
}
