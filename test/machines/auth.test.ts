import { describe, expect, it } from 'vitest';
import { authMachine } from '../../machines/auth.machine.js';
import { REFUSED_BEFORE } from '../../machines/auth-context.js';
import type { Accepted } from '../../machines/ports.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { Secret } from '../../src/token/secret.js';
import { AuthHarness, failure, forbidden, putOff, type Setting } from './auth-harness.js';
import { TransitionCoverage } from './transition-coverage.js';

const HOUR = 3_600_000;
const coverage = new TransitionCoverage(authMachine);
const start = (setting?: Setting) => new AuthHarness(setting, coverage.inspect);

/** Leads the machine into a state. Tokens live for an hour, and are renewed a minute before their expiry. */
const into: Record<string, (setting?: Setting) => Promise<AuthHarness>> = {
  idle: async (setting) => start(setting),
  requesting: async (setting) => {
    const auth = start(setting);
    auth.actor.send({ type: 'token.needed' });
    return auth;
  },
  authorized: async (setting) => {
    const auth = await into.requesting?.(setting);
    await auth?.accept(HOUR);
    return auth as AuthHarness;
  },
  'renewing.fetching': async (setting) => {
    const auth = (await into.authorized?.(setting)) as AuthHarness;
    await auth.clock.advance(HOUR - 60_000);
    return auth;
  },
  'renewing.waiting': async (setting) => {
    const auth = (await into['renewing.fetching']?.(setting)) as AuthHarness;
    await auth.refuse();
    return auth;
  },
  'failed.waiting': async (setting) => {
    const auth = (await into.requesting?.(setting)) as AuthHarness;
    await auth.refuse();
    return auth;
  },
  'failed.final': async (setting) => {
    const auth = (await into.requesting?.(setting)) as AuthHarness;
    await auth.refuse(forbidden());
    return auth;
  },
};

const reach = async (state: string, setting?: Setting): Promise<AuthHarness> => {
  const auth = await into[state]?.(setting);
  if (auth === undefined) throw new Error(`no way to ${state}`);
  auth.emitted.length = 0;
  return auth;
};

type Step = (auth: AuthHarness) => void | Promise<void>;

const refused: Step = (auth) => auth.actor.send({ type: 'token.refused', error: failure(40142) });
const needed: Step = (auth) => auth.actor.send({ type: 'token.needed' });
const asked: Step = (auth) => auth.actor.send({ type: 'token.asked' });
const forgotten: Step = (auth) => auth.actor.send({ type: 'forget' });
const authorize: Step = (auth) => auth.authorize();
const after =
  (ms: number): Step =>
  (auth) =>
    auth.clock.advance(ms);
/** Time passes with late timers, as after sleep. */
const late =
  (ms: number): Step =>
  (auth) => {
    const monotonic = auth.clock.monotonic() + ms;
    auth.clock.monotonic = () => monotonic;
  };
const jumped =
  (ms: number): Step =>
  (auth) =>
    auth.actor.send({ type: 'time.jumped', ms });
const offline: Step = (auth) => {
  auth.isOnline = false;
};
const back: Step = (auth) => {
  auth.isOnline = true;
  auth.actor.send({ type: 'network.back' });
};
const accepted: Step = (auth) => auth.accept(HOUR);
const refusedWith =
  (code: number, statusCode?: number): Step =>
  (auth) =>
    auth.refuse(failure(code, statusCode));

const put: Step = (auth) => auth.refuse(putOff(600_000));
const authorizeAs: Step = (auth) => auth.authorize(new Secret('other'), true);

const notSignedIn: Step = (auth) =>
  auth.refuse(new ErrorInfo({ code: 40100, message: 'sign in', origin: 'source' }));
const userBack: Step = (auth) => auth.actor.send({ type: 'user.back' });
const unused: Step = (auth) => {
  auth.isInUse = false;
};
const used: Step = (auth) => {
  auth.isInUse = true;
};

interface Row {
  readonly from: string;
  readonly on: string;
  readonly step: Step | readonly Step[];
  readonly to: string;
  readonly emits: readonly string[];
  readonly setting?: Setting;
  /** The number of acquisitions, and of the running ones. */
  readonly begun?: number;
  readonly live?: number;
}

const noMeans: Setting = { renewable: false };
const byServer: Setting = { renewal: { by: 'server' } };
/** A short cap keeps the quick tries of a client with a long token. */
const quick: Setting = { renewal: { retry: { baseMs: 1_000, capMs: 60_000 } } };
const inUse: Setting = { renewal: { onlyInUse: true } };
const failed = ['acquisition.failed', 'failed'];

const table: Row[] = [
  { from: 'idle', on: 'authorize', step: authorize, to: 'requesting', emits: [], live: 1 },
  { from: 'idle', on: 'a need', step: needed, to: 'requesting', emits: [], live: 1 },
  {
    from: 'idle',
    on: 'refusal of an old token',
    step: refused,
    to: 'requesting',
    emits: [],
    live: 1,
  },
  { from: 'idle', on: 'forget', step: forgotten, to: 'idle', emits: ['forgotten'], live: 0 },

  {
    from: 'requesting',
    on: 'success',
    step: accepted,
    to: 'authorized',
    emits: ['token.committed'],
    live: 0,
  },
  {
    from: 'requesting',
    on: 'failure',
    step: refusedWith(40170),
    to: 'failed.waiting',
    emits: failed,
    live: 0,
  },
  {
    from: 'requesting',
    on: '403',
    step: refusedWith(40300, 403),
    to: 'failed.final.withoutToken',
    emits: failed,
    live: 0,
  },
  {
    from: 'requesting',
    on: 'an error that stays',
    step: refusedWith(40102),
    to: 'failed.final.withoutToken',
    emits: failed,
  },
  {
    from: 'requesting',
    on: 'a child that breaks',
    step: (auth) => auth.acquisitions.at(-1)?.breakDown(new Error('bug')),
    to: 'failed.waiting',
    emits: failed,
  },
  {
    from: 'requesting',
    on: 'a need',
    step: needed,
    to: 'requesting',
    emits: [],
    begun: 1,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'authorize, which joins',
    step: authorize,
    to: 'requesting',
    emits: [],
    begun: 1,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'authorize twice for the same, which joins',
    step: [authorize, authorize],
    to: 'requesting',
    emits: [],
    begun: 1,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'a 401 of the source',
    step: notSignedIn,
    to: 'failed.waiting',
    emits: ['acquisition.failed', 'signin.required', 'failed'],
    begun: 1,
    live: 0,
  },
  {
    from: 'requesting',
    on: 'a 401 of the source, and the user’s return',
    step: [notSignedIn, userBack],
    to: 'requesting',
    emits: ['acquisition.failed', 'signin.required', 'failed'],
    begun: 2,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'a 401 of the source, and the user’s return without a network',
    step: [notSignedIn, offline, userBack],
    to: 'failed.waiting',
    emits: ['acquisition.failed', 'signin.required', 'failed', 'failed'],
    begun: 1,
    live: 0,
  },
  {
    from: 'failed.waiting',
    on: 'the user’s return after another failure',
    step: userBack,
    to: 'failed.waiting',
    emits: [],
    begun: 1,
    live: 0,
  },
  {
    from: 'authorized',
    on: 'the moment of its renewal, and nobody uses it',
    step: [unused, after(HOUR - 30_000)],
    to: 'authorized',
    emits: [],
    setting: inUse,
    begun: 1,
    live: 0,
  },
  {
    from: 'authorized',
    on: 'its end, and nobody uses it',
    step: [unused, after(HOUR)],
    to: 'idle',
    emits: ['token.expiring', 'token.dropped'],
    setting: inUse,
    begun: 1,
    live: 0,
  },
  {
    from: 'authorized',
    on: 'its end, and somebody used it after the renewal was postponed',
    step: [unused, after(HOUR - 30_000), used, after(30_000)],
    to: 'requesting',
    emits: ['token.expiring', 'token.dropped'],
    setting: inUse,
    begun: 2,
    live: 1,
  },
  {
    from: 'authorized',
    on: 'a need after the renewal was postponed',
    step: [unused, after(HOUR - 30_000), used, needed],
    to: 'renewing.fetching',
    emits: ['token.offered'],
    setting: inUse,
    begun: 2,
    live: 1,
  },
  {
    from: 'authorized',
    on: 'the moment of its renewal, and somebody uses it',
    step: after(HOUR - 30_000),
    to: 'renewing.fetching',
    emits: [],
    setting: inUse,
    begun: 2,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'authorize for different terms',
    step: authorizeAs,
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'authorize twice for different terms',
    step: [authorize, authorizeAs],
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  {
    from: 'idle',
    on: 'a need after forget',
    step: [forgotten, needed],
    to: 'idle',
    emits: ['forgotten', 'token.denied'],
    begun: 0,
    live: 0,
  },
  {
    from: 'idle',
    on: 'a refusal after forget',
    step: [forgotten, refused],
    to: 'idle',
    emits: ['forgotten', 'token.denied'],
    begun: 0,
    live: 0,
  },
  { from: 'requesting', on: 'forget', step: forgotten, to: 'idle', emits: ['forgotten'], live: 0 },
  {
    from: 'idle',
    on: 'a failed authorize by terms that are not kept',
    step: [(auth) => auth.authorize(new Secret('other'), true), refusedWith(40170)],
    to: 'idle',
    emits: ['acquisition.failed'],
  },

  {
    from: 'authorized',
    on: 'the renewal is due',
    step: after(HOUR - 60_000),
    to: 'renewing.fetching',
    emits: [],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'authorize',
    step: authorize,
    to: 'renewing.fetching',
    emits: [],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'a sleep shorter than its life',
    step: jumped(HOUR / 2),
    to: 'authorized',
    emits: [],
    live: 0,
  },
  {
    from: 'authorized',
    on: 'a sleep past its renewal',
    step: [jumped(HOUR - 30_000), after(0)],
    to: 'renewing.fetching',
    emits: [],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'a sleep past its death',
    step: [jumped(2 * HOUR), after(0)],
    to: 'requesting',
    emits: ['token.dropped'],
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'a sleep past its death',
    step: [jumped(HOUR), after(0)],
    to: 'requesting',
    emits: ['token.dropped'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.waiting',
    on: 'a step of the clock that is longer than its wait',
    step: [jumped(57_000), after(0)],
    to: 'renewing.fetching',
    emits: ['token.expiring'],
    begun: 3,
    live: 1,
  },
  {
    from: 'renewing.waiting',
    on: 'a step of the clock that is shorter than its wait',
    step: [jumped(5_000), after(0)],
    to: 'renewing.waiting',
    emits: [],
    begun: 2,
    live: 0,
  },
  {
    from: 'renewing.waiting',
    on: 'the network that is back',
    step: [offline, back],
    to: 'renewing.fetching',
    emits: [],
    begun: 3,
    live: 1,
  },
  {
    from: 'failed.waiting',
    on: 'a sleep',
    step: jumped(HOUR),
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  {
    from: 'failed.waiting',
    on: 'the network that is back',
    step: [offline, back],
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'the network that is back before the time that the source named',
    step: [put, back],
    to: 'failed.waiting',
    emits: [...failed, 'failed'],
    begun: 1,
  },
  {
    from: 'requesting',
    on: 'a sleep that ends before the time that the source named',
    step: [put, jumped(300_000), after(299_000), back],
    to: 'failed.waiting',
    emits: [...failed, 'failed', 'failed'],
    begun: 1,
  },
  {
    from: 'requesting',
    on: 'a sleep that ends after the time that the source named',
    step: [put, jumped(600_001)],
    to: 'requesting',
    emits: failed,
    begun: 2,
    live: 1,
  },
  {
    from: 'requesting',
    on: 'the time that the source named, whatever happens before',
    step: [put, jumped(300_000), back, after(300_000)],
    to: 'requesting',
    emits: [...failed, 'failed', 'failed'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'the network that is back before the time that the source named',
    step: [(auth) => auth.refuse(putOff(30_000)), back],
    to: 'renewing.waiting',
    emits: ['acquisition.failed'],
    begun: 2,
  },
  {
    from: 'requesting',
    on: 'a failed authorize by terms that are not kept, for somebody else',
    step: [authorizeAs, refusedWith(40102)],
    to: 'failed.waiting',
    emits: failed,
  },
  {
    from: 'failed.waiting',
    on: 'a failed authorize by terms that are not kept, and time',
    step: [authorizeAs, refusedWith(40102), after(10_000)],
    to: 'requesting',
    emits: failed,
    begun: 3,
    live: 1,
  },
  {
    from: 'idle',
    on: 'a failed authorize by terms that are not kept, which somebody waited for too',
    step: [authorizeAs, needed, refusedWith(40170)],
    to: 'failed.waiting',
    emits: failed,
  },
  {
    from: 'authorized',
    on: 'a failed authorize by terms that are not kept, after forget',
    step: [forgotten, authorizeAs, refusedWith(40170)],
    to: 'idle',
    emits: ['forgotten', 'acquisition.failed'],
  },
  {
    from: 'failed.final',
    on: 'a sleep',
    step: jumped(HOUR),
    to: 'failed.final.withoutToken',
    emits: [],
    begun: 1,
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: 'a sleep past its death after a 403',
    step: [refusedWith(40300, 403), jumped(HOUR), after(0)],
    to: 'failed.final.withoutToken',
    emits: [...failed, 'token.dropped'],
    begun: 2,
    live: 0,
  },
  {
    from: 'requesting',
    on: 'a sleep',
    step: jumped(HOUR),
    to: 'requesting',
    emits: [],
    begun: 1,
    live: 1,
  },
  {
    from: 'authorized',
    on: 'authorize after its death',
    step: [late(HOUR), authorize],
    to: 'requesting',
    emits: ['token.dropped'],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'a need after the second death at once',
    step: [refused, (auth) => auth.accept(1_000), late(1_000), needed],
    to: 'failed.waiting',
    emits: ['token.dropped', 'token.committed', 'token.dropped', 'failed'],
    live: 0,
  },
  {
    from: 'idle',
    on: 'a broken authorize by terms that are not kept',
    step: [
      (auth) => auth.authorize(new Secret('other'), true),
      (auth) => auth.acquisitions.at(-1)?.breakDown(new Error('bug')),
    ],
    to: 'idle',
    emits: ['acquisition.failed'],
  },
  {
    from: 'renewing.fetching',
    on: 'authorize after a 403',
    step: [refusedWith(40300, 403), authorize],
    to: 'renewing.fetching',
    emits: failed,
    begun: 3,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'a failed authorize, with an error that stays',
    step: [authorize, refusedWith(40102)],
    to: 'authorized',
    emits: ['acquisition.failed'],
  },
  {
    from: 'renewing.waiting',
    on: 'the next try, too late',
    step: [late(HOUR), after(1_000)],
    to: 'requesting',
    emits: ['token.dropped', 'failed'],
    setting: quick,
  },
  {
    from: 'authorized',
    on: 'the server asks',
    step: asked,
    to: 'renewing.fetching',
    emits: [],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'the server asks, by nobody',
    step: asked,
    to: 'authorized',
    emits: [],
    live: 0,
    setting: { renewal: { by: 'nobody' } },
  },
  { from: 'authorized', on: 'a need', step: needed, to: 'authorized', emits: ['token.offered'], live: 0 },
  {
    from: 'authorized',
    on: 'a need after its death',
    step: [late(HOUR), needed],
    to: 'requesting',
    emits: ['token.dropped'],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'a need after its death, without means',
    step: [late(HOUR), needed],
    to: 'failed.final.withoutToken',
    // As if the timer had been in time: first the client fails, then it reports that to pending callers.
    emits: ['token.dropped', 'failed', 'failed'],
    setting: noMeans,
  },
  {
    from: 'authorized',
    on: 'refusal',
    step: refused,
    to: 'requesting',
    emits: ['token.dropped'],
    live: 1,
  },
  {
    from: 'authorized',
    on: 'refusal, without means',
    step: refused,
    to: 'failed.final.withoutToken',
    emits: ['token.dropped', 'failed'],
    setting: noMeans,
  },
  {
    from: 'authorized',
    on: 'a second refusal at once',
    step: [refused, accepted, refused],
    to: 'failed.waiting',
    emits: ['token.dropped', 'token.committed', 'token.dropped', 'failed'],
    live: 0,
  },
  {
    from: 'authorized',
    on: 'death, by the server',
    step: after(HOUR),
    to: 'idle',
    emits: ['token.expiring', 'token.dropped'],
    setting: byServer,
  },
  {
    from: 'authorized',
    on: 'death, without means',
    step: after(HOUR),
    to: 'failed.final.withoutToken',
    emits: ['token.expiring', 'token.dropped', 'failed'],
    setting: noMeans,
  },
  { from: 'authorized', on: 'forget', step: forgotten, to: 'idle', emits: ['forgotten'] },

  {
    from: 'renewing.fetching',
    on: 'success',
    step: accepted,
    to: 'authorized',
    emits: ['token.committed'],
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: 'failure',
    step: refusedWith(40170),
    to: 'renewing.waiting',
    emits: ['acquisition.failed'],
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: '403',
    step: refusedWith(40300, 403),
    to: 'failed.final.withToken',
    emits: failed,
  },
  {
    from: 'renewing.fetching',
    on: 'an error that stays',
    step: refusedWith(40102),
    to: 'failed.final.withToken',
    emits: failed,
  },
  {
    from: 'renewing.fetching',
    on: 'a child that breaks',
    step: (auth) => auth.acquisitions.at(-1)?.breakDown(new Error('bug')),
    to: 'renewing.waiting',
    emits: ['acquisition.failed'],
  },
  {
    from: 'renewing.fetching',
    on: 'death',
    step: after(60_000),
    to: 'requesting',
    emits: ['token.expiring', 'token.dropped'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'refusal',
    step: refused,
    to: 'requesting',
    emits: ['token.dropped'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'a need',
    step: needed,
    to: 'renewing.fetching',
    emits: ['token.offered'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'a need after death',
    step: [late(HOUR), needed],
    to: 'requesting',
    emits: ['token.dropped'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'authorize',
    step: authorize,
    to: 'renewing.fetching',
    emits: [],
    begun: 3,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'authorize after death',
    step: [late(HOUR), authorize],
    to: 'requesting',
    emits: ['token.dropped'],
    begun: 2,
    live: 1,
  },
  {
    from: 'renewing.fetching',
    on: 'a failed authorize',
    step: [authorize, refusedWith(40170)],
    to: 'authorized',
    emits: ['acquisition.failed'],
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: 'a broken authorize',
    step: [authorize, (auth) => auth.acquisitions.at(-1)?.breakDown(new Error('bug'))],
    to: 'authorized',
    emits: ['acquisition.failed'],
    live: 0,
  },
  { from: 'renewing.fetching', on: 'forget', step: forgotten, to: 'idle', emits: ['forgotten'], live: 0 },

  {
    from: 'renewing.waiting',
    on: 'the next try',
    step: after(1_000),
    to: 'renewing.fetching',
    emits: [],
    setting: quick,
    begun: 3,
    live: 1,
  },
  {
    from: 'renewing.waiting',
    on: 'the next try, offline',
    step: [offline, after(1_000)],
    to: 'renewing.waiting',
    emits: [],
    setting: quick,
    begun: 2,
    live: 0,
  },
  {
    from: 'renewing.waiting',
    on: 'authorize',
    step: authorize,
    to: 'renewing.fetching',
    emits: [],
    begun: 3,
    live: 1,
  },
  {
    from: 'renewing.waiting',
    on: 'a need',
    step: needed,
    to: 'renewing.waiting',
    emits: ['token.offered'],
    live: 0,
  },
  {
    from: 'renewing.waiting',
    on: 'a need after death',
    step: [late(HOUR), needed],
    to: 'failed.waiting',
    emits: ['token.dropped', 'failed'],
  },
  {
    from: 'renewing.waiting',
    on: 'refusal',
    step: refused,
    to: 'failed.waiting',
    emits: ['token.dropped', 'failed'],
    live: 0,
  },
  {
    from: 'renewing.waiting',
    on: 'death',
    step: after(60_000),
    to: 'failed.waiting',
    emits: ['token.expiring', 'token.dropped', 'failed'],
    live: 0,
    setting: { renewal: { retry: { baseMs: 300_000, capMs: 300_000 } } },
  },

  {
    from: 'failed.waiting',
    on: 'the next try',
    step: after(1_000),
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  { from: 'failed.waiting', on: 'a need', step: needed, to: 'failed.waiting', emits: [], begun: 1, live: 0 },
  {
    from: 'failed.waiting',
    on: 'authorize',
    step: authorize,
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
  { from: 'failed.waiting', on: 'forget', step: forgotten, to: 'idle', emits: ['forgotten'] },

  {
    from: 'failed.final',
    on: 'a need',
    step: needed,
    to: 'failed.final.withoutToken',
    emits: ['failed'],
    begun: 1,
    live: 0,
  },
  {
    from: 'failed.final',
    on: 'a long time',
    step: after(HOUR),
    to: 'failed.final.withoutToken',
    emits: [],
    begun: 1,
    live: 0,
  },
  {
    from: 'requesting',
    on: 'its deadline',
    step: (auth) => auth.actor.send({ type: 'acquisition.overdue', error: failure(40170) }),
    to: 'failed.waiting',
    emits: failed,
    live: 0,
  },
  {
    from: 'failed.final',
    on: 'a failed authorize by terms that are not kept',
    step: [authorizeAs, refusedWith(40170), after(HOUR)],
    to: 'failed.final.withoutToken',
    emits: failed,
    begun: 2,
    live: 0,
  },
  {
    from: 'failed.final',
    on: 'a failed authorize by terms that are not kept, which somebody waited for too',
    step: [authorizeAs, needed, refusedWith(40170), after(HOUR)],
    to: 'failed.final.withoutToken',
    emits: failed,
    begun: 2,
    live: 0,
  },
  {
    from: 'failed.final',
    on: 'a failed authorize by the stored terms',
    step: [authorize, refusedWith(40170)],
    to: 'failed.waiting',
    emits: failed,
    begun: 2,
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: 'a failed authorize by terms that are not kept, after a 403',
    step: [refusedWith(40300, 403), authorizeAs, refusedWith(40170), after(59_000)],
    to: 'failed.final.withToken',
    emits: [...failed, ...failed],
    begun: 3,
    live: 0,
  },
  {
    from: 'renewing.fetching',
    on: 'a failed authorize by the stored terms, after a 403',
    step: [refusedWith(40300, 403), authorize, refusedWith(40170)],
    to: 'authorized',
    emits: [...failed, 'acquisition.failed'],
    begun: 3,
    live: 0,
  },
  ...(['failed.waiting', 'renewing.waiting'] as const).flatMap((from): Row[] => [
    {
      from,
      on: 'a sleep that ends offline',
      step: [offline, jumped(5_000), after(0)],
      to: from,
      emits: from === 'failed.waiting' ? ['failed'] : [],
      begun: from === 'failed.waiting' ? 1 : 2,
      live: 0,
    },
    {
      from,
      on: 'the network that is said to be back, and is not',
      step: [offline, (auth) => auth.actor.send({ type: 'network.back' })],
      to: from,
      emits: from === 'failed.waiting' ? ['failed'] : [],
      begun: from === 'failed.waiting' ? 1 : 2,
      live: 0,
    },
  ]),
  {
    from: 'renewing.waiting',
    on: 'the server asks',
    step: asked,
    to: 'renewing.fetching',
    emits: [],
    begun: 3,
    live: 1,
  },
  {
    from: 'failed.final',
    on: 'authorize',
    step: authorize,
    to: 'requesting',
    emits: [],
    begun: 2,
    live: 1,
  },
];

const broken: Step = (auth) => auth.acquisitions.at(-1)?.breakDown(new Error('bug'));

/** A session with a step of each kind. */
const life: readonly Step[] = [
  ...[needed, accepted, after(HOUR - 60_000), refusedWith(40170), offline, after(1_000), back],
  ...[after(60_000), accepted, asked, accepted, asked, jumped(1_000), refused, accepted],
  ...[late(HOUR), needed, accepted, authorize, broken, forgotten],
];

describe('the auth machine', () => {
  it.each(table)('$from, on $on → $to', async ({ from, step, to, emits, setting, begun, live }) => {
    const auth = await reach(from, setting);
    for (const one of [step].flat()) await one(auth);
    expect(auth.state).toBe(to);
    expect(auth.emitted.map((event) => event.type)).toEqual(emits);
    if (begun !== undefined) expect(auth.acquisitions).toHaveLength(begun);
    if (live !== undefined) expect(auth.live).toHaveLength(live);
    auth.actor.stop();
    expect(auth.live).toHaveLength(0);
    expect(auth.clock.pending).toBe(0);
  });

  it('a machine with a token begins in authorized', () => {
    expect(start({ given: HOUR }).state).toBe('authorized');
  });

  it('a 403 keeps the token, which is offered until it expires', async () => {
    const auth = await reach('renewing.fetching');
    await auth.refuse(forbidden());
    expect(auth.context.current).not.toBeNull();
    await needed(auth);
    expect(auth.emitted.at(-1)?.type).toBe('token.offered');
    await auth.clock.advance(60_000);
    expect(auth.emitted.at(-1)?.type).toBe('token.dropped');
    expect(auth.context.current).toBeNull();
    expect(auth.state).toBe('failed.final.withoutToken');
  });

  it('a token from before a sleep is as old as it is', async () => {
    const auth = await reach('requesting');
    const received = auth.accepted(HOUR);
    jumped(HOUR / 2)(auth);
    await auth.acquisitions.at(-1)?.end(received);
    expect(auth.context.current?.expiresAt).toBe(HOUR / 2);
  });

  it('a token that expired before it was accepted is not used', async () => {
    const auth = await reach('requesting');
    const received = auth.accepted(HOUR);
    await auth.clock.advance(1);
    jumped(HOUR)(auth);
    await auth.acquisitions.at(-1)?.end(received);
    expect(auth.state).toBe('failed.waiting');
    expect(auth.context.current).toBeNull();
    expect(auth.emitted[0]).toMatchObject({ type: 'acquisition.failed', error: { code: 40142 } });
  });

  it('a token from after a sleep is new', async () => {
    const auth = await reach('requesting');
    jumped(HOUR / 2)(auth);
    await auth.clock.advance(1);
    await auth.accept(HOUR);
    expect(auth.context.current?.expiresAt).toBe(HOUR + 1);
  });

  it('a token that is refused after a 403 is dropped', async () => {
    const auth = await reach('renewing.fetching');
    await auth.refuse(forbidden());
    await refused(auth);
    expect(auth.context.current).toBeNull();
    expect(auth.state).toBe('failed.final.withoutToken');
  });

  it('the refusal is the cause of the error if there is no way to renew', async () => {
    const auth = await reach('authorized', noMeans);
    await refused(auth);
    expect(auth.context.error).toMatchObject({ code: 40171, cause: { code: 40142 } });
  });

  it('the machine waits longer and longer after a token expires twice right after its receipt', async () => {
    const auth = await reach('requesting');
    const waits: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      await auth.accept(1);
      await auth.clock.advance(1);
      if (auth.state === 'failed.waiting') waits.push(auth.context.retryAt - auth.clock.monotonic());
      if (auth.state === 'failed.waiting') await auth.clock.advance(auth.clock.nextIn);
    }
    // Chance is 0.5: a wait is 62.5 % of 30 s, 1, 2, 4, 6 and 6 minutes.
    expect(waits).toEqual([18_750, 37_500, 75_000, 150_000, 225_000, 225_000]);
  });

  it('a failed try after one unusable token is followed by a quick try', async () => {
    const auth = await reach('requesting');
    await auth.accept(1);
    await auth.clock.advance(1);
    expect(auth.context.unusable).toBe(1);
    await auth.refuse();
    expect(auth.context.retryAt - auth.clock.monotonic()).toBe(625);
    await auth.clock.advance(625);
    await auth.accept(1);
    // The next token may be unusable as well: until then the failed try counts.
    expect([auth.context.attempts, auth.context.unusable]).toEqual([1, 1]);
    await auth.clock.advance(1);
    expect(auth.context.retryAt - auth.clock.monotonic()).toBe(37_500);
  });

  it('a source that gives a refused token again is asked slowly from the first time on', async () => {
    const auth = await reach('requesting');
    const again = () => new ErrorInfo({ code: 40170, message: 'again', detail: { token: REFUSED_BEFORE } });
    await auth.refuse(again());
    expect([auth.context.unusable, auth.context.retryAt - auth.clock.monotonic()]).toEqual([2, 18_750]);
    await auth.clock.advance(18_750);
    await auth.refuse(again());
    expect([auth.context.unusable, auth.context.retryAt - auth.clock.monotonic()]).toEqual([3, 37_500]);
  });

  it('the machine waits for the network, but not without a limit', async () => {
    const auth = await reach('requesting');
    auth.isOnline = false;
    await auth.refuse();
    await auth.clock.advance(59_999);
    expect(auth.acquisitions).toHaveLength(1);
    await auth.clock.advance(1);
    expect(auth.acquisitions).toHaveLength(2);
  });

  it.each([
    ['failed.waiting', 'failed.waiting'],
    ['renewing.waiting', 'renewing.waiting'],
  ])(
    'the machine waits for a network that was lost while the next try was planned, in %s',
    async (from, state) => {
      const auth = await reach(from);
      const begun = auth.acquisitions.length;
      offline(auth);
      await auth.clock.advance(auth.context.retryAt - auth.clock.monotonic());
      expect([auth.state, auth.acquisitions.length]).toEqual([state, begun]);
      back(auth);
      expect(auth.acquisitions.length).toBe(begun + 1);
    },
  );

  it.each([
    ['once', 1],
    ['again and again', 50],
  ])(
    'a clock that jumps %s causes no try at once without a network, and does not put it off',
    async (_how, jumps) => {
      const auth = await reach('requesting', { renewal: { retry: { baseMs: 400_000, capMs: HOUR } } });
      await auth.refuse();
      offline(auth);
      await auth.clock.advance(120_000);
      expect(auth.context.retryAt).toBe(250_000);
      for (let jump = 0; jump < jumps; jump += 1) {
        jumped(HOUR)(auth);
        await auth.clock.advance(1_000);
      }
      await auth.clock.advance(59_999 - jumps * 1_000);
      expect([auth.state, auth.acquisitions.length]).toEqual(['failed.waiting', 1]);
      await auth.clock.advance(1);
      expect([auth.state, auth.acquisitions.length]).toEqual(['requesting', 2]);
    },
  );

  it('a clock that jumps without a network does not put off a try that is due sooner', async () => {
    const auth = await reach('requesting', { renewal: { retry: { baseMs: 200_000, capMs: HOUR } } });
    await auth.refuse();
    offline(auth);
    await auth.clock.advance(100_000);
    jumped(HOUR)(auth);
    await auth.clock.advance(24_999);
    expect([auth.state, auth.acquisitions.length]).toEqual(['failed.waiting', 1]);
    await auth.clock.advance(1);
    expect([auth.state, auth.acquisitions.length]).toEqual(['requesting', 2]);
  });

  it('a sleep changes no plan but by its length while the source repeats its token without an error', async () => {
    const auth = await reach('authorized', { renewal: { leadMs: HOUR / 2, share: 0.5 } });
    const same = auth.context.current;
    for (let round = 0; round < 3; round += 1) {
      const due = Math.max(same?.renewAt ?? 0, auth.context.retryAt);
      await auth.clock.advance(Math.max(0, due - auth.clock.monotonic()));
      const again = { ...auth.accepted(HOUR), token: same?.token ?? auth.accepted(HOUR).token };
      await auth.acquisitions.at(-1)?.end(again);
    }
    const { attempts, retryAt } = auth.context;
    expect([auth.state, attempts, retryAt - auth.clock.monotonic()]).toEqual(['authorized', 3, 113_400]);
    jumped(60_000)(auth);
    expect(auth.context.retryAt).toBe(retryAt - 60_000);
  });

  it('the same token again does not count as success: its lifetime stays, and most of the rest is waited for', async () => {
    const auth = await reach('authorized');
    const same = auth.context.current;
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await auth.clock.advance(
        Math.max(0, Math.max(same?.renewAt ?? 0, auth.context.retryAt) - auth.clock.monotonic()),
      );
      const again = { ...auth.accepted(HOUR), token: same?.token ?? auth.accepted(HOUR).token };
      await auth.acquisitions.at(-1)?.end(again);
      expect(auth.context.current?.expiresAt).toBe(same?.expiresAt);
      waits.push(auth.context.retryAt - auth.clock.monotonic());
    }
    expect(waits).toEqual([0.7 * 60_000, 0.7 * 0.3 * 60_000, 0.7 * 0.3 * 0.3 * 60_000].map(Math.round));
    expect(auth.emitted.at(-1)).toMatchObject({ type: 'token.committed', change: 'none' });
  });

  it.each([0, 0.5])(
    'the lead of a source that gave a token again once grows to the lead of other sources, and is forgotten, seed %d',
    async (seed) => {
      const auth = await reach('authorized', { renewal: { leadMs: 600_000 }, seed });
      const dueAt = () => Math.max(auth.context.current?.renewAt ?? 0, auth.context.retryAt);
      const leads: number[] = [];
      const renew = async (again?: Accepted['token']) => {
        await auth.clock.advance(dueAt() - auth.clock.monotonic());
        const accepted = auth.accepted(HOUR);
        await auth.acquisitions.at(-1)?.end({ ...accepted, token: again ?? accepted.token });
        const { renewAt = 0, expiresAt = 0 } = auth.context.current ?? {};
        leads.push(Math.round((expiresAt - renewAt) / 1_000));
      };
      await renew();
      await renew(auth.context.current?.token);
      for (let renewals = 0; renewals < 12; renewals += 1) await renew();
      expect(leads[2]).toBeLessThan(200);
      expect(leads.slice(-3)).toEqual([600, 600, 600]);
      expect(auth.context.cacheLeadMs).toBe(0);
    },
  );

  it('a source that gives a token again long before its expiry does not make the client renew sooner', async () => {
    const auth = await reach('authorized', { renewal: { spread: 0.98 }, seed: 0.9 });
    const dueAt = () => Math.max(auth.context.current?.renewAt ?? 0, auth.context.retryAt);
    // The first renewals of many clients are spread over the life.
    await auth.clock.advance(dueAt() - auth.clock.monotonic());
    const same = auth.context.current?.token;
    await auth.acquisitions.at(-1)?.end({ ...auth.accepted(HOUR), token: same ?? auth.accepted().token });
    await auth.clock.advance(dueAt() - auth.clock.monotonic());
    await auth.accept(HOUR);
    const { renewAt = 0, expiresAt = 0 } = auth.context.current ?? {};
    expect([expiresAt - renewAt, auth.context.cacheLeadMs]).toEqual([60_000, 0]);
  });

  it('the machine reports once that a token is about to expire, a tenth of its lifetime or ten seconds ahead', async () => {
    for (const [life, ahead] of [
      [HOUR, 10_000],
      [20_000, 2_000],
    ] as const) {
      const auth = start({ given: life, renewable: false });
      await auth.clock.advance(life - ahead - 1);
      expect(auth.emitted).toEqual([]);
      await auth.clock.advance(ahead / 2);
      expect(auth.emitted).toMatchObject([{ type: 'token.expiring', inMs: ahead }]);
      auth.actor.stop();
    }
  });

  it('the machine restarts its timer when it fires a moment early', async () => {
    const auth = await reach('authorized');
    const real = auth.clock.monotonic.bind(auth.clock);
    auth.clock.monotonic = () => real() - 0.5;
    await auth.clock.advance(HOUR - 60_000);
    expect(auth.state).toBe('authorized');
    await auth.clock.advance(1);
    expect(auth.state).toBe('renewing.fetching');
  });

  it('the machine stays when the timer of the expiry fires a moment early', async () => {
    const auth = await reach('authorized', noMeans);
    const real = auth.clock.monotonic.bind(auth.clock);
    auth.clock.monotonic = () => real() - 0.5;
    await auth.clock.advance(HOUR);
    expect(auth.state).toBe('authorized');
    await auth.clock.advance(1);
    expect(auth.state).toBe('failed.final.withoutToken');
  });

  it('the machine replaces a token that expired while all timers were late', async () => {
    const auth = await reach('authorized');
    const real = auth.clock.monotonic.bind(auth.clock);
    await auth.clock.advance(HOUR - 120_000);
    auth.clock.monotonic = () => real() + HOUR;
    await auth.clock.advance(60_000);
    expect(auth.state).toBe('requesting');
  });

  it.each(['client', 'server'] as const)(
    'a server that asks all the time is answered at once, and then only as often as needed, renewal by %s',
    async (by) => {
      const auth = await reach('authorized', { renewal: { by } });
      const before = auth.acquisitions.length;
      for (let tenth = 0; tenth < 300; tenth += 1) {
        await asked(auth);
        if (auth.state !== 'authorized') await auth.accept(HOUR);
        await auth.clock.advance(100);
      }
      if (auth.state !== 'authorized') await auth.accept(HOUR);
      expect(auth.state).toBe('authorized');
      expect(auth.acquisitions.length - before).toBeGreaterThanOrEqual(6);
      expect(auth.acquisitions.length - before).toBeLessThanOrEqual(12);
    },
  );

  it.each([1, 2_500, 4_999])(
    'a server that asks twice within its pause is answered when the pause is over, %d ms after the first',
    async (ms) => {
      const auth = await reach('authorized', { renewal: { by: 'server' } });
      await asked(auth);
      await auth.accept(HOUR);
      const begun = auth.acquisitions.length;
      await auth.clock.advance(ms);
      await asked(auth);
      await auth.clock.advance(5_000 - ms - 1);
      expect([auth.state, auth.acquisitions.length]).toEqual(['authorized', begun]);
      await auth.clock.advance(1);
      expect([auth.state, auth.acquisitions.length]).toEqual(['renewing.fetching', begun + 1]);
    },
  );

  it('a failed authorize() does not delay the answer to a server that asks within its pause', async () => {
    const auth = await reach('authorized');
    for (let call = 0; call < 3; call += 1) {
      auth.authorize();
      await auth.refuse();
      await auth.clock.advance(auth.context.retryAt - auth.clock.monotonic());
    }
    await asked(auth);
    auth.authorize();
    await auth.refuse();
    await auth.clock.advance(1_000);
    await asked(auth);
    expect(auth.context.retryAt - auth.clock.monotonic()).toBeLessThanOrEqual(4_000);
    await auth.clock.advance(4_000);
    expect(auth.state).toBe('renewing.fetching');
  });

  it('a server that asks between two tries is answered, even if the next try is far', async () => {
    const auth = await reach('authorized');
    await asked(auth);
    for (let tries = 0; tries < 3; tries += 1) {
      await auth.refuse(failure(40170));
      if (tries < 2) await auth.clock.advance(auth.context.retryAt - auth.clock.monotonic());
    }
    expect(auth.state).toBe('renewing.waiting');
    expect(auth.context.retryAt - auth.clock.monotonic()).toBeGreaterThan(10_000);
    await asked(auth);
    await auth.clock.advance(5_000);
    expect(auth.state).toBe('renewing.fetching');
  });

  it('sleep does not extend the pause of a server that asks', async () => {
    const auth = await reach('authorized');
    await asked(auth);
    await auth.accept(HOUR);
    jumped(5_000)(auth);
    await asked(auth);
    expect(auth.state).toBe('renewing.fetching');
  });

  it('a server that asks does not make the client ask a source that named a time', async () => {
    const auth = await reach('authorized');
    auth.authorize();
    await auth.refuse(putOff(60_000));
    await asked(auth);
    await auth.clock.advance(59_999);
    expect(auth.state).toBe('authorized');
    await auth.clock.advance(1);
    expect(auth.state).toBe('renewing.fetching');
  });

  it.each([0, 0.25, 0.5, 0.75])('a literal token is renewed at its own time: seed %d', async (seed) => {
    const auth = start({ given: HOUR, ageMs: HOUR / 2, seed });
    const at = (1 - 0.98 * seed) * (HOUR / 2 - 60_000);
    await auth.clock.advance(at - 2_000);
    expect(auth.state).toBe('authorized');
    await auth.clock.advance(2_000);
    expect(auth.state).toBe('renewing.fetching');
  });

  it('the clock is read once in each step, and at no other time', async () => {
    const readsOfSteps: number[] = [];
    const auth = start();
    auth.reads = 0;
    auth.actor.system.inspect(({ type, actorRef }) => {
      if (type !== '@xstate.snapshot' || actorRef !== auth.actor) return;
      readsOfSteps.push(auth.reads);
      auth.reads = 0;
    });
    for (const one of life) await one(auth);
    expect(readsOfSteps.length).toBeGreaterThan(15);
    expect(new Set(readsOfSteps)).toEqual(new Set([1]));
  });

  it('the machine stays when the timer of its last token fires a moment early, after a 403', async () => {
    const auth = await reach('renewing.fetching');
    await auth.refuse(forbidden());
    const real = auth.clock.monotonic.bind(auth.clock);
    auth.clock.monotonic = () => real() - 0.5;
    await auth.clock.advance(60_000);
    expect(auth.state).toBe('failed.final.withToken');
    await auth.clock.advance(1);
    expect(auth.state).toBe('failed.final.withoutToken');
    expect(auth.context.error).toMatchObject({ statusCode: 403 });
  });

  it('the wait does not shrink when a source stops sending Retry-After', async () => {
    const auth = await reach('requesting');
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await auth.refuse();
      waits.push(auth.context.retryAt - auth.clock.monotonic());
      await auth.clock.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([625, 2_500, 18_750, 18_750, 18_750, 18_750, 18_750, 18_750]);
  });

  it('a test takes every transition', () => {
    const { taken, all, missing } = coverage.report();
    console.log(`auth machine: ${taken} of ${all} transitions taken`);
    expect(missing).toEqual([]);
  });
});
