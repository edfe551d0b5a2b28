import { describe, expect, it } from 'vitest';
import { setup } from 'xstate';
import { authMachine } from '../../../machines/index.js';
import { chartOf } from '../../../src/studio/chart.js';
import { ANY, waysOf } from '../../../src/studio/ways.js';

const machine = setup({
  guards: { 'it rains': () => true, 'it snows, if at all': () => true },
}).createMachine({
  id: 'door',
  initial: 'closed',
  on: { burn: [{ guard: 'it rains', target: '.closed' }, { target: '.gone' }] },
  states: {
    closed: {
      on: {
        turn: [
          { guard: 'it rains', target: 'open' },
          { guard: 'it snows, if at all', target: 'closed', reenter: true },
          { target: 'open.wide' },
        ],
        knock: 'open',
      },
    },
    open: { initial: 'ajar', states: { ajar: { on: { push: 'wide' } }, wide: {} } },
    gone: {},
  },
});

const rows = (chart = chartOf(machine)) =>
  waysOf(chart).map(({ source, event, guard, target }) => [source, event, guard, target]);

describe('waysOf', () => {
  it('each way has its state, its event, its guard in words and its target, in the order of the guards', () => {
    expect(rows()).toEqual([
      ['closed', 'turn', 'it rains', 'open'],
      ['closed', 'turn', 'it snows, if at all', 'closed'],
      ['closed', 'turn', 'otherwise', 'open.wide'],
      ['closed', 'knock', '', 'open'],
      ['open.ajar', 'push', '', 'open.wide'],
      [ANY, 'burn', 'it rains', 'closed'],
      [ANY, 'burn', 'otherwise', 'gone'],
    ]);
  });

  it('the ways of a recording without places have the unguarded ones last', () => {
    const { edges, ...rest } = chartOf(machine);
    const old = { ...rest, edges: edges.map(({ places: _places, ...edge }) => edge).reverse() };
    expect(
      rows(old)
        .filter(([source, event]) => source === 'closed' && event === 'turn')
        .at(-1),
    ).toEqual(['closed', 'turn', 'otherwise', 'open.wide']);
  });

  it('the auth machine leads nowhere without a way in the table', () => {
    const chart = chartOf(authMachine as never);
    expect(rows(chart).filter(([, event]) => event === 'after: something is due')).toEqual([
      [
        'authorized',
        'after: something is due',
        'the renewal is due, but the token is not in use',
        'authorized',
      ],
      ['authorized', 'after: something is due', 'the renewal is due', 'renewing'],
      ['authorized', 'after: something is due', 'otherwise', 'authorized'],
    ]);
    expect(rows(chart)).toContainEqual([ANY, 'authorize', 'there is a current token', 'renewing']);
    const edges = new Set(waysOf(chart).map(({ edge }) => edge));
    expect(chart.edges.filter(({ id }) => !edges.has(id))).toEqual([]);
  });
});
