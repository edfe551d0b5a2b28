import { expect, it } from 'vitest';
import { measured } from '../../bench/gates/figures.js';
import { faults } from '../../bench/gates/gates.js';

// `npm run gates -- --accept "why"` updates them.
it('bytes, modules, actors, timers and heap are not above their gates', async () => {
  expect(faults(await measured())).toEqual([]);
});
