import { expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { TransitionCoverage } from './transition-coverage.js';

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: {
    off: { on: { press: [{ guard: () => false, target: 'on' }, { target: 'on' }] } },
    on: { on: { press: 'off' }, after: { 1000: 'off' } },
  },
});

it('the coverage names the transitions that no test takes, even if they are similar', () => {
  const coverage = new TransitionCoverage(lamp);
  const actor = createActor(lamp, { inspect: coverage.inspect }).start();
  actor.send({ type: 'press' });
  actor.send({ type: 'press' });
  actor.stop();
  expect(coverage.report()).toEqual({
    taken: 2,
    all: 4,
    missing: [
      'lamp.off · press · 1. always → lamp.on',
      'lamp.on · xstate.after.1000.lamp.on · 1. always → lamp.off',
    ],
  });
});
