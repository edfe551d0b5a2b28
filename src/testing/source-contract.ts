import { invalidOption, method, record } from '../checks/option-checks.js';
import { required } from './argument-checks.js';
import { expectSame } from './connection-contract-harness.js';
import { runChecks } from './run-checks.js';
import { LIFE_MS, type SourceHarness, type SourceOutcome, SourceTester } from './source-contract-harness.js';

export type { SourceHarness, SourceOutcome } from './source-contract-harness.js';

/** One rule that a source of tokens must follow. */
export interface SourceCheck {
  readonly title: string;
  /** Runs the check. @throws {Error} names the value that is wrong */
  run(): Promise<void>;
}

/** The result of {@link runSourceContract}: titles of checks. */
export interface SourceContractResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: unknown }[];
}

interface Rule {
  readonly title: string;
  check(one: SourceTester): Promise<void>;
}

/** How long a long fault lasts: more than a life. */
const LONG_MS = 2 * LIFE_MS;

/** What each source must do, whatever its faults. */
const rules: readonly Rule[] = [
  {
    title: 'a source gives a token when a user is signed in',
    async check(one) {
      expectSame(await one.hasToken(), true, 'whether there is a token');
      expectSame(one.calls, 1, 'how often the source was asked');
    },
  },
  {
    title: 'a source gives a token for each renewal',
    async check(one) {
      await one.hasToken();
      await one.advance(3 * LIFE_MS);
      one.expectSignedIn('after three lives');
      expectSame(one.count('renewal.failed'), 0, 'how many renewals failed');
      expectSame(one.count('renewed') > 2, true, 'whether there were renewals');
    },
  },
  {
    title: 'a source gives another token after a server refused the current one',
    async check(one) {
      await one.hasToken();
      const { token } = one;
      const error = { code: 40142, statusCode: 401, message: 'refused by the check' };
      one.connection.report({ type: 'token.refused', error: error as never });
      await one.settled();
      await one.advance(LIFE_MS / 2);
      one.expectSignedIn('half a life after a token was refused');
      expectSame(one.token !== token, true, 'whether the token is another one');
    },
  },
];

/** What a client without a token does while a fault lasts, and after it. */
const firstTries: Readonly<Record<SourceOutcome, Rule>> = {
  retry: {
    title: 'a client without a token tries again until there is one',
    async check(one) {
      expectSame([one.state.value, one.state.final], ['failed', false], 'the state, and whether it is final');
      await one.advance(LONG_MS);
      expectSame(one.state.final, false, 'whether the state is final');
      expectSame(one.calls > 3, true, 'whether the source is asked again and again');
      expectSame(one.count('signin.required'), 0, 'how often signin.required is emitted');
      await one.harness.recover();
      await one.advance(LIFE_MS);
      one.expectSignedIn('a life after the fault');
    },
  },
  'signin.required': {
    title: 'a client without a token waits until a user signs in',
    async check(one) {
      expectSame([one.state.value, one.state.final], ['failed', false], 'the state, and whether it is final');
      await one.advance(LONG_MS);
      expectSame(one.count('signin.required'), 1, 'how often signin.required is emitted');
      await one.harness.recover();
      expectSame(await one.hasToken((auth) => auth.authorize()), true, 'whether authorize() gets a token');
    },
  },
  stop: {
    title: 'a client without a token stops until authorize() is called',
    async check(one) {
      expectSame([one.state.value, one.state.final], ['failed', true], 'the state, and whether it is final');
      const { calls } = one;
      await one.advance(LONG_MS);
      expectSame(one.calls, calls, 'how often the source was asked');
      await one.harness.recover();
      expectSame(await one.hasToken((auth) => auth.authorize()), true, 'whether authorize() gets a token');
    },
  },
};

/** What a client with a token does when a renewal meets a fault. */
const renewals: Readonly<Record<SourceOutcome, Rule>> = {
  retry: {
    title: 'a client with a token stays signed in, however long it lasts',
    async check(one) {
      const { token } = one;
      await one.advance(LIFE_MS - 1);
      expectSame(one.token, token, 'the token, until it expires');
      expectSame(one.count('renewal.failed') > 0, true, 'whether a renewal failed');
      await one.advance(LONG_MS);
      expectSame(one.state.final, false, 'whether the state is final');
      expectSame(one.count('signin.required'), 0, 'how often signin.required is emitted');
      await one.harness.recover();
      await one.advance(LIFE_MS);
      one.expectSignedIn('a life after the fault');
    },
  },
  'signin.required': {
    title: 'a client with a token keeps it until it expires',
    async check(one) {
      const { token } = one;
      await one.advance(LIFE_MS - 1);
      expectSame(one.token, token, 'the token, until it expires');
      expectSame(one.count('signin.required'), 0, 'how often signin.required is emitted until then');
      await one.advance(LIFE_MS);
      expectSame(one.state.final, false, 'whether the state is final after that');
      expectSame(one.count('signin.required'), 1, 'how often signin.required is emitted after that');
    },
  },
  stop: {
    title: 'a client with a token stops renewing it',
    async check(one) {
      await one.advance(LIFE_MS);
      expectSame([one.state.value, one.state.final], ['failed', true], 'the state, and whether it is final');
      const { calls } = one;
      await one.advance(LONG_MS);
      expectSame(one.calls, calls, 'how often the source was asked');
    },
  },
};

/** A short fault in the life of a token. */
const blip: Rule = {
  title: 'a user stays signed in when it is short',
  async check(one) {
    await one.advance(LIFE_MS * 0.95);
    expectSame(one.count('renewal.failed') > 0, true, 'whether a renewal failed');
    await one.harness.recover();
    await one.advance(LIFE_MS);
    one.expectSignedIn('after the fault');
    const lost = ['signin.required', 'expired', 'failed'].filter((name) => one.count(name) > 0);
    expectSame(lost, [], 'the events that tell of a loss');
  },
};

function rulesOf(fault: string, outcome: SourceOutcome): readonly Rule[] {
  const under = (rule: Rule, hasToken: boolean): Rule => ({
    title: `${fault}: ${rule.title}`,
    async check(one) {
      if (hasToken) expectSame(await one.hasToken(), true, 'whether there is a token before the fault');
      await one.harness.fail(fault);
      if (!hasToken) expectSame(await one.hasToken(), false, 'whether there is a token during the fault');
      await rule.check(one);
    },
  });
  return [
    under(firstTries[outcome], false),
    under(renewals[outcome], true),
    ...(outcome === 'retry' ? [under(blip, true)] : []),
  ];
}

/**
 * The checks for a source of tokens, for any test runner: each fault of the provider behind it leads to what you say, and
 * no short fault signs a user out. A client runs on a virtual clock; the source works in real time.
 *
 * @param makeHarness makes a new source, with a new provider behind it, for each check
 * @param faults what each fault of the provider leads to, by its name
 * @throws {ErrorInfo} 40003 if an argument is invalid; a check rejects with 40003 if its harness lacks something
 * @example
 * ```ts
 * import { sourceContract, type SourceHarness } from 'latchkey/testing';
 *
 * function makeHarness(): SourceHarness {
 *   let statusCode = 200;
 *   return {
 *     authCallback: async () => {
 *       if (statusCode !== 200) throw Object.assign(new Error('refused'), { statusCode });
 *       return crypto.randomUUID();
 *     },
 *     fail: (fault) => {
 *       statusCode = Number(fault);
 *     },
 *     recover: () => {
 *       statusCode = 200;
 *     },
 *   };
 * }
 *
 * const faults = { 503: 'retry', 401: 'signin.required', 403: 'stop' } as const;
 * for (const { title } of sourceContract(makeHarness, faults)) console.log(title); // it(title, run)
 * ```
 */
export function sourceContract(
  makeHarness: () => SourceHarness | Promise<SourceHarness>,
  faults: Readonly<Record<string, SourceOutcome>>,
): readonly SourceCheck[] {
  method('makeHarness', required('makeHarness', 'a function', makeHarness));
  const named = Object.entries(
    record('faults', required('faults', 'an object of names and outcomes', faults)),
  );
  for (const [name, outcome] of named) {
    const outcomes = Object.keys(renewals);
    if (!outcomes.includes(outcome))
      throw invalidOption(`faults.${name}`, `one of ${outcomes.join(', ')}`, outcome);
  }
  return [...rules, ...named.flatMap(([name, outcome]) => rulesOf(name, outcome))].map(
    ({ title, check }) => ({
      title,
      async run() {
        const { Auth } = await import('../index.js');
        const one = new SourceTester(checkHarness(await makeHarness()), Auth);
        try {
          await check(one);
        } finally {
          await one.dispose();
        }
      },
    }),
  );
}

/**
 * Runs the checks of a source without a test runner, and prints each result.
 *
 * @param print called with each line
 * @throws {ErrorInfo} 40003 as {@link sourceContract}, and if `print` is not a function
 *
 * @example
 * ```ts
 * import { runSourceContract, type SourceHarness } from 'latchkey/testing';
 *
 * declare function mySource(): SourceHarness;
 *
 * const { failed } = await runSourceContract(mySource, { offline: 'retry', 'signed out': 'signin.required' });
 * process.exitCode = failed.length === 0 ? 0 : 1;
 * ```
 */
export async function runSourceContract(
  makeHarness: () => SourceHarness | Promise<SourceHarness>,
  faults: Readonly<Record<string, SourceOutcome>>,
  print: (line: string) => void = console.log,
): Promise<SourceContractResult> {
  method('print', required('print', 'a function', print));
  return await runChecks(sourceContract(makeHarness, faults), print);
}

function checkHarness(harness: SourceHarness): SourceHarness {
  record('the harness', harness);
  for (const name of ['authCallback', 'fail', 'recover'] as const)
    method(`harness.${name}`, required(`harness.${name}`, 'a function', harness[name] as () => unknown));
  return harness;
}
