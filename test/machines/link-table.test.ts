import { describe, expect, it } from 'vitest';
import type { Effect, Kind, Mode, Presented, Push, Report } from '../../src/connection/link/link-modes.js';
import { firstMode, linkTable, reduce } from '../../src/connection/link/link-table.js';
import type { ConnectionState } from '../../src/connection/port.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { Secret } from '../../src/token/secret.js';
import type { TokenDetails } from '../../src/token/token-details.js';
import { met } from '../kit/unreachable.js';

const error = new ErrorInfo({ code: 40170, message: 'the source is down' });
const ofAda = new Secret<TokenDetails>({ token: 'secret-a', clientId: 'ada' }, 'token');
const ofNobody = new Secret<TokenDetails>({ token: 'secret-n' }, 'token');

/** One object for each token, so that a walk does not find a new mode at each step. */
const presentations: readonly Presented[] = [
  { token: ofAda, asked: undefined },
  { token: ofNobody, asked: 'bob' },
];
const stale: Presented = { token: ofAda, asked: undefined };
const stalePush: Push = { type: 'connection.open', token: ofAda };

const states: readonly ConnectionState[] = [
  'connecting',
  'connected',
  'disconnected',
  'closing',
  'closed',
  'failed',
];
const upAndDown: readonly ConnectionState[] = ['connecting', 'connected', 'disconnected', 'closed'];

/** The reports that are possible in every mode. */
const always: readonly Report[] = [
  { type: 'token.needed' },
  { type: 'token.accepted' },
  ...[null, ofAda, ofNobody].flatMap((held): Report[] => [
    { type: 'token.refused', error, held, asked: undefined },
    { type: 'attempt.failed', error, held, asked: undefined },
  ]),
  ...['ada', 'bob', null].map((clientId): Report => ({ type: 'identity.confirmed', clientId })),
  ...states.map((state): Report => ({ type: 'connection.changed', state })),
  { type: 'report.unreadable' },
  { type: 'acquisition.begun' },
  { type: 'token.denied', error },
  { type: 'token.delayed', error },
  { type: 'client.disposed' },
  { type: 'push.announced', push: stalePush },
  { type: 'push.accepted', presented: stale },
  { type: 'push.rejected', presented: stale, reason: error },
  ...upAndDown.flatMap((state): Report[] => [
    ...presentations.flatMap((presented): Report[] => [
      { type: 'token.presented', presented, isToOpen: state !== 'connected', state },
      { type: 'token.offered', token: presented.token, asked: presented.asked, state },
    ]),
    { type: 'answer.urgent', state },
    { type: 'token.lost', state },
    { type: 'attempt.halted', isAble: true, state },
    { type: 'token.forgotten', error, isAble: true, state },
    { type: 'token.forgotten', error, isAble: false, state },
  ]),
];

/** The reports that pending work and pending callers make possible. */
function inHand(mode: Mode): readonly Report[] {
  if (mode.kind === 'disposed') return [{ type: 'token.withdrawn', presented: stale, reason: error }];
  const { announced } = mode.known;
  const presented = mode.kind === 'presenting' ? mode.presented : stale;
  return [
    ...(announced === null ? [] : [{ type: 'push.announced', push: announced } as const]),
    { type: 'token.withdrawn', presented, reason: error },
    { type: 'push.accepted', presented },
    { type: 'push.rejected', presented, reason: error },
  ];
}

/** The key of a mode: modes with the same key are equal for every rule. */
function keyOf(mode: Mode): string {
  if (mode.kind === 'disposed') return 'disposed';
  const { clientId, bearer, token, accepted, next, heard, isClosed, announced, isWarned } = mode.known;
  const has = token === null || token === 'forgotten' ? token : token.expose().token;
  const presented = mode.kind === 'presenting' ? [presentations.indexOf(mode.presented), mode.otherwise] : [];
  const said = announced && [announced.type, 'presented' in announced];
  // The state counts when a presented token is given up.
  const counts = mode.kind === 'presenting' && mode.otherwise === 'served';
  const isDown = counts || ['closing', 'closed', 'leaving'].includes(heard) ? heard : 'other';
  const isHeld = [accepted === null, next?.expose().token ?? null, isClosed, said, isWarned];
  return JSON.stringify([mode.kind, presented, clientId, bearer, has, isDown, ...isHeld]);
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

interface Edge {
  readonly before: Mode;
  readonly report: Report;
  readonly after: Mode;
  readonly effects: readonly Effect[];
}

const isPush = ({ type }: Effect) => type === 'announce' || type === 'push';
const answeredBy = (effects: readonly Effect[]): Presented[] =>
  effects.flatMap((one) => (one.type === 'resolve' || one.type === 'reject' ? [one.presented] : []));

/** Laws that every edge obeys, whatever the mode and the report. */
const laws: Readonly<Record<string, (edge: Edge) => boolean>> = {
  'each caller is answered once, and no other': ({ before, report, after, effects }) => {
    const came = report.type === 'token.presented' ? [report.presented] : [];
    const waited = before.kind === 'presenting' ? [before.presented] : came;
    const waits = after.kind === 'presenting' ? [after.presented] : [];
    const accounted = [...answeredBy(effects), ...waits];
    return accounted.length === waited.length && accounted[0] === waited[0];
  },
  'nothing is pushed that was not announced, or that something came between': ({ before, report, effects }) =>
    effects.every(
      (one) =>
        one.type !== 'push' ||
        (report.type === 'push.announced' &&
          report.push === one.push &&
          before.kind !== 'disposed' &&
          before.known.announced === one.push),
    ),
  'a connection that waits for a newer token is offered no older one (RTC8b)': ({
    before,
    report,
    effects,
  }) => before.kind !== 'halted' || report.type !== 'token.offered' || !effects.some(isPush),
  'nothing of before is left after the user signed out': ({ report, after, effects }) =>
    report.type !== 'token.forgotten' ||
    after.kind === 'disposed' ||
    (after.kind === 'served' &&
      after.known.token === 'forgotten' &&
      after.known.accepted === null &&
      after.known.bearer.who === undefined &&
      (after.known.announced ?? { type: 'connection.fail' }).type === 'connection.fail' &&
      effects.every((one) => !isPush(one) || ('push' in one && one.push.type === 'connection.fail'))),
  'a token is accepted that was pushed and is presented, and no other': ({ before, report, after }) => {
    if (before.kind === 'disposed' || after.kind === 'disposed') return true;
    const { accepted, announced } = before.known;
    const isPushed = before.kind === 'presenting' && announced === null;
    const accepts = report.type === 'token.accepted' && isPushed ? before.presented.token : accepted;
    return after.known.accepted === null || after.known.accepted === accepts;
  },
  'nothing stays accepted once its acquisition is over': ({ before, report, after }) => {
    if (after.kind === 'disposed') return true;
    const isPresented =
      'presented' in report && before.kind === 'presenting' && report.presented === before.presented;
    const ends =
      before.kind === 'presenting'
        ? isPresented && report.type !== 'push.accepted'
        : ['acquisition.begun', 'token.offered', 'token.denied', 'token.delayed', 'attempt.failed'].includes(
            report.type,
          );
    return after.known.accepted === null || !(ends || report.type === 'attempt.halted');
  },
  'a token that was asked for to open the connection does not open one that the user closed (RTC8b1)': ({
    before,
    report,
    effects,
  }) =>
    report.type !== 'token.presented' ||
    before.kind === 'disposed' ||
    !(before.known.isClosed && report.isToOpen) ||
    !effects.some(isPush),
  'after the disposal a token is refused, and nothing else happens': ({ before, after, effects }) =>
    before.kind !== 'disposed' || (after === before && effects.every(({ type }) => type === 'reject')),
};

/** The next mode, and the effects by type: what is pushed, reported or requested. */
function outcomeOf(mode: Mode, effects: readonly Effect[]): string {
  const kind = mode.kind === 'presenting' ? `presenting, otherwise ${mode.otherwise}` : mode.kind;
  const done = effects.map((effect) => {
    if (!('push' in effect)) return effect.type;
    const isForNow = 'final' in effect.push && effect.push.final === false;
    return `${effect.type} ${effect.push.type}${isForNow ? ' for now' : ''}`;
  });
  return [`→ ${kind}`, ...done].join(', ');
}

/** Everything the table can do, from its first mode on. */
function walk() {
  const found = new Map<string, { readonly mode: Mode; readonly steps: number }>();
  const met = new Set<string>();
  const active = new Set<string>();
  const broken = new Set<string>();
  const shown = new Map<string, unknown>();
  const outcomes = new Map<string, Set<string>>();
  const count = { edges: 0, furthest: 0 };
  const arrive = (mode: Mode, steps: number) => {
    const key = keyOf(mode);
    // Frozen, so that no rule can change its arguments.
    if (!found.has(key)) found.set(key, { mode: frozen(mode), steps });
  };
  for (const clientId of [undefined, 'ada']) arrive(firstMode(clientId, 'initialized'), 0);
  // Modes that are added during the loop are visited later.
  for (const { mode: before, steps } of found.values()) {
    count.furthest = steps;
    for (const report of [...always, ...inHand(before)]) {
      if (linkTable[report.type][before.kind].name === 'unreachable') continue;
      const [after, effects] = reduce(before, report);
      const pair = `${report.type} in ${before.kind}`;
      count.edges += 1;
      met.add(pair);
      const inState = 'state' in report ? `${pair}, ${report.state}` : pair;
      outcomes.set(inState, (outcomes.get(inState) ?? new Set()).add(outcomeOf(after, effects)));
      if (after !== before || effects.length > 0) active.add(pair);
      if (effects.length > 0) shown.set(pair, effects);
      for (const [law, holds] of Object.entries(laws)) {
        if (!holds({ before, report, after, effects })) broken.add(`${law}: ${pair}`);
      }
      arrive(after, steps + 1);
    }
  }
  const modes = [...found.values()].map(({ mode }) => mode);
  return { ...count, modes, met, active, broken, outcomes, shown: [...modes, ...shown.values()] };
}

const { modes, met: pairsMet, active, broken, outcomes, shown, edges, furthest } = walk();
const pairs = Object.entries(linkTable).flatMap(([type, row]) =>
  Object.entries(row).map(([kind, { name }]) => ({ pair: `${type} in ${kind}`, rule: name })),
);
const ofRule = (rule: string) => pairs.filter((one) => one.rule === rule).map(({ pair }) => pair);

describe("the table of the client's end of a connection", () => {
  it('every mode can be reached, and every mode that can follow a presented token', () => {
    const kinds: readonly Kind[] = ['served', 'asking', 'delayed', 'halted', 'presenting', 'disposed'];
    expect(new Set(modes.map(({ kind }) => kind))).toEqual(new Set(kinds));
    const otherwise = modes.flatMap((mode) => (mode.kind === 'presenting' ? [mode.otherwise] : []));
    expect(new Set(otherwise)).toEqual(new Set(kinds.slice(0, 4)));
    console.log(
      `the connection link's table: ${modes.length} modes, ${edges} edges, ${pairs.length} pairs of a report and a ` +
        `kind of mode, ${ofRule('unreachable').length} of them unreachable, furthest ${furthest} reports away`,
    );
  });

  it('every pair that is not marked as unreachable is reached', () => {
    const reachable = pairs.filter(({ rule }) => rule !== 'unreachable').map(({ pair }) => pair);
    expect([...pairsMet].sort()).toEqual(reachable.sort());
  });

  it('the table marks what the client never does while it presents a token', () => {
    expect(ofRule('unreachable')).toEqual([
      'token.presented in presenting',
      'token.withdrawn in served',
      'token.withdrawn in asking',
      'token.withdrawn in delayed',
      'token.withdrawn in halted',
      'token.withdrawn in disposed',
      'token.denied in presenting',
      'token.delayed in presenting',
      'attempt.failed in presenting',
    ]);
  });

  it('the table marks exactly the pairs that do nothing as ignored', () => {
    const idle = [...pairsMet].filter((pair) => !active.has(pair));
    expect(idle.sort()).toEqual(ofRule('ignore').sort());
  });

  it('each pair leads to the modes and effects that are written down', async () => {
    const lines = [...outcomes].map(([pair, all]) =>
      [pair, ...[...all].sort().map((one) => `  ${one}`)].join('\n'),
    );
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('./link-outcomes.txt');
  });

  it('a mode or an effect shows no token', () => {
    expect(shown.length).toBeGreaterThan(modes.length);
    expect(JSON.stringify(shown)).toContain('[token]');
    expect(JSON.stringify(shown)).not.toContain('secret-');
  });

  it('the table breaks no law', () => {
    expect([...broken]).toEqual([]);
  });

  it.each(Object.entries(laws))('the law can be broken: %s', (_law, holds) => {
    const [before] = modes;
    if (before === undefined || before.kind === 'disposed') throw new Error('no mode to begin with');
    const { known } = before;
    const presented = stale;
    const forgotten: Report = { type: 'token.forgotten', error, isAble: true, state: 'closed' };
    const toOpen: Report = { type: 'token.presented', presented, isToOpen: true, state: 'closed' };
    const offered: Report = { type: 'token.offered', token: ofAda, asked: undefined, state: 'connecting' };
    const accepted: Mode = { kind: 'served', known: { ...known, accepted: ofAda } };
    const pushed: readonly Effect[] = [{ type: 'push', push: stalePush }];
    const wrong: readonly Edge[] = [
      { before, report: offered, after: before, effects: pushed },
      { before, report: offered, after: before, effects: [{ type: 'resolve', presented }] },
      { before: { kind: 'halted', known }, report: offered, after: before, effects: pushed },
      { before, report: forgotten, after: before, effects: [] },
      {
        before: { kind: 'served', known: { ...known, isClosed: true } },
        report: toOpen,
        after: before,
        effects: pushed,
      },
      { before: { kind: 'disposed' }, report: offered, after: before, effects: [] },
      { before, report: { type: 'token.accepted' }, after: accepted, effects: [] },
      { before: accepted, report: offered, after: accepted, effects: [] },
    ];
    expect(wrong.every(holds)).toBe(false);
  });

  it('a pair that is marked as unreachable and reached is counted', () => {
    const [mode] = modes;
    if (mode === undefined) throw new Error('no mode to begin with');
    expect(reduce(mode, { type: 'token.withdrawn', presented: stale, reason: error })).toEqual([mode, []]);
    expect(met.splice(0)).toEqual(['token.withdrawn in served']);
  });
});
