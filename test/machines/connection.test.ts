import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { connectionMachine } from '../../machines/connection.machine.js';
import type { ConnectionEvent } from '../../machines/connection-context.js';
import { Secret } from '../../src/token/secret.js';
import {
  delayed,
  denied,
  dropped,
  expired,
  forbidden,
  frozen,
  given,
  lost,
  MachineHarness,
  offline,
  overloaded,
  refused,
  replaced,
  serverConnected,
} from './connection-harness.js';
import { TransitionCoverage } from './transition-coverage.js';

const coverage = new TransitionCoverage(connectionMachine);
const connect: ConnectionEvent = { type: 'connect' };
const close: ConnectionEvent = { type: 'close' };
const asked: ConnectionEvent = { type: 'server.asked' };
const closed: ConnectionEvent = { type: 'server.closed' };
const withdrawn: ConnectionEvent = { type: 'token.withdrawn' };
const forgotten: ConnectionEvent = { type: 'token.forgotten' };
const attached: ConnectionEvent = { type: 'auth.attached' };
const detached: ConnectionEvent = { type: 'auth.detached' };

const next = (token: string | null): ConnectionEvent => ({
  type: 'token.next',
  token: token === null ? null : new Secret({ token }),
});
const halted: ConnectionEvent = { type: 'attempt.halted' };
const urgent: ConnectionEvent = { type: 'answer.urgent' };
const online: ConnectionEvent = { type: 'network.back' };
const shown: ConnectionEvent = { type: 'page.shown' };
const asBob = serverConnected({ clientId: 'bob' });

/** An event, a time in ms, or the answer to a network check. */
type Happening = ConnectionEvent | number | boolean | 'broken';

/**
 * How to reach each state. With `elsewhere` there are fallback hosts; with `as ada` the client has a
 * clientId.
 */
const ways: Readonly<Record<string, readonly Happening[]>> = {
  initialized: [],
  'connecting.awaiting.asked': [attached, connect],
  'connecting.awaiting.refused': [given('a'), refused],
  'connecting.trying.opening': [given('a')],
  'connecting.trying.opening with one before': [given('a'), serverConnected(), lost, given('b')],
  'connecting.trying.opening as ada': [given('a')],
  'connecting.trying.opening with others elsewhere': [given('a')],
  'connecting.trying.opening elsewhere': [given('a'), lost, true],
  'connecting.trying.opening the last host elsewhere': [given('a'), lost, true, lost],
  'connecting.trying.checking elsewhere': [given('a'), lost],
  'connecting.trying.checking elsewhere with one before': [
    given('a'),
    serverConnected(),
    lost,
    given('b'),
    lost,
  ],
  'connecting.awaiting.halted': [given('a'), halted],
  'connected.steady': [given('a'), serverConnected()],
  'connected.steady as ada': [given('a'), serverConnected()],
  'connected.authenticating as ada': [given('a'), serverConnected(), given('b')],
  'connected.unanswered as ada': [given('a'), serverConnected(), given('b'), withdrawn],
  'connected.authenticating': [given('a'), serverConnected(), given('b')],
  'connected.unanswered': [given('a'), serverConnected(), given('b'), withdrawn],
  'connected.unanswered with one that waits': [given('a'), serverConnected(), given('b'), given('c')],
  'connected.unanswered for long': [given('a'), serverConnected(), given('b'), 10_000],
  disconnected: [given('a'), lost],
  'disconnected frozen': [attached, given('a'), serverConnected(), frozen],
  'suspended frozen': [attached, given('a'), serverConnected(), frozen, 120_000],
  suspended: [given('a'), lost, 15_000, lost, 20_000, lost, 25_000, lost, 30_000, lost, 30_000, lost],
  'suspended elsewhere': [
    ...[given('a'), lost, false, 15_000, lost, false, 20_000, lost, false, 25_000, lost, false],
    ...[30_000, lost, false, 30_000, lost, false],
  ],
  'closing.opening': [given('a'), close],
  'closing.leaving': [given('a'), serverConnected(), close],
  closed: [close],
  failed: [given('a'), forbidden],
};

/** State, event, next state, and emitted events. Without a row nothing changes and nothing is emitted. */
const table: readonly (readonly [from: string, event: Happening, to: string, told: string])[] = [
  ['initialized', connect, 'connecting.awaiting.asked', 'token.needed'],
  ['initialized', given('x'), 'connecting.trying.opening', ''],
  ['initialized', replaced('x'), 'connecting.trying.opening', ''],
  ['initialized', denied, 'failed', 'rejected'],
  ['initialized', close, 'closed', ''],
  ['initialized', forgotten, 'initialized', ''],

  ['connecting.awaiting.asked', given('x'), 'connecting.trying.opening', ''],
  ['connecting.awaiting.asked', replaced('x'), 'connecting.trying.opening', ''],
  ['connecting.awaiting.asked', denied, 'failed', 'rejected'],
  ['connecting.awaiting.asked', close, 'closed', ''],
  ['connecting.awaiting.asked', forgotten, 'closed', ''],
  ['connecting.awaiting.asked', attached, 'connecting.awaiting.asked', 'token.needed'],
  ['connecting.awaiting.asked', 10_000, 'disconnected', ''],
  ['connecting.awaiting.asked', delayed, 'disconnected', ''],
  ['connecting.awaiting.asked', halted, 'connecting.awaiting.asked', ''],
  ['connecting.awaiting.asked', offline, 'disconnected', ''],
  ['connecting.awaiting.asked', online, 'connecting.awaiting.asked', ''],
  ['connecting.awaiting.asked', frozen, 'disconnected', ''],

  ['connecting.awaiting.refused', given('x'), 'connecting.trying.opening', ''],
  ['connecting.awaiting.refused', denied, 'failed', 'rejected'],
  ['connecting.awaiting.refused', close, 'closed', ''],
  ['connecting.awaiting.refused', forgotten, 'closed', ''],
  ['connecting.awaiting.refused', attached, 'connecting.awaiting.asked', 'token.needed'],
  ['connecting.awaiting.refused', delayed, 'disconnected', ''],
  ['connecting.awaiting.refused', halted, 'connecting.awaiting.refused', ''],

  ['connecting.awaiting.halted', given('x'), 'connecting.trying.opening', ''],
  ['connecting.awaiting.halted', replaced('x'), 'connecting.trying.opening', ''],
  ['connecting.awaiting.halted', delayed, 'disconnected', ''],
  ['connecting.awaiting.halted', denied, 'failed', 'rejected'],
  ['connecting.awaiting.halted', withdrawn, 'connecting.awaiting.halted', ''],
  ['connecting.awaiting.halted', halted, 'connecting.awaiting.halted', ''],
  ['connecting.awaiting.halted', close, 'closed', 'rejected'],
  ['connecting.awaiting.halted', forgotten, 'closed', 'rejected'],
  ['connecting.awaiting.halted', offline, 'disconnected', ''],
  ['connecting.awaiting.halted', 20_000, 'disconnected', ''],

  ['connecting.trying.opening with others elsewhere', overloaded, 'connecting.trying.checking', ''],
  ['connecting.trying.opening with others elsewhere', 10_000, 'connecting.trying.checking', ''],
  ['connecting.trying.checking elsewhere', true, 'connecting.trying.opening', ''],
  ['connecting.trying.checking elsewhere', false, 'disconnected', ''],
  ['connecting.trying.checking elsewhere', 'broken', 'disconnected', ''],
  ['connecting.trying.checking elsewhere', 10_000, 'disconnected', ''],
  ['connecting.trying.checking elsewhere', given('x'), 'connecting.trying.opening', ''],
  ['connecting.trying.checking elsewhere', denied, 'failed', 'rejected'],
  ['connecting.trying.checking elsewhere', withdrawn, 'connecting.awaiting.asked', 'token.needed'],
  ['connecting.trying.checking elsewhere', halted, 'connecting.awaiting.halted', ''],
  ['connecting.trying.checking elsewhere', online, 'connecting.trying.opening', ''],
  ['connecting.trying.checking elsewhere', offline, 'disconnected', ''],
  ['connecting.trying.checking elsewhere', close, 'closed', 'rejected'],
  ['connecting.trying.checking elsewhere', forgotten, 'closed', 'rejected'],
  ['connecting.trying.checking elsewhere with one before', withdrawn, 'connecting.trying.opening', ''],

  ['connecting.trying.opening elsewhere', lost, 'connecting.trying.opening', ''],
  ['connecting.trying.opening elsewhere', overloaded, 'connecting.trying.opening', ''],
  ['connecting.trying.opening elsewhere', 10_000, 'connecting.trying.opening', ''],
  ['connecting.trying.opening elsewhere', dropped, 'disconnected', ''],
  ['connecting.trying.opening elsewhere', refused, 'connecting.awaiting.refused', 'token.refused rejected'],
  ['connecting.trying.opening the last host elsewhere', lost, 'disconnected', ''],
  ['connecting.trying.opening the last host elsewhere', overloaded, 'disconnected', ''],

  ['connecting.trying.opening', serverConnected(), 'connected.steady', 'accepted identity.confirmed'],
  ['connecting.trying.opening', refused, 'connecting.awaiting.refused', 'token.refused rejected'],
  ['connecting.trying.opening', forbidden, 'failed', 'rejected'],
  ['connecting.trying.opening', expired, 'connecting.awaiting.refused', 'token.refused rejected'],
  ['connecting.trying.opening', dropped, 'disconnected', ''],
  ['connecting.trying.opening', lost, 'disconnected', ''],
  ['connecting.trying.opening', withdrawn, 'connecting.awaiting.asked', 'token.needed'],
  ['connecting.trying.opening', given('x'), 'connecting.trying.opening', ''],
  ['connecting.trying.opening', replaced('x'), 'connecting.trying.opening', ''],
  ['connecting.trying.opening', denied, 'failed', 'rejected'],
  ['connecting.trying.opening', close, 'closing.opening', 'rejected'],
  ['connecting.trying.opening', forgotten, 'closing.opening', 'rejected'],
  ['connecting.trying.opening', 10_000, 'disconnected', ''],
  ['connecting.trying.opening', overloaded, 'disconnected', ''],
  ['connecting.trying.opening', halted, 'connecting.awaiting.halted', ''],
  ['connecting.trying.opening', online, 'connecting.trying.opening', ''],
  ['connecting.trying.opening', offline, 'disconnected', ''],
  ['connecting.trying.opening', frozen, 'disconnected', ''],
  ['connecting.trying.opening', shown, 'connecting.trying.opening', ''],
  ['connecting.trying.opening', delayed, 'connecting.trying.opening', ''],
  ['connecting.trying.opening', asBob, 'connected.steady', 'accepted identity.confirmed'],
  ['connecting.trying.opening as ada', asBob, 'failed', 'rejected'],

  ['connecting.trying.opening with one before', refused, 'disconnected', 'rejected'],
  ['connecting.trying.opening with one before', expired, 'disconnected', 'rejected'],
  ['connecting.trying.opening with one before', withdrawn, 'connecting.trying.opening', ''],

  ['connected.steady', asked, 'connected.steady', 'token.asked'],
  ['connected.steady', serverConnected(), 'connected.steady', 'identity.confirmed updated'],
  ['connected.steady', expired, 'disconnected', 'token.refused'],
  ['connected.steady', dropped, 'disconnected', ''],
  ['connected.steady', refused, 'disconnected', 'token.refused'],
  ['connected.steady', forbidden, 'failed', ''],
  ['connected.steady', lost, 'disconnected', ''],
  ['connected.steady', frozen, 'disconnected', ''],
  ['connected.steady', shown, 'connected.steady', ''],
  ['connected.steady', offline, 'disconnected', ''],
  ['connected.steady as ada', asBob, 'failed', ''],
  ['connected.authenticating as ada', asBob, 'failed', 'rejected'],
  ['connected.unanswered as ada', asBob, 'failed', ''],
  ['connected.steady', given('x'), 'connected.authenticating', ''],
  ['connected.steady', replaced('x'), 'connecting.trying.opening', ''],
  ['connected.steady', denied, 'failed', 'rejected'],
  ['connected.steady', close, 'closing.leaving', ''],
  ['connected.steady', forgotten, 'closing.leaving', ''],
  ['connected.steady', urgent, 'connected.steady', ''],

  ['connected.authenticating', serverConnected(), 'connected.steady', 'accepted identity.confirmed updated'],
  ['connected.authenticating', refused, 'disconnected', 'rejected'],
  ['connected.authenticating', forbidden, 'failed', 'rejected'],
  ['connected.authenticating', asked, 'connected.authenticating', 'token.asked'],
  ['connected.authenticating', expired, 'disconnected', ''],
  ['connected.authenticating', dropped, 'disconnected', ''],
  ['connected.authenticating', lost, 'disconnected', ''],
  ['connected.authenticating', urgent, 'connecting.trying.opening', ''],
  ['connected.authenticating', given('x'), 'connected.unanswered', ''],
  ['connected.authenticating', replaced('x'), 'connecting.trying.opening', ''],
  ['connected.authenticating', withdrawn, 'connected.unanswered', ''],
  ['connected.authenticating', denied, 'failed', 'rejected'],
  ['connected.authenticating', close, 'closing.leaving', 'rejected'],
  ['connected.authenticating', forgotten, 'closing.leaving', 'rejected'],
  ['connected.authenticating', 10_000, 'connected.unanswered', 'rejected'],

  ['connected.unanswered', serverConnected(), 'connected.steady', 'identity.confirmed updated'],
  ['connected.unanswered', given('x'), 'connected.unanswered', ''],
  ['connected.unanswered', refused, 'disconnected', ''],
  ['connected.unanswered', forbidden, 'failed', ''],
  ['connected.unanswered', lost, 'disconnected', ''],
  ['connected.unanswered', close, 'closing.leaving', ''],
  ['connected.unanswered', forgotten, 'closing.leaving', ''],
  ['connected.unanswered', urgent, 'connected.unanswered', ''],

  [
    'connected.unanswered with one that waits',
    serverConnected(),
    'connected.authenticating',
    'identity.confirmed updated',
  ],
  ['connected.unanswered with one that waits', forbidden, 'disconnected', ''],
  ['connected.unanswered with one that waits', expired, 'disconnected', ''],
  ['connected.unanswered with one that waits', withdrawn, 'connected.unanswered', ''],
  ['connected.unanswered with one that waits', urgent, 'connecting.trying.opening', ''],
  ['connected.unanswered with one that waits', close, 'closing.leaving', 'rejected'],
  ['connected.unanswered with one that waits', 10_000, 'connecting.trying.opening', ''],

  ['connected.unanswered for long', serverConnected(), 'connected.steady', 'identity.confirmed updated'],
  ['connected.unanswered for long', given('x'), 'connecting.trying.opening', ''],

  ['disconnected', connect, 'connecting.trying.opening', ''],
  ['disconnected', given('x'), 'connecting.trying.opening', ''],
  ['disconnected', replaced('x'), 'connecting.trying.opening', ''],
  ['disconnected', denied, 'failed', 'rejected'],
  ['disconnected', close, 'closed', 'rejected'],
  ['disconnected', next('x'), 'disconnected', ''],
  ['disconnected', next(null), 'disconnected', ''],
  ['disconnected', forgotten, 'closed', 'rejected'],
  ['disconnected', 15_000, 'connecting.trying.opening', ''],
  ['disconnected', online, 'connecting.trying.opening', ''],
  ['disconnected', frozen, 'disconnected', ''],
  ['disconnected', shown, 'disconnected', ''],
  ['disconnected frozen', 15_000, 'disconnected', ''],
  ['disconnected frozen', 120_000, 'suspended', ''],
  ['disconnected frozen', shown, 'connecting.awaiting.asked', 'token.needed'],
  ['disconnected frozen', connect, 'connecting.awaiting.asked', 'token.needed'],
  ['disconnected frozen', online, 'connecting.awaiting.asked', 'token.needed'],
  ['disconnected frozen', given('x'), 'connecting.trying.opening', ''],
  ['disconnected frozen', frozen, 'disconnected', ''],
  ['disconnected frozen', next('x'), 'disconnected', ''],

  ['suspended', connect, 'connecting.awaiting.asked', 'token.needed'],
  ['suspended', given('x'), 'connecting.trying.opening', ''],
  ['suspended', replaced('x'), 'connecting.trying.opening', ''],
  ['suspended', denied, 'failed', 'rejected'],
  ['suspended', close, 'closed', ''],
  ['suspended', next('x'), 'suspended', ''],
  ['suspended', next(null), 'suspended', ''],
  ['suspended', forgotten, 'closed', ''],
  ['suspended', 30_000, 'connecting.awaiting.asked', 'token.needed'],
  ['suspended', online, 'connecting.awaiting.asked', 'token.needed'],
  ['suspended', frozen, 'suspended', ''],
  ['suspended', shown, 'suspended', ''],
  ['suspended frozen', 30_000, 'suspended', ''],
  ['suspended frozen', shown, 'connecting.awaiting.asked', 'token.needed'],

  ['closing.opening', serverConnected(), 'closing.leaving', ''],
  ['closing.opening', forbidden, 'closed', ''],
  ['closing.opening', dropped, 'closed', ''],
  ['closing.opening', lost, 'closed', ''],
  ['closing.opening', 10_000, 'closed', ''],
  ['closing.leaving', closed, 'closed', ''],
  ['closing.leaving', lost, 'closed', ''],
  ['closing.leaving', connect, 'connecting.trying.opening', ''],
  ['closing.leaving', given('x'), 'connecting.trying.opening', ''],
  ['closing.leaving', replaced('x'), 'connecting.trying.opening', ''],
  ['closing.leaving', 10_000, 'closed', ''],
  ['closing.leaving', forgotten, 'closing.leaving', ''],

  ['closed', connect, 'connecting.awaiting.asked', 'token.needed'],
  ['closed', given('x'), 'connecting.trying.opening', ''],
  ['closed', replaced('x'), 'connecting.trying.opening', ''],
  ['closed', forgotten, 'closed', ''],

  ['failed', connect, 'connecting.awaiting.asked', 'token.needed'],
  ['failed', given('x'), 'connecting.trying.opening', ''],
  ['failed', replaced('x'), 'connecting.trying.opening', ''],
  ['failed', close, 'closed', ''],
  ['failed', forgotten, 'failed', ''],
];

/** Events that can happen in any state and have no row for it. */
const anything = {
  connect,
  close,
  asked,
  closed,
  withdrawn,
  attached,
  detached,
  delayed,
  halted,
  offline,
  online,
  lost,
  dropped,
  expired,
  forbidden,
  refused,
  denied,
  'a token': given('x'),
  'a token for another': replaced('x'),
  CONNECTED: serverConnected(),
};

/** Pairs without a row: these change nothing. */
const silent = Object.keys(ways).flatMap((from) =>
  Object.entries(anything)
    .filter(([, event]) => !table.some(([start, what]) => start === from && isSame(what, event)))
    .filter(([name]) => isNothing(from, name))
    .map(([name, event]) => [from, name, event] as const),
);

describe('the connection machine', () => {
  const reach = async (name: string) => {
    const harness = new MachineHarness(coverage.inspect, {
      fallbackHosts: name.includes('elsewhere') ? ['b', 'c'] : [],
      clientId: name.includes('as ada') ? 'ada' : undefined,
    });
    await happen(harness, ways[name] ?? []);
    expect(harness.state).toBe(name.replace(/ .*/, ''));
    harness.emitted.length = 0;
    return harness;
  };

  const happen = async (harness: MachineHarness, happenings: readonly Happening[]) => {
    for (const each of happenings) {
      if (typeof each === 'number') await harness.clock.advance(each);
      else if (typeof each === 'object') harness.send(each);
      else {
        harness.checks.at(-1)?.(each);
        await harness.clock.advance(0);
      }
    }
  };

  it.each(table)('%s · %o → %s', async (from, event, to, told) => {
    const harness = await reach(from);
    await happen(harness, [event]);
    expect([harness.state, harness.told.join(' ')]).toEqual([to, told]);
    expect(harness.open.length).toBe(hasTransport(to) ? 1 : 0);
  });

  it.each(silent)('%s · %s changes nothing', async (from, _name, event) => {
    const harness = await reach(from);
    const before = harness.transports.length;
    harness.send(event);
    expect([harness.state, harness.told, harness.transports.length]).toEqual([
      from.replace(/ .*/, ''),
      [],
      before,
    ]);
  });

  it('the machine opens with the received token, and with the key of the lost connection', async () => {
    const harness = await reach('connected.steady');
    harness.send(lost);
    await harness.clock.advance(0);
    expect(harness.transports.map(({ token, resume }) => [token, resume])).toEqual([
      ['a', undefined],
      ['a', 'key'],
    ]);
  });

  it.each(Object.keys(ways))('%s · the user signs out, and nothing of the user is left', async (from) => {
    const harness = await reach(from);
    harness.send(forgotten);
    const { candidate, id, key, token } = harness.context;
    expect([candidate, id, key, token]).toEqual([null, null, null, null]);
    harness.send(connect);
    expect(harness.state).toBe('connecting.awaiting.asked');
    expect(harness.told).not.toContain('token.refused');
  });

  it.each([
    'disconnected',
    'suspended',
    'connecting.trying.opening with one before',
    'closing.leaving',
    'closed',
  ])('%s · a token for another client resumes nothing', async (from) => {
    const harness = await reach(from);
    harness.send(replaced('x'));
    expect(harness.transports.at(-1)).toMatchObject({ token: 'x', resume: undefined });
  });

  it('each attempt tries the primary host first, then each fallback host once', async () => {
    const harness = await reach('connecting.trying.opening the last host elsewhere');
    await happen(harness, [lost, 15_000]);
    expect(harness.transports.map(({ host }) => host)).toEqual([null, 'b', 'c', null]);
    expect(harness.checks).toHaveLength(1);
  });

  it('the reason of the host’s failure stays when there is no network', async () => {
    const harness = await reach('connecting.trying.checking elsewhere');
    await happen(harness, [false]);
    expect(harness.context.errorReason?.code).toBe(80003);
  });

  it('the machine connects with its API key until it receives a token', async () => {
    const harness = new MachineHarness(coverage.inspect, { usesKey: true });
    harness.send(connect, serverConnected(), given('a'), serverConnected(), lost);
    await harness.clock.advance(0);
    expect(harness.transports.map(({ token }) => token)).toEqual([undefined, 'a']);
    expect(harness.told).not.toContain('token.needed');
  });

  it.each([
    ['the AUTH', serverConnected()],
    ['the opening', lost],
  ])('the machine returns to its API key when a first token is refused in %s', async (_where, before) => {
    const harness = new MachineHarness(coverage.inspect, { usesKey: true });
    harness.send(connect, before, given('a'), refused);
    expect([harness.state, harness.told.filter((what) => /re/.test(what))]).toEqual([
      'disconnected',
      ['rejected'],
    ]);
    await harness.clock.advance(15_000);
    expect(harness.transports.at(-1)?.token).toBeUndefined();
    harness.send(serverConnected(), given('b'), serverConnected(), expired);
    expect([harness.state, harness.told.at(-1)]).toEqual(['disconnected', 'token.refused']);
  });

  it.each([
    ['is withdrawn while it is connected with', [lost, given('a'), withdrawn], 'connecting.trying.opening'],
    [
      'is refused when no call waits for it any more',
      [serverConnected(), given('a'), withdrawn, refused],
      'disconnected',
    ],
  ] as const)(
    'the machine returns to its API key when a first token %s',
    async (_title, happenings, state) => {
      const harness = new MachineHarness(coverage.inspect, { usesKey: true });
      harness.send(connect, ...happenings);
      expect(harness.state).toBe(state);
      await harness.clock.advance(0);
      expect(harness.transports.at(-1)?.token).toBeUndefined();
      expect(harness.state).toBe('connecting.trying.opening');
    },
  );

  it('the machine fails if the server reports a token error for its API key', () => {
    const harness = new MachineHarness(coverage.inspect, { usesKey: true });
    harness.send(connect, refused);
    expect(harness.state).toBe('failed');
  });

  it.each([
    ['the network', [given('x'), lost, false]],
    ['the look at it', [given('x'), lost, 'broken']],
    ['time', [given('x'), lost, 10_000]],
  ] as const)(
    'the machine is suspended again when no other host can be tried, because of %s',
    async (_title, happenings) => {
      const harness = await reach('suspended elsewhere');
      await happen(harness, [connect, ...happenings]);
      expect(harness.state).toBe('suspended');
    },
  );

  it.each([
    ['connecting.trying.opening', 'disconnected', 'connecting.trying.opening'],
    ['connecting.trying.checking elsewhere', 'disconnected', 'connecting.trying.checking elsewhere'],
    ['suspended', 'suspended', 'opened again'],
    ['suspended elsewhere', 'suspended', 'opened again'],
  ])('%s · aborted when its time is over → %s', async (from, to, how) => {
    const harness = await reach(from);
    if (how === 'opened again') harness.send(connect, given('x'));
    if (how === 'opened again' && from.includes('elsewhere')) harness.send(lost);
    const { clock } = harness;
    const real = clock.monotonic.bind(clock);
    clock.monotonic = () => real() + 10_000;
    harness.send(withdrawn);
    expect([harness.state, harness.context.candidate]).toEqual([to, null]);
    expect(harness.context.errorReason?.code).toBe(80014);
  });

  it('the machine resumes from suspended, because only the server knows which connections it still has', async () => {
    const harness = await reach('connected.steady');
    harness.send(lost);
    while (harness.state !== 'suspended') await harness.clock.advance(5_000);
    await harness.clock.advance(30_000);
    expect(harness.transports.at(-1)?.resume).toBe('key');
  });

  it('the machine sends one AUTH at a time, the newest token after the last answer', async () => {
    const harness = await reach('connected.authenticating');
    harness.send(given('c'), given('d'));
    expect(harness.open[0]?.commands).toEqual(['auth b']);
    harness.send(serverConnected());
    expect(harness.open[0]?.commands).toEqual(['auth b', 'auth d']);
  });

  it.each([
    ['in ERROR', refused],
    ['in DISCONNECTED', expired],
  ])('the machine waits after a second refusal in a row %s', async (_title, refusal) => {
    const harness = await reach('connecting.awaiting.refused');
    harness.send(given('b'), refusal);
    expect([harness.state, harness.told]).toEqual(['disconnected', ['token.refused', 'rejected']]);
  });

  it('the machine waits after a second refusal, but not if a connection came in between', async () => {
    const harness = await reach('connecting.awaiting.refused');
    harness.send(given('b'), serverConnected(), expired, given('c'), refused);
    expect(harness.state).toBe('disconnected');
    harness.send(given('d'), serverConnected(), lost, given('e'), refused);
    expect(harness.state).toBe('disconnected');
    harness.send(given('f'), refused);
    expect(harness.state).toBe('disconnected');
  });

  it.each([
    ['DISCONNECTED', expired],
    ['ERROR', refused],
  ])(
    'a connected machine whose token is refused in %s is disconnected, then connecting without a wait (RTN15h2)',
    async (_name, refusal) => {
      const harness = await reach('connected.steady');
      harness.send(attached, refusal);
      expect([harness.state, harness.context.retryInMs]).toEqual(['disconnected', 0]);
      expect(harness.context.errorReason).toMatchObject({ code: 40142 });
      await harness.clock.advance(0);
      expect([harness.state, harness.told.at(-1)]).toEqual(['connecting.awaiting.refused', 'token.refused']);
      harness.send(given('b'));
      expect(harness.transports.at(-1)).toMatchObject({ token: 'b', resume: 'key' });
    },
  );

  it('a machine that lost its token asks again once it was told that there is none for now', async () => {
    const harness = await reach('connected.steady');
    harness.send(attached, expired, delayed);
    expect(harness.state).toBe('disconnected');
    await harness.clock.advance(0);
    expect([harness.state, harness.told.at(-1)]).toEqual(['connecting.awaiting.asked', 'token.needed']);
    harness.send(delayed);
    expect([harness.state, harness.context.errorReason?.code]).toEqual(['disconnected', 80019]);
  });

  it('a connected machine whose token is refused, and that gets no other, fails without connecting (RTN15h1)', async () => {
    const harness = await reach('connected.steady');
    const states: string[] = [];
    harness.actor.subscribe(() => states.push(harness.state));
    harness.send(expired, denied);
    await harness.clock.advance(60_000);
    expect(states).toEqual(['disconnected', 'failed']);
  });

  it('the machine waits for a token without a limit if there is no Auth, or it has detached', async () => {
    const harness = new MachineHarness(coverage.inspect);
    harness.send(connect);
    await harness.clock.advance(1_000_000);
    expect(harness.state).toBe('connecting.awaiting.asked');
    harness.send(attached, detached, close, connect);
    await harness.clock.advance(1_000_000);
    expect(harness.state).toBe('connecting.awaiting.asked');
  });

  it('the machine stops waiting for a token after a refusal', async () => {
    const harness = new MachineHarness(coverage.inspect);
    harness.send(attached, given('a'), refused);
    await harness.clock.advance(10_000);
    expect([harness.state, harness.context.errorReason?.code]).toEqual(['disconnected', 80019]);
  });

  it.each([
    ['no token comes', [attached, connect, 10_000, 15_000]],
    ['no token comes after a refusal', [attached, given('a'), refused]],
    ['the server says nothing', [given('a')]],
  ] as const)('the machine is suspended after it was %s for too long', async (_title, happenings) => {
    const harness = new MachineHarness(coverage.inspect);
    await happen(harness, happenings);
    for (let passed = 0; passed < 200_000 && harness.state !== 'suspended'; passed += 5_000) {
      await harness.clock.advance(5_000);
    }
    expect(harness.state).toBe('suspended');
  });

  it.each([
    ['no token comes', [attached], 10_000],
    ['the token is refused, and no other comes', [attached, given('a'), refused], 10_000],
    ['the server says nothing', [given('a')], 10_000],
    ['the transport is lost', [given('a'), lost], 0],
    ['the server disconnects', [given('a'), dropped], 0],
    ['there is no token for now', [attached, delayed], 0],
    ['the token is refused, and there is no other for now', [attached, given('a'), refused, delayed], 0],
    ['there is no newer token for now', [given('a'), halted, delayed], 0],
    ['no newer token comes', [given('a'), halted], 20_000],
  ] as const)(
    'the machine is suspended again when a try from there fails: %s',
    async (_title, happenings, ms) => {
      const harness = await reach('suspended');
      harness.send(connect, ...happenings);
      await harness.clock.advance(ms);
      expect(harness.state).toBe('suspended');
    },
  );

  it('the context holds no secret in plain form', async () => {
    const harness = await reach('connected.authenticating');
    const { candidate, key, ports, token } = harness.context;
    for (const box of [candidate, key, ports, token]) expect(box).toBeInstanceOf(Secret);
  });

  it('the machine has Ably’s states, and no others', () => {
    expect(Object.keys(connectionMachine.states).sort()).toEqual(
      'closed closing connected connecting disconnected failed initialized suspended'.split(' '),
    );
  });

  it('the error names the missing transport', async () => {
    const harness = new MachineHarness();
    const actor = createActor(connectionMachine, { input: harness.context });
    let thrown: unknown;
    actor.subscribe({
      error: (error) => {
        thrown = error;
      },
    });
    actor.start();
    actor.send(given('a'));
    expect(thrown).toMatchObject({ message: expect.stringContaining("'transport' was not provided") });
  });

  it('a test takes every transition', () => {
    const { taken, all, missing } = coverage.report();
    console.log(`connection machine: ${taken} of ${all} transitions taken`);
    expect(missing).toEqual([]);
  });
});

function hasTransport(state: string): boolean {
  return /^(connecting\.trying\.opening|connected|closing)/.test(state);
}

function isSame(one: Happening, other: ConnectionEvent): boolean {
  if (typeof one !== 'object' || one.type !== other.type) return false;
  if ('error' in one && 'error' in other) return one.error?.code === other.error?.code;
  return true;
}

/** Whether a pair without a row is ignored, and not covered by a row of a similar state. */
function isNothing(from: string, name: string): boolean {
  const [state = ''] = from.split(/[. ]/);
  const ignored: Readonly<Record<string, string>> = {
    initialized:
      'delayed halted offline online asked closed lost dropped expired forbidden refused CONNECTED withdrawn attached detached',
    connecting: 'connect asked closed detached',
    connected: 'delayed halted online connect closed attached detached',
    disconnected:
      'delayed halted offline asked closed lost dropped expired forbidden refused CONNECTED withdrawn attached detached',
    suspended:
      'delayed halted offline asked closed lost dropped expired forbidden refused CONNECTED withdrawn attached detached',
    closing: 'delayed halted offline online close asked denied withdrawn attached detached',
    closed:
      'delayed halted offline online close denied asked closed lost dropped expired forbidden refused CONNECTED withdrawn attached',
    failed:
      'delayed halted offline online denied asked closed lost dropped expired forbidden refused CONNECTED withdrawn attached detached',
  };
  return ignored[state]?.split(' ').includes(name) ?? false;
}
