import { invalidArgument, invalidOption, method, port, record } from '../checks/option-checks.js';
import { oneOf, required } from './argument-checks.js';
import { rules } from './connection-contract-checks.js';
import {
  ABILITIES,
  AdapterTester,
  type ContractAbility,
  type ContractHarness,
  hasAbility,
} from './connection-contract-harness.js';
import { type MissingMember, missingMembers } from './optional-members.js';
import { runChecks } from './run-checks.js';

export type {
  ContractAbility,
  ContractHarness,
  ContractServer,
  ContractSubscription,
} from './connection-contract-harness.js';
export { type MissingMember, missingMembers, type OptionalMember } from './optional-members.js';

/** One rule that every adapter must follow. */
export interface ContractCheck {
  readonly title: string;
  /** The abilities that the harness must have for this check. */
  readonly needs: readonly ContractAbility[];
  /**
   * Runs the check. It does nothing if it needs `away`, `silence` or `subscribe`, and the harness lacks what they need.
   * @throws {Error} names the value that is wrong
   */
  run(): Promise<void>;
}

/**
 * The checks of the connection port, for any adapter and any test runner.
 *
 * @param makeHarness makes a new adapter with a new server for each check
 * @throws {ErrorInfo} 40003 if `makeHarness` is not a function; a check rejects with 40003 if its harness lacks
 * something
 * @example
 * ```ts
 * import { connectionContract, fakeConnection } from 'latchkey/testing';
 *
 * const checks = connectionContract(() => {
 *   const adapter = fakeConnection();
 *   return {
 *     adapter,
 *     server: {
 *       tokens: [],
 *       accept: () => {},
 *       refuse: () => {},
 *       hold: () => {},
 *       answer: () => adapter.accept(),
 *     },
 *     connect: () => adapter.connect(),
 *     close: () => adapter.setState('closed'),
 *     clock: { advance: async () => {} },
 *     dispose: () => {},
 *   };
 * });
 * for (const { title, needs } of checks) console.log(title, needs); // it(title, run)
 * ```
 */
export function connectionContract(
  makeHarness: () => ContractHarness | Promise<ContractHarness>,
): readonly ContractCheck[] {
  method('makeHarness', required('makeHarness', 'a function', makeHarness));
  return rules.map(({ title, needs = [], check }) => ({
    title,
    needs,
    async run() {
      const harness = checkHarness(await makeHarness());
      try {
        if (needs.every((one) => hasAbility(harness, one))) await check(new AdapterTester(harness));
      } finally {
        await harness.dispose();
      }
    },
  }));
}

/** The result of {@link runConnectionContract}: titles of checks, and members that the adapter lacks. */
export interface ContractResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: unknown }[];
  /** Checks that need an ability of the harness that was not named. */
  readonly leftOut: readonly string[];
  readonly missing: readonly MissingMember[];
}

/**
 * Runs the checks of the connection port without a test runner, and prints each result, and what users lose by optional
 * members that the adapter lacks.
 *
 * @param abilities the abilities of the harness; checks that need others are left out
 * @param print called with each line
 * @throws {ErrorInfo} 40003 as {@link connectionContract}, and if an ability is unknown or `print` is not a function
 *
 * @example
 * ```ts
 * import { type ContractHarness, runConnectionContract } from 'latchkey/testing';
 *
 * declare function myStack(): ContractHarness;
 *
 * const { failed } = await runConnectionContract(myStack, ['forget', 'drop']);
 * process.exitCode = failed.length === 0 ? 0 : 1;
 * ```
 */
export async function runConnectionContract(
  makeHarness: () => ContractHarness | Promise<ContractHarness>,
  abilities: readonly ContractAbility[] = [],
  print: (line: string) => void = console.log,
): Promise<ContractResult> {
  if (!Array.isArray(abilities)) throw invalidOption('abilities', 'a list', abilities);
  for (const ability of abilities)
    oneOf('abilities', ABILITIES, required('abilities', 'a list of texts', ability));
  method('print', required('print', 'a function', print));
  const isAble = ({ needs }: { readonly needs: readonly ContractAbility[] }) =>
    needs.every((ability) => abilities.includes(ability));
  const checks = connectionContract(makeHarness);
  const harness = checkHarness(await makeHarness());
  const missing = missingMembers(harness.adapter);
  const lacking = abilities.find((one) => !hasAbility(harness, one));
  await harness.dispose();
  if (lacking !== undefined) throw lacksAbility(lacking);
  const leftOut = checks.filter((check) => !isAble(check));
  for (const { title, needs } of leftOut) print(`left out  ${title} (needs ${needs.join(', ')})`);
  const results = await runChecks(checks.filter(isAble), print);
  for (const { member, loss } of missing) print(`lacks     ${member}: ${loss}`);
  return { ...results, leftOut: leftOut.map(({ title }) => title), missing };
}

const lacksAbility = (ability: ContractAbility) =>
  invalidArgument(
    `the harness lacks what the ability "${ability}" needs`,
    'Add it to the harness, or do not name the ability.',
  );

function checkHarness(harness: ContractHarness): ContractHarness {
  const { adapter, server, clock } = record('the harness', harness);
  const part = <T extends object>(name: string, given: T, methods: readonly (keyof T & string)[]) =>
    port(name, required(name, 'an object', given), methods);
  part('harness.adapter', adapter, ['attach', 'push']);
  part('harness.server', server, ['accept', 'refuse', 'hold', 'answer']);
  part('harness.clock', clock, ['advance']);
  for (const name of ['connect', 'close', 'dispose'] as const)
    method(`harness.${name}`, required(`harness.${name}`, 'a function', harness[name]));
  return harness;
}
