import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { authMachine } from '../../../machines/index.js';
import { chartOf, readable } from '../../../src/studio/chart.js';
import type { ChartState } from '../../../src/studio/messages.js';

const machine = setup({
  guards: { 'it rains': () => true, 'it snows': () => true },
  delays: { 'the night is over': 1_000 },
}).createMachine({
  id: 'door',
  initial: 'closed',
  on: { 'house.burns': '.gone' },
  states: {
    closed: {
      on: {
        'key.turns': [
          { guard: 'it rains', target: 'open' },
          { guard: 'it snows', target: 'open.wide' },
          { target: 'closed', reenter: true },
        ],
      },
      after: { 'the night is over': 'open' },
    },
    open: {
      initial: 'ajar',
      always: { guard: 'it snows', target: 'closed' },
      states: { ajar: { on: { push: 'wide' } }, wide: {} },
    },
    gone: { type: 'final' },
  },
});

const names = (states: readonly ChartState[]): unknown[] =>
  states.map(({ name, isInitial, states: inner }) => [name, isInitial, names(inner)]);

describe('chartOf', () => {
  it('the chart has every state under its parent, and marks the initial ones', () => {
    expect(names(chartOf(machine).states)).toEqual([
      ['closed', true, []],
      [
        'open',
        false,
        [
          ['ajar', true, []],
          ['wide', false, []],
        ],
      ],
      ['gone', false, []],
    ]);
  });

  it('all transitions between two states are one edge, eventless ones and re-entry too', () => {
    expect(chartOf(machine).edges).toEqual([
      {
        id: 'door.closed→door.open',
        source: 'door.closed',
        target: 'door.open',
        events: ['key.turns', 'after: the night is over'],
        conditions: ['key.turns, if it rains', 'after: the night is over'],
        places: [0, 0],
      },
      {
        id: 'door.closed→door.open.wide',
        source: 'door.closed',
        target: 'door.open.wide',
        events: ['key.turns'],
        conditions: ['key.turns, if it snows'],
        places: [1],
      },
      {
        id: 'door.closed→door.closed',
        source: 'door.closed',
        target: 'door.closed',
        events: ['key.turns'],
        conditions: ['key.turns'],
        places: [2],
      },
      {
        id: 'door.open→door.closed',
        source: 'door.open',
        target: 'door.closed',
        events: ['at once'],
        conditions: ['at once, if it snows'],
        places: [0],
      },
      {
        id: 'door.open.ajar→door.open.wide',
        source: 'door.open.ajar',
        target: 'door.open.wide',
        events: ['push'],
        conditions: ['push'],
        places: [0],
      },
    ]);
  });

  it('transitions from any state are kept separately', () => {
    expect(chartOf(machine).fromAnywhere).toEqual([{ event: 'house.burns', target: 'door.gone' }]);
  });

  it('the chart of the auth machine has its five states', () => {
    const flat = (states: readonly ChartState[]): string[] =>
      states.flatMap(({ name, states: inner }) => [name, ...flat(inner)]);
    expect(flat(chartOf(authMachine).states)).toEqual(
      expect.arrayContaining(['idle', 'requesting', 'authorized', 'renewing', 'failed']),
    );
  });
});

describe('readable', () => {
  it.each([
    ['token.refused', 'token.refused'],
    ['', 'at once'],
    ['xstate.after.the token dies.auth.authorized', 'after: the token dies'],
    ['xstate.done.actor.acquisition', 'acquisition done'],
    ['xstate.error.actor.acquisition', 'acquisition failed'],
    ['xstate.done.actor.0.auth.checking', 'its task done'],
    ['xstate.error.actor.0.auth.checking', 'its task failed'],
    ['xstate.init', 'start'],
  ])('%s is "%s"', (eventType, text) => {
    expect(readable(eventType)).toBe(text);
  });
});
