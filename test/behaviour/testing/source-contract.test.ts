import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AuthCallback, StopRenewing } from '../../../src/index.js';
import {
  runSourceContract,
  type SourceHarness,
  type SourceOutcome,
  sourceContract,
} from '../../../src/testing/index.js';

const faults = { offline: 'retry', 'signed out': 'signin.required', banned: 'stop' } as const;
type Fault = keyof typeof faults;

const thrown: Readonly<Record<Fault, () => unknown>> = {
  offline: () => new TypeError('fetch failed'),
  'signed out': () => Object.assign(new Error('no session'), { statusCode: 401 }),
  banned: () => new StopRenewing('banned'),
};

/** A source that is right, but for what a test changes. */
function harnessOf(
  change: {
    readonly errors?: Partial<typeof thrown>;
    readonly token?: (count: number) => string;
    readonly source?: (give: () => string) => AuthCallback;
  } = {},
): SourceHarness & { readonly disposals: number } {
  const errors = { ...thrown, ...change.errors };
  let fault: Fault | undefined;
  let count = 0;
  let disposals = 0;
  const give = () => {
    count += 1;
    if (fault !== undefined) throw errors[fault]();
    return change.token?.(count) ?? `token-${count}`;
  };
  return {
    authCallback: change.source?.(give) ?? (async () => give()),
    fail: (name) => {
      fault = name as Fault;
    },
    recover: () => {
      fault = undefined;
    },
    dispose: () => {
      disposals += 1;
    },
    get disposals() {
      return disposals;
    },
  };
}

const failuresOf = async (make: () => SourceHarness) => {
  const { failed } = await runSourceContract(make, faults, () => {});
  return failed.map(({ title, error }) => `${title}: ${(error as Error).message}`);
};

describe('the contract of sources', () => {
  describe('a source that is right passes', () => {
    for (const { title, run } of sourceContract(harnessOf, faults)) it(title, run);
  });

  it.each<[string, (give: () => string) => AuthCallback]>([
    ['calls back', (give) => (_params, callback) => callback(null, give())],
    [
      'calls back later and returns a timer',
      (give) => (_params, callback) =>
        setTimeout(() => {
          try {
            callback(null, give());
          } catch (error) {
            callback(error);
          }
        }) as never,
    ],
    ['returns at once', (give) => (() => give()) as AuthCallback],
    ['gives details', (give) => async () => ({ token: give(), issued: 1, expires: 2 })],
    [
      'gives a TokenRequest',
      (give) => async () => ({ keyName: 'a.b', nonce: give(), mac: 'mac', timestamp: 1 }) as never,
    ],
    [
      'answers in real time',
      (give) => async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return give();
      },
    ],
  ])('a source that %s passes', async (_what, source) => {
    expect(await failuresOf(() => harnessOf({ source }))).toEqual([]);
  });

  it('a network blip that signs a user out is found', async () => {
    const failures = await failuresOf(() => harnessOf({ errors: { offline: thrown['signed out'] } }));
    expect(failures).toEqual([
      'offline: a client without a token tries again until there is one: how often signin.required is emitted must be 0; got 1',
      'offline: a client with a token stays signed in, however long it lasts: how often signin.required is emitted must be 0; got 1',
    ]);
  });

  it('a network blip that stops the client is found', async () => {
    const failures = await failuresOf(() => harnessOf({ errors: { offline: thrown.banned } }));
    expect(failures.map((failure) => failure.split(':')[1])).toEqual([
      ' a client without a token tries again until there is one',
      ' a client with a token stays signed in, however long it lasts',
      ' a user stays signed in when it is short',
    ]);
  });

  it.each<[string, Fault, Fault]>([
    ['a user who signed out is asked for as after a failure', 'signed out', 'offline'],
    ['a user who signed out stops the client', 'signed out', 'banned'],
    ['a banned user is asked for again', 'banned', 'offline'],
    ['a banned user may sign in', 'banned', 'signed out'],
  ])('%s: that is found', async (_what, fault, as) => {
    const failures = await failuresOf(() => harnessOf({ errors: { [fault]: thrown[as] } }));
    expect(failures).toHaveLength(2);
    for (const failure of failures) expect(failure).toMatch(new RegExp(`^${fault}: `));
  });

  it('a source that gives a refused token again is found', async () => {
    expect(await failuresOf(() => harnessOf({ token: () => 'cached' }))).toContainEqual(
      expect.stringMatching(/^a source gives another token after a server refused the current one: /),
    );
  });

  it.each([undefined, '', {}, 7])('a source that gives %s is found', async (given) => {
    const source = () => async () => given as never;
    const [check] = sourceContract(() => harnessOf({ source }), faults);
    await expect(check?.run()).rejects.toThrow(/whether there is a token|must answer within/);
  });

  it('a harness is disposed of after each check, also one that fails', async () => {
    const made: (SourceHarness & { readonly disposals: number })[] = [];
    const make = () => {
      const harness = harnessOf({ token: () => 'cached' });
      made.push(harness);
      return harness;
    };
    const { passed, failed } = await runSourceContract(make, faults, () => {});
    expect(made).toHaveLength(passed.length + failed.length);
    expect(made.map(({ disposals }) => disposals)).toEqual(made.map(() => 1));
  });

  it('each result is printed', async () => {
    const lines: string[] = [];
    const make = () => harnessOf({ token: () => 'cached' });
    await runSourceContract(make, {}, (line) => lines.push(line));
    expect(lines.map((line) => line.split(' a ')[0]?.trim())).toEqual(['passed', 'FAILED', 'FAILED']);
    expect(lines[1]).toContain('the state after three lives must be');
  });

  it('the process lives until the last check is done, although nothing else keeps it alive', async () => {
    const program = `
      import { runSourceContract } from 'latchkey/testing';
      const authCallback = () => new Promise((answer) => setTimeout(answer, 20, 'a-token').unref());
      const make = () => ({ authCallback, fail() {}, recover() {} });
      await runSourceContract(make, {}, () => {});
      console.log('done');`;
    const flags = [
      '--import',
      'tsx',
      '--conditions=latchkey-source',
      '--input-type=module',
      '--eval',
      program,
    ];
    const cwd = fileURLToPath(new URL('../../..', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd });
    expect(stdout).toBe('done\n');
  });

  it.each<[given: string, unknown, unknown, named: string]>([
    ['no function', undefined, faults, 'makeHarness'],
    ['a number', 7, faults, 'makeHarness'],
    ['no faults', harnessOf, undefined, 'faults'],
    ['a text', harnessOf, 'offline', 'faults'],
    ['an unknown outcome', harnessOf, { offline: 'again' }, 'faults.offline'],
  ])('sourceContract() refuses %s by name', (_what, make, given, name) => {
    expect(() => sourceContract(make as never, given as Record<string, SourceOutcome>)).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringContaining(name) }),
    );
  });

  it.each(['authCallback', 'fail', 'recover'])('a harness without %s is refused by name', async (name) => {
    const [check] = sourceContract(() => ({ ...harnessOf(), [name]: undefined }) as never, faults);
    await expect(check?.run()).rejects.toMatchObject({ code: 40003, message: expect.stringContaining(name) });
  });
});
