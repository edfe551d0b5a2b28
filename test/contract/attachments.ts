import type { ContractHarness } from '../../src/testing/connection-contract.js';

type Attached = <Harness extends ContractHarness>(harness: Harness) => Harness | Promise<Harness>;

/** When an Auth is attached: an app may make the two far apart, and sign in again with the same connection. */
export const attachments: readonly (readonly [when: string, attached: Attached])[] = [
  ['in the turn in which it was made', (harness) => harness],
  [
    'a while after it was made',
    async (harness) => {
      await harness.clock.advance(3_000);
      return harness;
    },
  ],
  [
    'in the turn in which another Auth left it',
    (harness) => {
      harness.adapter.attach(() => {})();
      return harness;
    },
  ],
  [
    'a while after another Auth left it',
    async (harness) => {
      const detach = harness.adapter.attach(() => {});
      await harness.clock.advance(1_000);
      detach();
      await harness.clock.advance(1_000);
      return harness;
    },
  ],
];
