import { nothing } from 'lit-html';
import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { Entry, StudioMessage, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording } from '../../../src/studio/recording.js';
import { messageIn } from '../../../src/studio/schema.js';
import { Subject } from '../../../src/studio/subject.js';
import { activeIn } from '../../../src/studio/ui/charts.js';
import { lanes } from '../../../src/studio/ui/lanes.js';
import { Scale } from '../../../src/studio/ui/scale.js';
import { Sessions } from '../../../src/studio/ui/sessions.js';

const auth = new Auth({ authCallback: async () => 'a token' });
const { session, entries } = readRecording(new Recorder(new Subject(auth)).recording());
const view = (entries[0] as Entry & { readonly view: View }).view;
const [chart] = session.charts;

const hello = (change: object = {}) => ({
  type: 'hello' as const,
  now: 1,
  session: { ...session, ...change },
  entries,
});

const many = <T>(count: number, one: (index: number) => T) =>
  Array.from({ length: count }, (_, at) => one(at));
const control = (name: string) => ({ name, label: 'a', hint: '', group: 'fault' as const, run: () => {} });

describe('what a client can make the page draw', () => {
  it.each([
    ['controls', { controls: many(1_000, (at) => control(`c${at}`)) }, 'session.controls: too many controls'],
    [
      'charts',
      { charts: many(200, (at) => ({ ...chart, name: `${at}` })) },
      'session.charts: too many charts',
    ],
    [
      'states',
      {
        charts: [
          {
            ...chart,
            edges: [],
            states: many(6_000, (at) => ({ ...chart?.states[0], id: `${at}`, states: [] })),
          },
        ],
      },
      'session.charts.0: too many states',
    ],
    [
      'ways',
      { charts: [{ ...chart, edges: many(9_000, (at) => ({ ...chart?.edges[0], id: `${at}` })) }] },
      'session.charts.0.edges: too many ways',
    ],
    [
      'ways from anywhere',
      { charts: [{ ...chart, fromAnywhere: many(9_000, () => ({ event: 'a', target: 'b' })) }] },
      'session.charts.0.fromAnywhere: too many ways',
    ],
  ])('a session with too many %s is refused', (_what, change, fault) => {
    expect(messageIn(hello(change))).toBe(fault);
  });

  it('a program with too many controls gets an error, and one with the most is shown', () => {
    const controls = many(200, (at) => control(`c${at}`));
    const shown: StudioMessage[] = [];
    new Recorder(new Subject(auth), { controls }).subscribe((message) => shown.push(message));
    expect(messageIn(JSON.parse(JSON.stringify(shown[0])))).toMatchObject({ type: 'hello' });
    const options = { controls: [...controls, control('more')] };
    expect(() => new Recorder(new Subject(auth), options)).toThrow(
      expect.objectContaining({ code: 40003, message: 'controls must be at most 200 controls; got 201.' }),
    );
  });

  it('of a hello with many protocol messages the last 200 are shown', () => {
    const frames = many(5_000, (at) => ({ at, after: 1, isSent: false, action: 15, size: 10 }));
    const shown = new Sessions().hello({ ...hello(), frames });
    expect(shown.frames).toHaveLength(200);
    expect(shown.frames.at(-1)?.at).toBe(4_999);
  });

  it('a chart may have the name of a method', () => {
    expect(activeIn({ view }, 'constructor')).toEqual([]);
    expect(activeIn({ view: { ...view, active: { auth: ['auth.idle'] } } }, 'auth')).toEqual(['auth.idle']);
    expect(activeIn({ view: undefined }, 'auth')).toEqual([]);
  });

  it('a session that cannot be drawn is shown without its history, and goes on', () => {
    const sessions = new Sessions();
    const shown = sessions.hello(hello());
    sessions.clear();
    expect(sessions.linked).toBe(shown);
    expect(shown).toMatchObject({ state: 'live', frames: [] });
    expect([shown.history.entries, shown.history.session.charts]).toEqual([[], []]);
    sessions.add({ n: 9, at: 9, kind: 'view', view });
    expect(shown.history.viewAt(9)?.view).toEqual(view);
  });
});

describe('the lanes', () => {
  const scale = new Scale([0, 1_000_000], 0, 1_000);
  const token = (number: number, receivedAt: number, endedAt: number | null) => ({
    ...{ number, receivedAt, endedAt, clientId: null, mark: null, renewAt: null, overlapFrom: null },
    ...{ diesAt: 900_000, end: endedAt === null ? null : ('renewed' as const) },
  });
  /** How many drawings have a text in their template. */
  const drawn = (era: object, text: string) => {
    const none = { auth: [], connection: [], tokens: [], unseen: [], lastAt: 0 };
    const { values } = lanes({ ...none, ...era } as unknown as Parameters<typeof lanes>[0], scale, {
      ...{ now: 1_000_000, cursor: null, silence: undefined },
    });
    return values
      .flat()
      .filter(
        (one) => one !== nothing && (one as { strings?: readonly string[] }).strings?.[0]?.includes(text),
      );
  };

  it('of many tokens at one place the newest of each row are drawn', () => {
    const tokens = many(10_000, (at) =>
      token(at + 1, 500_000 + at / 100, at === 9_999 ? null : 500_000 + at / 100),
    );
    expect(drawn({ tokens }, 'class="token"').map((one) => (one as { values: unknown[] }).values[0])).toEqual(
      [9_999, 10_000],
    );
  });

  it('tokens beside each other are all drawn', () => {
    const tokens = many(20, (at) => token(at + 1, at * 40_000, (at + 1) * 40_000));
    expect(drawn({ tokens }, 'class="token"')).toHaveLength(20);
  });

  it('of many short sleeps only those that can be told apart are drawn', () => {
    const unseen = many(10_000, (at) => ({ from: at * 100, to: at * 100 + 50 }));
    expect(drawn({ unseen }, 'class="unseen"').length).toBeLessThan(1_600);
    expect(drawn({ unseen: [{ from: 10, to: 300_000 }] }, 'class="unseen"')).toHaveLength(1);
  });
});
