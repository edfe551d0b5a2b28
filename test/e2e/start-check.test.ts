import { expect, it } from 'vitest';
import { runCheck } from '../../src/cli/check.js';

it('fails the check when nothing renews the token, and says what was not seen', async () => {
  const { ok, steps } = await runCheck({ renewal: 'off', ttlMs: 1_000 });
  expect(ok).toBe(false);
  expect(steps.map((step) => [step.step, step.ok])).toEqual([
    ['authorize', true],
    ['connected', true],
    ['renewed before expiry', false],
  ]);
  expect(steps.at(-1)?.observed.problem).toContain('a renewal: not seen within');
});
