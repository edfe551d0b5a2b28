import { rules } from './connection-contract-checks.js';
import { AdapterTester, type ContractAbility, type ContractHarness } from './connection-contract-harness.js';

export type { ContractAbility, ContractHarness, ContractServer } from './connection-contract-harness.js';

/** One rule that every adapter must follow. */
export interface ContractCheck {
  readonly title: string;
  /** The abilities that the harness must have for this check. */
  readonly needs: readonly ContractAbility[];
  /** Runs the check. @throws {Error} names the value that is wrong */
  run(): Promise<void>;
}

/**
 * The checks of the connection port, for any adapter and any test runner.
 *
 * @param makeHarness makes a new adapter with a new server for each check
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
  return rules.map(({ title, needs = [], check }) => ({
    title,
    needs,
    async run() {
      const harness = await makeHarness();
      try {
        await check(new AdapterTester(harness));
      } finally {
        await harness.dispose();
      }
    },
  }));
}
