import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { defaultRenewal, planFor, retryCapMs, retryDelayMs } from '../../../machines/index.js';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, ErrorInfo, type ErrorInfoInit, StopRenewing } from '../../../src/index.js';
import { inspector, inWords, redacted } from '../../../src/inspect.js';
import { AuthProvider } from '../../../src/react/index.js';
import { graphqlTokens } from '../../../src/server/graphql-ws/index.js';
import { Refusal, refuse, tokenEndpoint } from '../../../src/server/index.js';
import { nodeListener } from '../../../src/server/listener.node.js';
import { jwtVerifier, tokenSockets } from '../../../src/server/ws/index.js';
import {
  connectionContract,
  fakeConnection,
  missingMembers,
  runConnectionContract,
  runSharingContract,
  runSourceContract,
  Scenario,
  scriptedSource,
  settle,
  sharingContract,
  sourceContract,
  VirtualClock,
} from '../../../src/testing/index.js';
import {
  absent,
  anyTexts,
  expectRefusals,
  flags,
  functions,
  numbers,
  records,
  spans,
  texts,
  values,
} from '../../kit/one-of-each.js';

type Call = (value: never) => unknown;
type Arguments = readonly (readonly [callee: string, name: string, call: Call, taken: readonly string[]])[];

const auth = () =>
  new Auth({ key: 'a.b:c', authCallback: async () => 'a-token', fetch: async () => new Response('[]') });
/** A wait that ends because its client is disposed of. */
async function ended<One extends Disposable = Auth>(
  wait: (one: One) => unknown,
  one: One = auth() as Disposable as One,
): Promise<void> {
  const waiting = Promise.resolve(wait(one));
  one[Symbol.dispose]();
  await waiting.catch((error) => {
    if (error.code !== 80017) throw error;
  });
}
const unheard = (wait: (one: RealtimeConnection) => unknown) => ended(wait, connection());
const issuer = () => new Auth({ key: 'a.b:c', fetch: async () => Response.json({ results: [] }) });
const ofAda = { type: 'clientId', value: 'ada' } as const;
const connection = () => new RealtimeConnection({ autoConnect: false });
const endpoint = tokenEndpoint({ auth: new Auth('a.b:c'), grant: () => null });
const clock = () => new VirtualClock();
const setback = { attempts: 1, remainingMs: 0, lifetimeMs: 60_000, retryAfterMs: undefined };

/** A callback may take the place of any argument. */
const callable = [...absent, ...records, ...functions];
const ofAuth: Arguments = [
  ['auth.on()', 'listener', (value) => auth().on('state', value), functions],
  ['auth.on()', 'event', (value) => auth().on(value, (() => {}) as never), []],
  ['auth.off()', 'listener', (value) => auth().off('state', value), functions],
  ['auth.off()', 'event', (value) => auth().off(value, (() => {}) as never), []],
  ['auth.once()', 'event', (value) => ended((one) => one.once(value)), []],
  ['auth.once()', 'options', (value) => ended((one) => one.once('state', value)), [...absent, ...records]],
  ['auth.whenState()', 'state', (value) => ended((one) => one.whenState(value)), []],
  [
    'auth.whenState()',
    'options',
    (value) => ended((one) => one.whenState('failed', value)),
    [...absent, ...records],
  ],
  ['auth.whenState()', 'signal', (signal) => ended((one) => one.whenState('failed', { signal })), absent],
  ['auth.once()', 'signal', (signal) => ended((one) => one.once('state', { signal })), absent],
  ['auth.require()', 'capability', (value) => auth().require(value), []],
  ['auth.authorize()', 'tokenParams', (value) => asPromise(auth().authorize(value)), callable],
  [
    'auth.authorize()',
    'authOptions',
    (value) => asPromise(auth().authorize(null, value)),
    [...absent, ...functions],
  ],
  [
    'auth.authorize()',
    'argument',
    (value) => asPromise(auth().authorize(null, null, value)),
    [...absent, ...functions],
  ],
  ...(['requestToken', 'createTokenRequest'] as const).flatMap(
    (name): Arguments => [
      [`auth.${name}()`, 'tokenParams', (value) => asPromise(auth()[name](value)), callable],
      [
        `auth.${name}()`,
        'authOptions',
        (value) => asPromise(auth()[name](null, value)),
        [...absent, ...functions],
      ],
      [
        `auth.${name}()`,
        'argument',
        (value) => asPromise(auth()[name](null, null, value)),
        [...absent, ...functions],
      ],
    ],
  ),
  ['auth.revokeTokens()', 'targets?', (value) => new Auth('a.b:c').revokeTokens(value), []],
  ['auth.revokeTokens()', 'target', (type) => issuer().revokeTokens({ type, value: 'ada' }), texts],
  ['auth.revokeTokens()', 'target', (value) => issuer().revokeTokens({ type: 'clientId', value }), texts],
  ['auth.revokeTokens()', 'options', (value) => issuer().revokeTokens(ofAda, value), [...absent, ...records]],
  ['auth.fetch()', 'fetch', (value) => auth().fetch(value), anyTexts],
  ['auth.fetch()', 'init', (value) => auth().fetch('/time', value), [...absent, ...records]],
];

const ofConnection: Arguments = [
  ['connection.on()', 'listener', (value) => connection().on('connected', value), functions],
  ['connection.on()', 'event', (value) => connection().on(value, () => {}), []],
  ['connection.once()', 'listener', (value) => connection().once('connected', value), functions],
  ['connection.once()', 'event', (value) => connection().once(value, () => {}), []],
  ['connection.once()', 'event', (value) => unheard((one) => one.once(value)), ['undefined', ...functions]],
  ['connection.on()', 'listener', (value) => connection().on(value), functions],
  ['connection.on()', 'event', (value) => connection().on([value], () => {}), []],
  ['connection.off()', 'listener', (value) => connection().off(value), functions],
  ['connection.off()', 'listener', (value) => connection().off('connected', value), functions],
  ['connection.off()', 'event', (value) => connection().off(value, () => {}), []],
  ['connection.onMessage()', 'listener', (value) => connection().onMessage(value), functions],
  ['connection.onStateChange()', 'listener', (value) => connection().onStateChange(value), functions],
  ['connection.whenState()', 'listener', (value) => connection().whenState('initialized', value), functions],
  ['connection.whenState()', 'listener', (value) => connection().whenState('connected', value), functions],
  ['connection.whenState()', 'state', (value) => connection().whenState(value, () => {}), []],
  ['connection.whenState()', 'state', (value) => connection().whenState(value), []],
  ['connection.send()', 'message', (value) => unsent(value), records],
  ['connection.attach()', 'listener', (value) => connection().attach(value), functions],
  [
    'connection.attach()',
    'client',
    (value) => connection().attach(() => {}, value),
    ['undefined', ...records],
  ],
];

const ofTesting: Arguments = [
  ['new VirtualClock()', 'startsAt', (value) => new VirtualClock(value), [...absent, ...numbers]],
  ['clock.advance()', 'ms', (value) => clock().advance(value), spans],
  ['clock.skew()', 'ms', (value) => clock().skew(value), numbers],
  ['clock.sleep()', 'ms', (value) => clock().sleep(value), spans],
  ['clock.sleep()', 'isCounted', (value) => clock().sleep(1, value), ['undefined', ...flags]],
  ['clock.setTimeout()', 'fn', (value) => clock().setTimeout(value, 1), functions],
  [
    'clock.setTimeout()',
    'ms',
    (value) => clock().setTimeout(() => {}, value),
    [...absent, ...numbers, 'NaN'],
  ],
  ['settle()', 'turns', (value) => settle(value), absent],
  ['new Scenario()', 'clock', (value) => new Scenario(value), absent],
  ['device.sleepFor()', 'ms', (value) => new Scenario().sleepFor(value), spans],
  ['device.sleepFor()', 'noticed', (value) => new Scenario().sleepFor(1, value), ['undefined', ...flags]],
  ['device.skewBy()', 'ms', (value) => new Scenario().skewBy(value), numbers],
  ['device.until()', 'within', (value) => new Scenario().until(() => true, value), ['undefined', ...spans]],
  ['scriptedSource()', 'clock', (value) => scriptedSource(value), []],
  ['source.script()', 'step', (value) => scriptedSource(clock()).script(value), []],
  ['source.script()', 'late', (late) => scriptedSource(clock()).script({ late }), spans],
  [
    'source.script()',
    'deaf',
    (deaf) => scriptedSource(clock()).script({ late: 1, deaf }),
    ['undefined', ...flags],
  ],
  ['fake.setState()', 'state', (value) => fakeConnection().setState(value), []],
  ['fake.setState()', 'reason', (value) => fakeConnection().setState('closed', value), ['undefined']],
  ['fake.refuse()', 'error', (value) => fakeConnection().refuse(value), []],
  ['fake.attach()', 'listener', (value) => fakeConnection().attach(value), functions],
  ['fake.report()', 'report', (value) => fakeConnection().report(value), records],
  ['missingMembers()', 'adapter', (value) => missingMembers(value), []],
  ['device.freezeFor()', 'ms', (value) => new Scenario().freezeFor(value), spans],
  ['device.until()', 'isTrue', (value) => unmet(value), functions],
  ['connectionContract()', 'makeHarness', (value) => connectionContract(value), functions],
  ['runConnectionContract()', '(makeHarness|the harness)', (value) => runConnectionContract(value), []],
  [
    'runConnectionContract()',
    'abilities',
    (value) => runConnectionContract(fails, value, () => {}).catch(isFailure),
    ['undefined', '[]'],
  ],
  [
    'runConnectionContract()',
    'print',
    (value) => runConnectionContract(fails, [], value).catch(isFailure),
    ['undefined', ...functions],
  ],
  ['sharingContract()', 'makeHarness', (value) => sharingContract(value), functions],
  ['runSharingContract()', 'makeHarness', (value) => runSharingContract(value, () => {}), functions],
  ['runSharingContract()', 'print', (value) => runSharingContract(fails, value), ['undefined', ...functions]],
  ['sourceContract()', 'makeHarness', (value) => sourceContract(value, {}), functions],
  ['sourceContract()', 'faults', (value) => sourceContract(fails, value), records],
  ['runSourceContract()', 'makeHarness', (value) => runSourceContract(value, {}, () => {}), functions],
  ['runSourceContract()', 'faults', (value) => runSourceContract(fails, value, () => {}), records],
  [
    'runSourceContract()',
    'print',
    (value) => runSourceContract(fails, {}, value),
    ['undefined', ...functions],
  ],
  ['a check of connectionContract()', 'harness', (value) => connectionContract(() => value)[0]?.run(), []],
];

const decision = auth().explain();
const inspection: Arguments = [
  ['inspector()', 'target', (value) => inspector(value), functions],
  ['inspector()', 'isOver', (value) => inspector(() => {}, value), ['undefined', ...functions]],
  [
    'inspector()',
    'log',
    (value) =>
      inspector(
        () => {},
        () => false,
        value,
      ),
    ['undefined', ...functions],
  ],
  ['inWords()', 'decision', (value) => inWords(value), []],
  ...(['value', 'rule', 'attempts', 'now'] as const).map(
    (name) =>
      [
        'inWords()',
        name,
        (value) => inWords({ ...decision, [name]: value }),
        name === 'rule' ? anyTexts : ['attempts', 'now'].includes(name) ? [...numbers, 'NaN'] : [],
      ] as Arguments[number],
  ),
  ['redacted()', 'value', (value) => redacted(value), Object.keys(values)],
];

const ofReact: Arguments = [
  ['AuthProvider', 'auth', (value) => AuthProvider({ auth: value }).key, []],
  ['AuthProvider', 'create', (create) => AuthProvider({ create }).key, functions],
];

const ofServer: Arguments = [
  ['refuse()', 'status', (value) => refuse(value), []],
  ['refuse()', 'message', (value) => refuse(403, value), [...absent, ...anyTexts]],
  ['new Refusal()', 'error', (value) => new Refusal(value), []],
  ['a token endpoint', 'request', (value) => endpoint(value), []],
  ['nodeListener()', 'endpoint', (value) => nodeListener(value), functions],
  ['a Node listener', 'request', (value) => nodeListener(endpoint)(value, {} as never), []],
  [
    'a Node listener',
    'response',
    (value) => nodeListener(endpoint)({ on() {}, read() {} } as never, value),
    [],
  ],
];

const verify = () => null;
const SECRET = 'a secret of thirty-two letters!!';
const verifierWith = (name: string) => (value: never) =>
  jwtVerifier({ secret: SECRET, audience: 'chat', [name]: value });
const ofServerHalves: Arguments = [
  ['jwtVerifier()', '(options|jwks)', (value) => jwtVerifier(value), []],
  ['jwtVerifier()', 'secret', verifierWith('secret'), []],
  ['jwtVerifier()', '(jwks|key)', (value) => jwtVerifier({ audience: null, key: value }), []],
  ['jwtVerifier()', 'jwks', (value) => jwtVerifier({ audience: null, jwks: value }), []],
  ['jwtVerifier()', 'audience', verifierWith('audience'), ['null', ...texts]],
  ['jwtVerifier()', 'issuer', verifierWith('issuer'), [...absent, ...texts]],
  ['jwtVerifier()', 'algorithms', verifierWith('algorithms'), absent],
  ['jwtVerifier()', 'clockTolerance', verifierWith('clockTolerance'), absent],
  ['jwtVerifier()', 'identity', verifierWith('identity'), [...absent, ...functions]],
  ['jwtVerifier()', 'fetch', verifierWith('fetch'), [...absent, ...functions]],
  ['tokenSockets()', 'onConnection', (value) => tokenSockets({ verify, onConnection: value }), functions],
  ['tokenSockets()', 'from', (from) => tokenSockets({ verify, onConnection() {}, from }), absent],
  ['graphqlTokens()', '(options|verify)', (value) => graphqlTokens(value), []],
  ['graphqlTokens()', 'verify', (value) => graphqlTokens({ verify: value }), functions],
  ...(['askBefore', 'timeout', 'maxTokenLength', 'onError', 'clock'] as const).map(
    (name) =>
      [
        'graphqlTokens()',
        name,
        (value) => graphqlTokens({ verify, [name]: value }),
        name === 'onError' ? [...absent, ...functions] : absent,
      ] as Arguments[number],
  ),
];

const positive = ['0', '1.5'];
const ofMachines: Arguments = [
  [
    'planFor()',
    'lifetimeMs',
    (value) => planFor(value, 0, defaultRenewal, 0.5, 'first'),
    [...absent, ...positive],
  ],
  ['planFor()', 'ageMs', (value) => planFor(1, value, defaultRenewal, 0.5, 'first'), ['-1', ...positive]],
  ['planFor()', 'renewal', (value) => planFor(1, 0, value, 0.5, 'first'), []],
  ['planFor()', 'chance', (value) => planFor(1, 0, defaultRenewal, value, 'first'), ['0']],
  ['planFor()', 'standing', (value) => planFor(1, 0, defaultRenewal, 0.5, value), []],
  ['retryCapMs()', 'lifetimeMs', (value) => retryCapMs(value), [...absent, ...positive]],
  ['retryDelayMs()', '(setback|setback.attempts)', (value) => retryDelayMs(value, defaultRenewal, 0), []],
  ['retryDelayMs()', 'renewal', (value) => retryDelayMs(setback, value, 0), []],
  ['retryDelayMs()', 'chance', (value) => retryDelayMs(setback, defaultRenewal, value), ['0']],
  [
    'retryDelayMs()',
    'isUnusable',
    (value) => retryDelayMs({ ...setback, isUnusable: value }, defaultRenewal, 0),
    [...absent, ...flags],
  ],
  ...Object.keys(setback).map(
    (name) =>
      [
        'retryDelayMs()',
        name,
        (value) => retryDelayMs({ ...setback, [name]: value }, defaultRenewal, 0),
        name === 'attempts' ? ['1.5'] : name === 'remainingMs' ? positive : [...absent, ...positive],
      ] as Arguments[number],
  ),
  ...(['by', 'leadMs', 'share', 'jitter', 'spread', 'retry'] as const).map(
    (name) =>
      [
        'planFor()',
        name,
        (value) => planFor(1, 0, { ...defaultRenewal, [name]: value }, 0, 'first'),
        name === 'leadMs' ? positive : ['by', 'retry'].includes(name) ? [] : ['0'],
      ] as Arguments[number],
  ),
];

const ofErrors: Readonly<Record<keyof ErrorInfoInit, readonly string[]>> = {
  code: ['0', '-1'],
  statusCode: [...absent, '0', '-1'],
  message: [...absent, ...anyTexts],
  remediation: [...absent, ...anyTexts],
  cause: Object.keys(values),
  href: [...absent, ...anyTexts],
  retryAfterMs: [...absent, ...numbers],
  requestId: [...absent, ...anyTexts],
  detail: [...absent, ...records],
  origin: [...absent, ...anyTexts],
  reason: [...absent, ...anyTexts],
};

const errors: Arguments = [
  ['new ErrorInfo()', '(init|code)', (value) => new ErrorInfo(value), []],
  ...Object.entries(ofErrors).map(
    ([name, taken]) =>
      [
        'new ErrorInfo()',
        name,
        (value) => new ErrorInfo({ code: 40000, message: 'no', [name]: value }),
        taken,
      ] as Arguments[number],
  ),
];

// What the contracts print by default.
beforeAll(() => void vi.spyOn(console, 'log').mockImplementation(() => {}));
afterAll(() => void vi.restoreAllMocks());

describe('an argument', () => {
  it.each([
    ...ofAuth,
    ...ofConnection,
    ...ofTesting,
    ...inspection,
    ...ofReact,
    ...ofServer,
    ...ofServerHalves,
    ...ofMachines,
    ...errors,
  ])('the argument of %s is accepted, or refused by its own name: %s', (_callee, name, call, taken) =>
    expectRefusals(name, taken, call as (value: unknown) => unknown),
  );

  it('an object with a clock is refused in place of the clock', () => {
    expect(() => scriptedSource({ clock: new VirtualClock() } as never)).toThrow(/^clock is an object, not/);
    expect(() => new Scenario({ clock: new VirtualClock() } as never)).toThrow(/^clock is an object, not/);
  });

  it('off() without a listener is refused, and removes no other listener', () => {
    const client = auth();
    const listener = vi.fn();
    client.on('state', listener);
    expect(() => (client.off as (name: string) => void)('state')).toThrow(
      expect.objectContaining({ code: 40003, message: 'listener is undefined, not a function' }),
    );
    client.forget();
    void client.getToken().catch(() => {});
    expect(listener).toHaveBeenCalled();
    client.dispose();
  });

  it('a request of Express is refused by a token endpoint, and the error names nodeListener()', () => {
    expect(() => endpoint({ headers: {}, method: 'GET', url: '/' } as never)).toThrow(
      expect.objectContaining({ code: 40003, remediation: expect.stringContaining('nodeListener()') }),
    );
  });

  it('the argument of StopRenewing is its message', () => {
    expect(new StopRenewing('signed out').message).toBe('signed out');
  });
});

/** A harness that cannot be made, so that no check runs. */
const fails = (): never => {
  throw new TypeError('no harness');
};
function isFailure(error: unknown): void {
  if (!(error instanceof TypeError)) throw error;
}

/** Ignores the error for a condition that stays false. */
async function unmet(value: never): Promise<void> {
  await new Scenario().until(value, 1).catch((error: Error) => {
    if (!error.message.startsWith('the condition is still false')) throw error;
  });
}

const asPromise = (given: unknown): Promise<unknown> => given as Promise<unknown>;

/** Ignores the error for a connection that is not connected. */
function unsent(value: never): void {
  try {
    connection().send(value);
  } catch (error) {
    if ((error as { code: number }).code !== 80003) throw error;
  }
}
