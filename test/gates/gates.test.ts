import { expect, it } from 'vitest';
import { measured } from '../../bench/gates/figures.js';
import { faults } from '../../bench/gates/gates.js';

// `npm run gates -- --accept "why"` updates them.
it('bytes, modules, actors, timers and heap are not above their gates, and a page shares tokens for 2.5 KB', async () => {
  const now = await measured();
  expect(faults(now)).toEqual([]);
  expect(now['latchkey/sharing/web beside Auth: first load, bytes']).toBeLessThanOrEqual(2_500);
});
