import type { AuthCallback, TokenDetails } from '../index.js';
import type { VirtualClock } from './virtual-clock.js';

/** What a source does when it is asked: `late` answers after so many ms. */
export type SourceStep = 'succeed' | 'hang' | { readonly fail: unknown } | { readonly late: number };

/** A source of tokens that does as it is told, and counts. */
export interface ScriptedSource {
  /** For the client's option `authCallback`. */
  readonly authCallback: AuthCallback;
  /** How often it was asked. */
  readonly calls: number;
  /** How many tokens it gave. */
  readonly given: number;
  /** How many of those who asked went away before they had an answer. */
  readonly aborted: number;
  /** What it does next, one step a call; after the last it does as before. */
  script(...steps: SourceStep[]): void;
  /** It fails with this, until {@link ScriptedSource.comeUp}. */
  goDown(error?: unknown): void;
  /** It answers again. */
  comeUp(): void;
}

/**
 * A source that gives tokens, fails, hangs or is late, as a test says.
 *
 * @param clock by which its tokens live and its delays last
 * @param options what its tokens and its answers are like
 * @param options.ttl how long its tokens live, ms. Default 60,000.
 * @param options.latency how long it takes to answer, ms. Default 0.
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { scriptedSource, VirtualClock } from 'latchkey/testing';
 *
 * const clock = new VirtualClock();
 * const source = scriptedSource(clock, { ttl: 60_000 });
 * const auth = new Auth({ authCallback: source.authCallback, clock });
 * source.script('succeed', { fail: new Error('down') }, 'hang', { late: 3_000 });
 * await auth.authorize();
 * await clock.advance(120_000);
 * console.log(source.calls, source.given, auth.state.value);
 * ```
 */
export function scriptedSource(
  clock: VirtualClock,
  { ttl = 60_000, latency = 0 }: { readonly ttl?: number; readonly latency?: number } = {},
): ScriptedSource {
  const steps: SourceStep[] = [];
  const count = { calls: 0, given: 0, aborted: 0 };
  let standing: SourceStep = 'succeed';

  const token = (): TokenDetails => {
    count.given += 1;
    const issued = clock.now();
    return { token: `scripted-token-${count.given}`, issued, expires: issued + ttl };
  };
  const authCallback: AuthCallback = (_params, { signal }) => {
    count.calls += 1;
    const step = steps.shift() ?? standing;
    return new Promise<TokenDetails>((resolve, reject) => {
      if (step === 'hang') {
        signal.addEventListener('abort', () => (count.aborted += 1), { once: true });
        return;
      }
      const wait = typeof step === 'object' && 'late' in step ? step.late : latency;
      const answer = () =>
        typeof step === 'object' && 'fail' in step ? reject(step.fail) : resolve(token());
      if (wait === 0) {
        answer();
        return;
      }
      const timer = clock.setTimeout(answer, wait);
      const leave = () => {
        count.aborted += 1;
        clock.clearTimeout(timer);
      };
      signal.addEventListener('abort', leave, { once: true });
    });
  };
  return {
    authCallback,
    get calls() {
      return count.calls;
    },
    get given() {
      return count.given;
    },
    get aborted() {
      return count.aborted;
    },
    script: (...more) => void steps.push(...more),
    goDown: (error = new Error('the source is down')) => {
      standing = { fail: error };
    },
    comeUp: () => {
      standing = 'succeed';
    },
  };
}
