import { beforeEach, describe, expect, it } from 'vitest';
import { createActor, fromPromise, toPromise } from 'xstate';
import { acquisitionMachine, type StageInput } from '../../machines/acquisition.machine.js';
import type { Accepted, MachinePorts, Outcome, SourceAnswer } from '../../machines/ports.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { Sealed } from '../../src/token/sealed.js';
import { failure } from './auth-harness.js';
import { TransitionCoverage } from './transition-coverage.js';

const coverage = new TransitionCoverage(acquisitionMachine);
const terms = new Sealed<unknown>('terms');
const never = () => new Promise<never>(() => {});
const token: SourceAnswer = { kind: 'token', token: new Sealed({ token: 't' }), clientId: 'ada' };
const request: SourceAnswer = {
  kind: 'request',
  request: new Sealed({ keyName: 'k', timestamp: 1, nonce: 'n', mac: 'm' }),
  clientId: 'ada',
};
const accepted = (clock: VirtualClock): Accepted => ({
  ok: true,
  token: new Sealed({ token: 't' }),
  lifetimeMs: 60_000,
  ageMs: 0,
  receivedAt: clock.monotonic(),
  terms,
  renewable: true,
});

interface Stages {
  readonly ask?: () => Promise<SourceAnswer>;
  readonly exchange?: () => Promise<SourceAnswer>;
  readonly present?: () => Promise<Accepted>;
  readonly clientId?: string;
  readonly opensTransport?: boolean;
}

describe('the acquisition machine', () => {
  let clock: VirtualClock;
  let stages: string[];
  let aborted: string[];

  beforeEach(() => {
    clock = new VirtualClock();
    stages = [];
    aborted = [];
  });

  const run = ({ ask, exchange, present, clientId, opensTransport = false }: Stages) => {
    const stage = <T>(name: string, work: () => Promise<T>) =>
      fromPromise<T, StageInput>(({ signal }) => {
        stages.push(name);
        signal.addEventListener('abort', () => aborted.push(name));
        return work();
      });
    const ports: MachinePorts = {
      clock,
      random: () => 0,
      isOnline: () => true,
      opensTransport: () => opensTransport,
    };
    const machine = acquisitionMachine.provide({
      actors: {
        'ask the source': stage('ask', ask ?? (async () => token)),
        'exchange the request': stage('exchange', exchange ?? (async () => token)) as never,
        'present the token': stage('present', present ?? (async () => accepted(clock))) as never,
      },
    });
    return createActor(machine, {
      clock,
      inspect: coverage.inspect,
      input: {
        ask: { explicit: true, own: false, terms },
        ports: new Sealed(ports),
        clientId,
        deadlineMs: 10_000,
      },
    }).start();
  };

  const outcome = async (given: Stages, afterMs = 0): Promise<Outcome> => {
    const actor = run(given);
    const output = toPromise(actor);
    await clock.advance(afterMs);
    expect(clock.pending).toBe(0);
    return output;
  };

  it('presents a token as it came', async () => {
    expect(await outcome({})).toMatchObject({ ok: true, lifetimeMs: 60_000 });
    expect(stages).toEqual(['ask', 'present']);
  });

  it('exchanges a TokenRequest first', async () => {
    expect(await outcome({ ask: async () => request })).toMatchObject({ ok: true });
    expect(stages).toEqual(['ask', 'exchange', 'present']);
  });

  it.each<[string, Stages]>([
    ['the source', { clientId: 'bob' }],
    ['the request', { clientId: 'bob', ask: async () => request }],
    ['the exchange', { clientId: 'bob', ask: async () => ({ ...request, clientId: '*' }) }],
  ])('refuses a token for somebody else, from %s, before it is presented', async (_from, given) => {
    expect(await outcome(given)).toMatchObject({ ok: false, error: { code: 40102 } });
    expect(stages).not.toContain('present');
  });

  it.each<[string, Stages]>([
    ['the source', { ask: () => Promise.reject(failure(40300, 403)) }],
    ['the exchange', { ask: async () => request, exchange: () => Promise.reject(failure(40300, 403)) }],
    ['the connection', { present: () => Promise.reject(failure(40300, 403)) }],
  ])('ends with the error of %s, as it is', async (_from, given) => {
    expect(await outcome(given)).toMatchObject({ ok: false, error: { code: 40300, statusCode: 403 } });
  });

  it('makes 40170 of anything else that is thrown, with the cause', async () => {
    const cause = new TypeError('fetch failed');
    const ended = await outcome({ ask: () => Promise.reject(cause) });
    expect(ended).toMatchObject({ ok: false, error: { code: 40170, statusCode: 401, cause } });
  });

  it.each<[string, Stages, string]>([
    ['the source', { ask: never }, 'ask'],
    ['the exchange', { ask: async () => request, exchange: never }, 'exchange'],
  ])('ends at its deadline when %s never answers, and aborts it', async (_what, given, stage) => {
    expect(await outcome(given, 10_000)).toMatchObject({
      ok: false,
      error: { code: 40170, statusCode: 401 },
    });
    expect(aborted).toEqual([stage]);
  });

  it('has one budget for source and live connection together', async () => {
    const slow = () => new Promise<SourceAnswer>((resolve) => clock.setTimeout(() => resolve(token), 7_000));
    const output = toPromise(run({ ask: slow, present: never }));
    await clock.advance(9_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(aborted).toEqual(['present']);
    expect(await output).toMatchObject({ ok: false, error: { code: 80014 } });
  });

  it('gives opening a transport a budget of its own', async () => {
    const slow = () => new Promise<SourceAnswer>((resolve) => clock.setTimeout(() => resolve(token), 7_000));
    const output = toPromise(run({ ask: slow, present: never, opensTransport: true }));
    await clock.advance(16_999);
    expect(aborted).toEqual([]);
    await clock.advance(1);
    expect(await output).toMatchObject({ ok: false, error: { code: 80014 } });
  });

  it('aborts what runs when it is stopped', async () => {
    const actor = run({ ask: never });
    await clock.advance(0);
    actor.stop();
    expect(aborted).toEqual(['ask']);
    expect(clock.pending).toBe(0);
  });

  it('says which actor is missing where one was not provided', async () => {
    const ports = new Sealed<MachinePorts>({
      clock,
      random: () => 0,
      isOnline: () => true,
      opensTransport: () => false,
    });
    const actor = createActor(acquisitionMachine, {
      clock,
      input: { ask: { explicit: true, own: false, terms }, ports, clientId: undefined, deadlineMs: 10_000 },
    });
    const output = toPromise(actor.start());
    await clock.advance(0);
    const ended = await output;
    expect(ended.ok === false && String((ended.error.cause as Error).message)).toContain("'ask the source'");
  });

  it('has no transition that nobody takes', () => {
    const { taken, all, missing } = coverage.report();
    console.log(`acquisition machine: ${taken} of ${all} transitions taken`);
    expect(missing).toEqual([]);
  });
});
