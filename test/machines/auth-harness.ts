import { type ActorRefFrom, createActor, fromPromise } from 'xstate';
import type { AcquisitionInput, AcquisitionRequest } from '../../machines/acquisition.js';
import { authMachine } from '../../machines/auth.machine.js';
import type { AuthEmitted } from '../../machines/auth-context.js';
import { defaultRenewal, type RenewalPolicy } from '../../machines/policy.js';
import type { Accepted, MachinePorts, Outcome } from '../../machines/ports.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { Secret } from '../../src/token/secret.js';
import { pathOf } from './graph.js';

/** The ports of an acquisition for tests that have their own. */
export const unused: Pick<MachinePorts, 'ask' | 'exchange' | 'present'> = {
  ask: () => Promise.reject(new Error('nobody asks')),
  exchange: () => Promise.reject(new Error('nobody exchanges')),
  present: () => Promise.reject(new Error('nobody presents')),
};

interface Running {
  readonly request: AcquisitionRequest;
  readonly signal: AbortSignal;
  end(outcome: Outcome): Promise<void>;
  breakDown(error: Error): Promise<void>;
}

export interface Setting {
  readonly renewable?: boolean;
  readonly renewal?: Partial<RenewalPolicy>;
  /** The lifetime of the initial token, ms; absent: no token. */
  readonly given?: number;
  /** The age of that token, ms. */
  readonly ageMs?: number;
  /** The place in the spread of many clients. */
  readonly seed?: number;
}

/** The auth machine on a virtual clock. The test ends its acquisitions. */
export class AuthHarness {
  isOnline = true;
  isInUse = true;
  /** How often the machine read the clock. */
  reads = 0;
  readonly clock = new VirtualClock();
  readonly emitted: AuthEmitted[] = [];
  readonly acquisitions: Running[] = [];
  readonly terms = new Secret<unknown>('the stored terms');
  readonly actor: ActorRefFrom<typeof authMachine>;
  readonly #renewable: boolean;

  constructor(
    { renewable = true, renewal = {}, given, ageMs = 0, seed = 0 }: Setting = {},
    inspect?: (event: unknown) => void,
  ) {
    this.#renewable = renewable;
    const { clock } = this;
    const ports: MachinePorts = {
      clock: {
        monotonic: () => {
          this.reads += 1;
          return clock.monotonic();
        },
        setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
        clearTimeout: (handle) => clock.clearTimeout(handle),
      },
      random: () => 0.5,
      isOnline: () => this.isOnline,
      isInUse: () => this.isInUse,
      opensTransport: () => false,
      ...unused,
    };
    const machine = authMachine.provide({
      actors: {
        acquisition: fromPromise<Outcome, AcquisitionInput>(({ input, signal }) =>
          this.#run(input.request, signal),
        ) as never,
      },
    });
    this.actor = createActor(machine, {
      clock: this.clock,
      input: {
        ports: new Secret(ports),
        terms: this.terms,
        renewable,
        clientId: undefined,
        deadlineMs: 10_000,
        renewal: { ...defaultRenewal, leadMs: 60_000, jitter: 0, ...renewal },
        seed,
        given: given === undefined ? null : { ...this.accepted(given), ageMs },
      },
      ...(inspect === undefined ? {} : { inspect }),
    });
    this.actor.on('*', (event) => this.emitted.push(event));
    this.actor.start();
  }

  /** `auth.renewing.waiting` is 'renewing.waiting' here. */
  get state(): string {
    return pathOf(this.actor.getSnapshot().value);
  }

  get context() {
    return this.actor.getSnapshot().context;
  }

  /** The acquisitions that neither ended nor were aborted. */
  get live(): Running[] {
    return this.acquisitions.filter((one) => !one.signal.aborted);
  }

  authorize(terms: Secret<unknown> = this.terms, own = false): void {
    this.actor.send({ type: 'authorize', request: { byCaller: true, overrides: own, terms } });
  }

  accepted(lifetimeMs?: number): Accepted {
    return {
      ok: true,
      token: new Secret({
        token: `token ${this.acquisitions.length}`,
        keyName: 'key',
        issued: this.acquisitions.length,
      }),
      lifetimeMs,
      ageMs: 0,
      receivedAt: this.clock.monotonic(),
      terms: this.terms,
      renewable: this.#renewable,
    };
  }

  async accept(lifetimeMs?: number): Promise<void> {
    await this.acquisitions.at(-1)?.end(this.accepted(lifetimeMs));
  }

  async refuse(error: ErrorInfo = failure()): Promise<void> {
    await this.acquisitions.at(-1)?.end({ ok: false, error });
  }

  #run(request: AcquisitionRequest, signal: AbortSignal): Promise<Outcome> {
    const over = new AbortController();
    signal.addEventListener('abort', () => over.abort());
    return new Promise((resolve, reject) => {
      this.acquisitions.push({
        request,
        signal: over.signal,
        end: async (outcome) => {
          over.abort();
          resolve(outcome);
          await this.clock.advance(0);
        },
        breakDown: async (error) => {
          over.abort();
          reject(error);
          await this.clock.advance(0);
        },
      });
    });
  }
}

export const failure = (code = 40170, statusCode = 401): ErrorInfo =>
  new ErrorInfo({ code, statusCode, message: `refused with ${code}` });

/** The error of a source that asks for this wait. */
export const putOff = (retryAfterMs: number): ErrorInfo =>
  new ErrorInfo({ code: 42910, statusCode: 429, message: 'overloaded', retryAfterMs });

export const forbidden = (): ErrorInfo => failure(40300, 403);
