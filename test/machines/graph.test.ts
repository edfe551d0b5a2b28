import { describe, expect, it } from 'vitest';
import { type AnyEventObject, createMachine } from 'xstate';
import { acquisitionMachine } from '../../machines/acquisition.machine.js';
import type { Ask } from '../../machines/ask.js';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthContext, AuthInput } from '../../machines/auth-context.js';
import { connectionMachine } from '../../machines/connection.machine.js';
import type { ConnectionContext } from '../../machines/connection-context.js';
import { defaultRenewal } from '../../machines/policy.js';
import type { Accepted, MachinePorts } from '../../machines/ports.js';
import { Sealed } from '../../src/token/sealed.js';
import { failure } from './auth-harness.js';
import {
  denied,
  dropped,
  expired,
  forbidden,
  given,
  lost,
  refused,
  replaced,
  serverConnected,
} from './connection-harness.js';
import { explore, type Graph } from './graph.js';

const HOUR = 3_600_000;
const ports = (isOnline: boolean): Sealed<MachinePorts> =>
  new Sealed({
    clock: { monotonic: () => 0 },
    random: () => 0,
    isOnline: () => isOnline,
    opensTransport: () => false,
  });
const terms = new Sealed<unknown>('terms');
const done = (id: string, output: unknown): AnyEventObject => ({ type: `xstate.done.actor.${id}`, output });
const broken = (id: string): AnyEventObject => ({
  type: `xstate.error.actor.${id}`,
  error: new Error('bug'),
});

const accepted = (lifetimeMs: number | undefined, renewable: boolean): Accepted => ({
  ok: true,
  token: new Sealed({ token: `${lifetimeMs}` }),
  facts: {},
  lifetimeMs,
  ageMs: 0,
  receivedAt: 0,
  terms,
  renewable,
});

const authInputs = [true, false].flatMap((isOnline) =>
  (['client', 'server'] as const).flatMap((by) =>
    [null, accepted(HOUR, true)].map(
      (token): AuthInput => ({
        ports: ports(isOnline),
        terms,
        renewable: true,
        clientId: undefined,
        deadlineMs: 10_000,
        renewal: { ...defaultRenewal, by },
        seed: 0,
        given: token,
      }),
    ),
  ),
);

const ask = (own: boolean, box: Sealed<unknown>): Ask => ({ explicit: true, own, terms: box });

const auth: Graph = {
  machine: authMachine,
  inputs: authInputs,
  events: [
    { type: 'authorize', ask: ask(false, terms) },
    { type: 'authorize', ask: ask(true, new Sealed<unknown>('other terms')) },
    ...['token.needed', 'token.asked', 'forget', 'network.back', 'retry'].map((type) => ({ type })),
    { type: 'token.refused', error: failure(40142) },
    // Time stands still here, and sleep makes tokens due, dead, or dead as soon as they came.
    ...[2_500, HOUR - 60_000, HOUR].map((ms) => ({ type: 'time.jumped', ms })),
    ...[HOUR, 2_000].map((life) => done('acquisition', accepted(life, true))),
    done('acquisition', accepted(HOUR, false)),
    ...[failure(40170), failure(40102), failure(40300, 403)].map((error) =>
      done('acquisition', { ok: false, error }),
    ),
    broken('acquisition'),
  ],
  keyOf: (context: AuthContext) => {
    const { held, ask: running, renewable, wasAuthorized, duds } = context;
    const token =
      held === null
        ? null
        : [
            held.diesAt > 0,
            held.renewAt > 0,
            held.receivedAt > -5_000,
            held.diesAt - held.receivedAt < 5_000,
          ];
    return [token, running?.explicit, running?.own, renewable, wasAuthorized, duds > 0];
  },
};

const token = { kind: 'token', token: new Sealed({ token: 't' }) };
const request = { kind: 'request', request: new Sealed({}) };
const stages = { ask: '0.acquisition.obtaining.asking', exchange: '0.acquisition.obtaining.exchanging' };

const acquisition: Graph = {
  machine: acquisitionMachine,
  inputs: [{ ask: ask(false, terms), ports: ports(true), clientId: 'ada', deadlineMs: 10_000 }],
  events: [
    ...[stages.ask, stages.exchange].flatMap((id) => [
      done(id, token),
      done(id, request),
      done(id, { ...token, clientId: 'bob' }),
      broken(id),
    ]),
    done('0.acquisition.presenting', accepted(HOUR, true)),
    broken('0.acquisition.presenting'),
  ],
  keyOf: ({ outcome }: { outcome: { ok: boolean } | null }) => outcome?.ok,
};

const connection: Graph = {
  machine: connectionMachine,
  // The moments of a clock that stands still: answers are overdue at once, or never.
  inputs: [10_000, 0].map((ms) => ({
    ports: new Sealed({ clock: { monotonic: () => 0 }, random: () => 0 }),
    times: {
      requestTimeoutMs: ms,
      disconnectedRetryMs: 15_000,
      suspendedRetryMs: 30_000,
      stateTtlMs: 12 * ms,
    },
  })),
  events: [
    ...['connect', 'close', 'auth.attached', 'auth.detached', 'token.withdrawn'].map((type) => ({ type })),
    ...['server.closed', 'server.asked'].map((type) => ({ type })),
    given('a'),
    replaced('b'),
    denied,
    serverConnected(),
    lost,
    dropped,
    expired,
    forbidden,
    refused,
  ],
  keyOf: (context: ConnectionContext) => {
    const { token: old, candidate, isServed, refusals, retries, lostAt } = context;
    return [
      old !== null,
      candidate !== null,
      isServed,
      Math.min(refusals, 2),
      Math.min(retries, 1),
      lostAt !== null,
    ];
  },
};

describe('the graph of', () => {
  it.each([
    ['auth', auth],
    ['acquisition', acquisition],
    ['connection', connection],
  ])('the %s machine has a way to each state, and no transition that is dead', (name, graph) => {
    const { snapshots, edges, furthest, transitions, unreached, dead } = explore(graph);
    console.log(
      `graph of the ${name} machine: ${snapshots} snapshots, ${edges} edges, ${transitions} transitions, ` +
        `${unreached.length} states unreached, ${dead.length} transitions dead, furthest ${furthest} events away`,
    );
    expect({ unreached, dead }).toEqual({ unreached: [], dead: [] });
  });

  it('a machine with a state and a transition for nobody has both found', () => {
    const machine = createMachine({
      id: 'door',
      initial: 'open',
      states: { open: { on: { push: { guard: () => false, target: 'locked' } } }, locked: {} },
    });
    const { unreached, dead } = explore({
      machine,
      inputs: [undefined],
      events: [{ type: 'push' }],
      keyOf: () => 0,
    });
    expect([unreached, dead]).toEqual([['door.locked'], ['door.open · push · 1. always → door.locked']]);
  });
});
