import { describe, expect, it } from 'vitest';
import { type AnyEventObject, createMachine } from 'xstate';
import type { AcquisitionRequest } from '../../machines/acquisition.js';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthContext, AuthInput } from '../../machines/auth-context.js';
import { connectionMachine } from '../../machines/connection.machine.js';
import type { ConnectionContext } from '../../machines/connection-context.js';
import { defaultRenewal } from '../../machines/policy.js';
import type { Accepted, MachinePorts } from '../../machines/ports.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { Secret } from '../../src/token/secret.js';
import { failure, putOff, unused } from './auth-harness.js';
import {
  delayed,
  denied,
  dropped,
  expired,
  forbidden,
  frozen,
  given,
  lost,
  offline,
  overloaded,
  refused,
  replaced,
  serverConnected,
} from './connection-harness.js';
import { actorEventsOf, explore, type Graph } from './graph.js';

const HOUR = 3_600_000;
const ports = (isOnline: boolean): Secret<MachinePorts> =>
  new Secret({
    clock: { monotonic: () => 0, setTimeout: () => null, clearTimeout: () => {} },
    random: () => 0,
    isOnline: () => isOnline,
    isInUse: () => false,
    opensTransport: () => false,
    ...unused,
  });
const terms = new Secret<unknown>('terms');
const notSignedIn = (retryAfterMs?: number) =>
  new ErrorInfo({ code: 40100, message: 'sign in', origin: 'source', retryAfterMs });
const done = (id: string, output: unknown): AnyEventObject => ({ type: `xstate.done.actor.${id}`, output });
const brokenBy = (type: string): AnyEventObject => ({ type, error: new Error('bug') });

const accepted = (lifetimeMs: number | undefined, renewable: boolean): Accepted => ({
  ok: true,
  token: new Secret({ token: `${lifetimeMs}` }),
  lifetimeMs,
  ageMs: 0,
  receivedAt: 0,
  terms,
  renewable,
});

const policies = [{ by: 'client' }, { by: 'server' }, { by: 'client', onlyInUse: true }] as const;
const authInputs = [true, false].flatMap((isOnline) =>
  policies.flatMap((policy) =>
    [null, accepted(HOUR, true)].map(
      (token): AuthInput => ({
        ports: ports(isOnline),
        terms,
        renewable: true,
        clientId: undefined,
        deadlineMs: 10_000,
        renewal: { ...defaultRenewal, ...policy },
        seed: 0.37,
        given: token,
      }),
    ),
  ),
);

const request = (own: boolean, box: Secret<unknown>): AcquisitionRequest => ({
  byCaller: true,
  overrides: own,
  terms: box,
});

const auth: Graph = {
  machine: authMachine,
  inputs: authInputs,
  events: [
    { type: 'authorize', request: request(false, terms) },
    { type: 'authorize', request: request(true, new Secret<unknown>('other terms')) },
    ...['token.needed', 'token.asked', 'token.expired', 'forget', 'network.back', 'user.back'].map(
      (type) => ({ type }),
    ),
    { type: 'token.refused', error: failure(40142) },
    // Time stands still in the graph, so sleep makes tokens due, expired, or expired right after their
    // receipt.
    ...[1_000, HOUR - 60_000, HOUR - 5_000, HOUR].map((ms) => ({ type: 'time.jumped', ms })),
    ...[HOUR, 1_000].map((life) => done('acquisition', accepted(life, true))),
    done('acquisition', accepted(HOUR, false)),
    ...[
      ...[failure(40170), failure(40102), failure(40300, 403), putOff(10_000)],
      ...[undefined, 10_000].map(notSignedIn),
    ].map((error) => done('acquisition', { ok: false, error })),
    brokenBy('xstate.error.actor.acquisition'),
    { type: 'acquisition.overdue', error: failure(40170) },
  ],
  keyOf: (context: AuthContext) => {
    const {
      current,
      request: running,
      renewable,
      wasAuthorized,
      wanted,
      unusable,
      signInTries,
      askedAt,
      notBefore,
    } = context;
    const token =
      current === null
        ? null
        : [
            current.expiresAt > 0,
            current.renewAt > 0,
            current.receivedAt > -2_000,
            current.expiresAt > 10_000,
            current.expiresAt - current.receivedAt < 5_000,
            current.renewAt === current.expiresAt,
          ];
    return [
      token,
      running?.byCaller,
      running?.overrides,
      renewable,
      wasAuthorized,
      wanted,
      unusable > 0,
      signInTries > 0,
      askedAt === 0,
      notBefore > 0,
    ];
  },
};

/** Answers are overdue at once or never, because time stands still. */
const connectionInputs = [
  { requestTimeoutMs: 10_000, stateTtlMs: 120_000 },
  { requestTimeoutMs: 0, stateTtlMs: 120_000 },
  { requestTimeoutMs: 0, stateTtlMs: 0 },
].flatMap((times) =>
  [true, false].map((usesKey) => ({
    ports: new Secret({ clock: { monotonic: () => 0 }, random: () => 0 }),
    times: { disconnectedRetryMs: 15_000, suspendedRetryMs: 30_000, ...times },
    usesKey,
    clientId: 'ada',
    fallbackHosts: ['one.example.com', 'two.example.com'],
  })),
);

const connection: Graph = {
  machine: connectionMachine,
  inputs: connectionInputs,
  events: [
    ...['connect', 'close', 'auth.attached', 'auth.detached', 'token.withdrawn', 'token.forgotten'].map(
      (type) => ({ type }),
    ),
    ...['server.closed', 'server.asked', 'attempt.halted', 'answer.urgent', 'network.back', 'page.shown'].map(
      (type) => ({ type }),
    ),
    given('a'),
    ...[new Secret({ token: 'next' }), null].map((token) => ({ type: 'token.next', token })),
    replaced('b'),
    denied,
    delayed,
    offline,
    frozen,
    serverConnected(),
    serverConnected({ clientId: 'bob' }),
    lost,
    dropped,
    overloaded,
    expired,
    forbidden,
    refused,
    ...actorEventsOf(connectionMachine, 'done').flatMap((type) =>
      [true, false].map((output) => ({ type, output })),
    ),
    ...actorEventsOf(connectionMachine, 'error').map(brokenBy),
  ],
  keyOf: (context: ConnectionContext) => {
    const {
      token: old,
      candidate,
      isServed,
      isFrozen,
      wasFrozen,
      refusals,
      retries,
      lostAt,
      host,
      hostsLeft,
    } = context;
    return [
      old !== null,
      candidate !== null,
      isServed,
      isFrozen,
      wasFrozen,
      Math.min(refusals, 1),
      Math.min(retries, 1),
      lostAt !== null,
      host !== null,
      hostsLeft.length,
    ];
  },
};

describe('the graph of', () => {
  it.each([
    ['auth', auth],
    ['connection', connection],
  ])('the %s machine can reach each state, and has no dead transition', (name, graph) => {
    const { snapshots, edges, furthest, transitions, unreached, dead } = explore(graph);
    console.log(
      `graph of the ${name} machine: ${snapshots} snapshots, ${edges} edges, ${transitions} transitions, ` +
        `${unreached.length} states unreached, ${dead.length} transitions dead, furthest ${furthest} events away`,
    );
    expect({ unreached, dead }).toEqual({ unreached: [], dead: [] });
  });

  it('an unreachable state and a dead transition are found', () => {
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
