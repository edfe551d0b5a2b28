import { expect, it } from 'vitest';
import { runCheck } from '../../src/cli/check.js';

it('the check fails if the token is not renewed, and names the missing event', async () => {
  const { ok, steps } = await runCheck({ renewal: 'off', ttlMs: 1_000 });
  expect(ok).toBe(false);
  expect(steps.map((step) => [step.step, step.ok])).toEqual([
    ['authorize', true],
    ['connected', true],
    ['renewed before expiry', false],
  ]);
  expect(steps.at(-1)?.observed.problem).toContain('a renewal: not seen within');
});
