import { beforeEach, describe, expect, it } from 'vitest';
import { createActor, type InspectionEvent } from 'xstate';
import type { AcquisitionEvent } from '../../machines/acquisition.js';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthEmitted } from '../../machines/auth-context.js';
import { defaultRenewal } from '../../machines/policy.js';
import type { Accepted, MachinePorts, SourceAnswer } from '../../machines/ports.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { Secret } from '../../src/token/secret.js';
import { failure } from './auth-harness.js';

const terms = new Secret<unknown>('terms');
const never = () => new Promise<never>(() => {});
const token: SourceAnswer = { kind: 'token', token: new Secret({ token: 't' }), clientId: 'ada' };
const request: SourceAnswer = {
  kind: 'request',
  request: new Secret({ keyName: 'k', timestamp: 1, nonce: 'n', mac: 'm' }),
  clientId: 'ada',
};

interface Stages {
  readonly ask?: () => Promise<SourceAnswer>;
  readonly exchange?: () => Promise<SourceAnswer>;
  readonly present?: () => Promise<Accepted>;
  readonly clientId?: string;
  readonly opensTransport?: boolean;
}

describe('an acquisition', () => {
  let clock: VirtualClock;
  let stages: string[];
  let aborted: string[];
  let emitted: AuthEmitted[];
  let told: AcquisitionEvent[];

  beforeEach(() => {
    clock = new VirtualClock();
    stages = [];
    aborted = [];
    emitted = [];
    told = [];
  });

  const accepted = (): Accepted => ({
    ok: true,
    token: new Secret({ token: 't' }),
    lifetimeMs: undefined,
    ageMs: 0,
    receivedAt: clock.monotonic(),
    terms,
    renewable: true,
  });

  const inspect = (inspected: InspectionEvent) => {
    if (inspected.type !== '@xstate.event' || !inspected.event.type.startsWith('acquisition.')) return;
    expect(inspected.actorRef).toMatchObject({ id: 'auth' });
    told.push(inspected.event as unknown as AcquisitionEvent);
  };

  /** Starts an acquisition for authorize(). */
  const run = ({ ask, exchange, present, clientId, opensTransport = false }: Stages) => {
    const stage =
      <T>(name: string, work: () => Promise<T>) =>
      (...args: unknown[]): Promise<T> => {
        const signal = args.find((one) => one instanceof AbortSignal) as AbortSignal;
        let isOver = false;
        stages.push(name);
        signal.addEventListener('abort', () => isOver || aborted.push(name));
        return work().finally(() => {
          isOver = true;
        });
      };
    const ports: MachinePorts = {
      clock,
      random: () => 0,
      isOnline: () => true,
      opensTransport: () => opensTransport,
      ask: stage('ask', ask ?? (async () => token)),
      exchange: stage('exchange', exchange ?? (async () => token)),
      present: stage('present', present ?? (async () => accepted())),
    };
    const actor = createActor(authMachine, {
      id: 'auth',
      clock,
      inspect,
      input: {
        ports: new Secret(ports),
        terms,
        renewable: true,
        clientId,
        deadlineMs: 10_000,
        renewal: { ...defaultRenewal, retry: { baseMs: 3_600_000, capMs: 3_600_000 } },
        seed: 0.37,
        given: null,
      },
    });
    actor.on('*', (event) => emitted.push(event));
    actor.start();
    actor.send({ type: 'authorize', request: { byCaller: true, overrides: false, terms } });
    return actor;
  };

  const slow = () => new Promise<SourceAnswer>((resolve) => clock.setTimeout(() => resolve(token), 7_000));

  const outcome = async (given: Stages, afterMs = 0): Promise<AuthEmitted | undefined> => {
    const actor = run(given);
    await clock.advance(afterMs);
    actor.stop();
    expect(clock.pending).toBe(0);
    return emitted[0];
  };

  it('an acquisition presents a token unchanged', async () => {
    expect(await outcome({})).toMatchObject({ type: 'token.committed' });
    expect(stages).toEqual(['ask', 'present']);
  });

  it('an acquisition exchanges a TokenRequest first', async () => {
    expect(await outcome({ ask: async () => request })).toMatchObject({ type: 'token.committed' });
    expect(stages).toEqual(['ask', 'exchange', 'present']);
  });

  it('an acquisition reports each of its steps, with the duration of the previous one', async () => {
    const later = <T>(value: T, ms: number) =>
      new Promise<T>((resolve) => clock.setTimeout(() => resolve(value), ms));
    await outcome(
      {
        ask: () => later(request, 120),
        exchange: () => later(token, 30),
        present: () => later(accepted(), 7),
      },
      157,
    );
    expect(told).toEqual([
      { type: 'acquisition.step', step: 'asking', generation: 1, previousMs: null },
      { type: 'acquisition.step', step: 'exchanging', generation: 1, previousMs: 120 },
      { type: 'acquisition.step', step: 'presenting', generation: 1, previousMs: 30 },
      { type: 'acquisition.step', step: 'over', generation: 1, previousMs: 7 },
    ]);
  });

  it.each<[string, Stages]>([
    ['the source', { clientId: 'bob' }],
    ['the request', { clientId: 'bob', ask: async () => request }],
    ['the exchange', { clientId: 'bob', ask: async () => ({ ...request, clientId: '*' }) }],
  ])(
    'an acquisition refuses a token for another client, from %s, before it is presented',
    async (_from, given) => {
      expect(await outcome(given)).toMatchObject({ type: 'acquisition.failed', error: { code: 40102 } });
      expect(stages).not.toContain('present');
    },
  );

  it('an acquisition refuses a TokenRequest as the result of an exchange', async () => {
    const again = { ask: async () => request, exchange: async () => request };
    expect(await outcome(again)).toMatchObject({ type: 'acquisition.failed', error: { code: 40170 } });
  });

  it.each<[string, Stages]>([
    ['the source', { ask: () => Promise.reject(failure(40300, 403)) }],
    ['the exchange', { ask: async () => request, exchange: () => Promise.reject(failure(40300, 403)) }],
    ['the connection', { present: () => Promise.reject(failure(40300, 403)) }],
  ])('an acquisition ends with the error of %s, unchanged', async (_from, given) => {
    expect(await outcome(given)).toMatchObject({
      type: 'acquisition.failed',
      error: { code: 40300, statusCode: 403 },
    });
  });

  it('an acquisition makes 40170 of any other thrown value, with the cause', async () => {
    const cause = new TypeError('fetch failed');
    const ended = await outcome({ ask: () => Promise.reject(cause) });
    expect(ended).toMatchObject({
      type: 'acquisition.failed',
      error: { code: 40170, statusCode: 401, cause },
    });
  });

  it.each<[string, Stages, string]>([
    ['the source', { ask: never }, 'ask'],
    ['the exchange', { ask: async () => request, exchange: never }, 'exchange'],
  ])(
    'an acquisition ends at its deadline when %s never answers, and aborts it',
    async (_what, given, stage) => {
      run(given);
      await clock.advance(9_999);
      expect([aborted, emitted]).toEqual([[], []]);
      await clock.advance(1);
      expect(emitted[0]).toMatchObject({
        type: 'acquisition.failed',
        error: { code: 40170, statusCode: 401 },
      });
      expect(aborted).toEqual([stage]);
    },
  );

  it('source and live connection share one time budget', async () => {
    run({ ask: slow, present: never });
    await clock.advance(9_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual(['present']);
    expect(emitted[0]).toMatchObject({ type: 'acquisition.failed', error: { code: 80014 } });
  });

  it('opening a transport has its own time budget', async () => {
    run({ ask: slow, present: never, opensTransport: true });
    await clock.advance(16_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(emitted[0]).toMatchObject({ type: 'acquisition.failed', error: { code: 80014 } });
  });

  it('dispose() aborts a running acquisition and leaves no timer', async () => {
    const actor = run({ ask: never });
    await clock.advance(0);
    actor.stop();
    expect(aborted).toEqual(['ask']);
    expect(clock.pending).toBe(0);
  });

  it('a newer acquisition aborts the running one, whose answer and steps are ignored', async () => {
    let answer: (late: SourceAnswer) => void = () => {};
    const first = new Promise<SourceAnswer>((resolve) => {
      answer = resolve;
    });
    let questions = 0;
    const actor = run({ ask: () => (++questions === 1 ? first : Promise.resolve(token)) });
    actor.send({
      type: 'authorize',
      request: { byCaller: true, overrides: true, terms: new Secret('others') },
    });
    await clock.advance(0);
    expect(aborted).toEqual(['ask']);
    expect(emitted).toMatchObject([{ type: 'token.committed' }]);
    answer(request);
    await clock.advance(20_000);
    expect(stages).toEqual(['ask', 'ask', 'present']);
    expect(told.map((event) => 'generation' in event && [event.generation, event.step])).toEqual([
      [1, 'asking'],
      [2, 'asking'],
      [2, 'presenting'],
      [2, 'over'],
    ]);
    expect(emitted).toHaveLength(1);
    actor.stop();
  });
});
