import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { History } from '../../../src/studio/history.js';
import type { Entry, Session, StudioMessage } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording, recordingText } from '../../../src/studio/recording.js';
import { Subject } from '../../../src/studio/subject.js';
import { EventLog, PAGE } from '../../../src/studio/ui/event-log.js';
import { TimeWindow } from '../../../src/studio/ui/time-window.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const REFUSED = new ErrorInfo({ code: 40141, message: 'token revoked' });

let start: number;
let session: Session;
let entries: Entry[];
let history: History;
const secrets: string[] = [];
const undo: (() => void)[] = [];

afterEach(() => {
  for (const stop of undo.splice(0)) stop();
});

/** A renewal, one that succeeds at the second try, a refusal, a source that is down, a token that expires. */
beforeEach(async () => {
  const clock = new VirtualClock();
  start = clock.now();
  entries = [];
  const fails = [3];
  let calls = 0;
  const auth = new Auth({
    authCallback: async () => {
      calls += 1;
      const call = calls;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, 500));
      if (fails.includes(call) || call > 5) throw new Error('down');
      const token = crypto.randomUUID();
      secrets.push(token);
      return { token, issued: clock.now(), expires: clock.now() + 60_000 };
    },
    clock,
    random: () => 0,
    renewal: { spread: 0, jitter: 0, retry: { base: 2_000 } },
  });
  const recorder = new Recorder(new Subject(auth), { title: 'a test' });
  const take = (message: StudioMessage) => {
    if (message.type === 'hello') session = message.session;
    if (message.type === 'hello') entries.push(...message.entries);
    if (message.type === 'entry') entries.push(message.entry);
  };
  undo.push(recorder.subscribe(take), () => auth.dispose());
  void auth.authorize().catch(() => {});
  await clock.advance(130_000);
  auth.actor.send({ type: 'token.refused', error: REFUSED });
  await clock.advance(200_000);
  history = new History(session, entries);
});

const since = (at: number | null) => (at === null ? null : at - start);

describe('a recorded session', () => {
  it('the history has each token with its receipt, its overlap, its end and the reason', () => {
    const lives = history.tokens.map(({ receivedAt, overlapFrom, endedAt, diesAt, end }) => [
      since(receivedAt),
      since(overlapFrom),
      since(endedAt),
      since(diesAt),
      end,
    ]);
    expect(lives).toEqual([
      // Renewed at four fifths of its lifetime; the fetch takes half a second.
      [500, 48_500, 49_000, 60_500, 'renewed'],
      // The first try, at 97 s, failed; the second, a second later, succeeded.
      [49_000, 98_500, 99_000, 109_000, 'renewed'],
      [99_000, null, 130_000, 159_000, 'refused'],
      [130_500, null, 190_500, 190_500, 'died'],
    ]);
  });

  it('the history has the duration of each state', () => {
    const spans = history.auth.map(({ what, from, to }) => [what, since(from), since(to)]);
    expect(spans.slice(0, 8)).toEqual([
      ['idle', 0, 0],
      ['requesting', 0, 500],
      ['authorized', 500, 48_500],
      ['renewing', 48_500, 49_000],
      ['authorized', 49_000, 97_000],
      ['renewing', 97_000, 99_000],
      ['authorized', 99_000, 130_000],
      ['requesting', 130_000, 130_500],
    ]);
    expect(history.auth.filter(({ to }) => to === null)).toEqual([history.auth.at(-1)]);
    expect(history.auth.map(({ what }) => what)).toContain('failed');
  });

  it('each entry of a session can be shown', () => {
    for (const entry of entries) {
      const seen = new History(
        session,
        entries.filter(({ n }) => n <= entry.n),
      );
      expect(history.viewAt(entry.n)).toBe(seen.viewAt(Number.POSITIVE_INFINITY));
      expect(history.stepsAt(entry.n, 'auth')).toEqual(seen.stepsAt(Number.POSITIVE_INFINITY, 'auth'));
      expect(history.entry(entry.n)).toBe(entry);
    }
  });

  it('numberAt() finds the last entry before a moment', () => {
    expect(history.entry(history.numberAt(start + 48_600))?.at).toBe(start + 48_500);
    expect(history.numberAt(0)).toBe(1);
    expect(history.numberAt(Number.MAX_VALUE)).toBe(entries.at(-1)?.n);
  });
});

describe('a recording', () => {
  it('a recording is a file that returns the same session, without secrets', () => {
    const text = recordingText({ session, entries });
    expect(readRecording(text)).toEqual({ session, entries });
    expect(secrets.length).toBeGreaterThan(3);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('a secret that was written into the file by hand is redacted', () => {
    const secret = 'xVLyHw.A1b2C3:Vn3Qk9_Yp2LwZ8rT4mBc6XdE1fG5hJ7';
    const told = { about: 'hand', tone: 'calm', title: secret, detail: `mac ${secret}` } as const;
    const entry: Entry = { n: 1, at: start, kind: 'told', ...told };
    const text = recordingText({ session, entries: [entry] });
    expect(text).not.toContain(secret);
    const [read] = readRecording(text.replace('[…]', secret)).entries;
    expect(read).toMatchObject({ title: '[…]', detail: 'mac […]' });
  });

  it.each([
    ['nothing', '', 'it is not JSON'],
    ['null', 'null', 'not a recording'],
    ['another file', '{"a":1}', 'not a recording'],
    ['a later version', '{"format":"latchkey-recording","version":3}', 'by another version'],
    ['a half of its text', '{"format":"latchkey-recording","version":2,"sess', 'its end is missing'],
    ['half of one', '{"format":"latchkey-recording","version":1,"session":{}}', 'damaged (session.title'],
  ])('a file with %s is refused with a reason', (_what, text, words) => {
    expect(() => readRecording(text)).toThrow(TypeError);
    expect(() => readRecording(text)).toThrow(words);
  });

  it('a file with missing or invalid entries is refused', () => {
    const without = recordingText({ session, entries: entries.filter(({ n }) => n !== 3) });
    expect(() => readRecording(without)).toThrow('entries are missing');
    const wrong = recordingText({ session, entries: [{ n: 1, at: 'now', kind: 'told' } as never] });
    expect(() => readRecording(wrong)).toThrow('damaged');
  });

  /** The parts of a recording's file that the test damages. */
  interface File {
    readonly session: { readonly charts: { readonly states: object[]; readonly edges: object[] }[] };
    readonly entries: { readonly view?: { readonly decision: object } }[];
  }
  const change = (...changes: [target: unknown, change: object][]) => {
    for (const [target, wrong] of changes) Object.assign(target as object, wrong);
  };
  const viewIn = ({ entries }: File) => entries.findLast(({ view }) => view !== undefined)?.view;
  const decide = (wrong: object) => (file: File) => change([viewIn(file)?.decision, wrong]);
  const chart = (wrong: (chart: File['session']['charts'][number]) => void) => (file: File) =>
    file.session.charts.slice(0, 1).forEach(wrong);

  it.each<[string, (file: File) => void, string]>([
    ['a moment no clock has', ({ entries }) => change([entries[0], { at: 1e20 }]), 'entries.0.at'],
    ['a number that is not exact', ({ entries }) => change([entries[0], { n: 1e17 }]), 'entries.0.n'],
    ['a clock of no pace', (file) => change([viewIn(file), { rate: 1e300 }]), '.rate'],
    ['a decision of no moment', decide({ now: -1e16 }), '.decision.now'],
    [
      'a token from before all time',
      decide({ token: { receivedInMs: -1e300, diesInMs: 1 } }),
      '.receivedInMs',
    ],
    ['a token for longer than ever', decide({ token: { receivedInMs: -1, diesInMs: 1e300 } }), '.diesInMs'],
    ['a next step after all time', decide({ next: { step: 'renew', at: 1e300 } }), '.next.at'],
    [
      'an edge to nowhere',
      chart(({ edges }) =>
        edges.push({ id: 'x', source: 'nope', target: 'nada', events: [], conditions: [] }),
      ),
      'an edge leads to an unknown state',
    ],
    ['a state twice', chart(({ states }) => states.push(...states)), 'two states have the same id'],
    ['an edge twice', chart(({ edges }) => edges.push(...edges)), 'two edges have the same id'],
    ['a chart twice', ({ session: { charts } }) => charts.push(...charts), 'two charts have the same name'],
  ])('a recording with %s is refused', (_what, damage, words) => {
    const file = JSON.parse(recordingText({ session, entries }));
    damage(file);
    expect(() => readRecording(JSON.stringify(file))).toThrow(words);
  });

  it('a recording may be from any year that a clock can have', () => {
    const [first] = entries;
    const far = [-4e15, 4e15].map((at, index) => ({ ...first, n: index + 1, at }) as Entry);
    const [, last] = readRecording(recordingText({ session, entries: far })).entries;
    expect(last?.at).toBe(4e15);
    const window = new TimeWindow();
    window.showAll();
    window.at(0, -4e15, 4e15);
    for (let step = 0; step < 20; step += 1) window.pan(1, 0);
    const [from, to] = window.at(0, -4e15, 4e15);
    expect([new Date(from), new Date(to)].every((date) => Number.isFinite(date.getTime()))).toBe(true);
  });
});

describe('the log', () => {
  const last = Number.POSITIVE_INFINITY;
  const titles = (log: EventLog, n = last) =>
    log.rowsAt(n).rows.map((row) => {
      if ('action' in row) return 'a message';
      return row.kind === 'told' ? row.title : row.step.event;
    });

  it('the log shows the newest entry first, and no machine steps by default', () => {
    const log = new EventLog();
    log.show(entries);
    log.shown = 10_000;
    expect(titles(log).at(-1)).toBe('Requesting a token');
    expect(titles(log)).toContain('Renewed');
    log.toggle('token');
    expect(titles(log)).toEqual([]);
    log.toggle('machine');
    log.shown = 10_000;
    expect(titles(log).at(-1)).toBe('authorize');
  });

  it('the log filters present and later entries by text and by failure', () => {
    const log = new EventLog();
    log.set({ text: 'RENEW' });
    for (const entry of entries) log.add(entry);
    const { count } = log.rowsAt(last);
    expect(count).toBeGreaterThan(3);
    expect(titles(log).every((title) => /renew/i.test(title))).toBe(true);
    log.set({ onlyTrouble: true });
    expect(new Set(titles(log))).toEqual(new Set(['The renewal failed']));
  });

  it('the log shows an earlier moment', () => {
    const log = new EventLog();
    log.show(entries);
    const renewed = entries.find((entry) => entry.kind === 'told' && entry.title === 'Renewed');
    expect(titles(log, renewed?.n)).toEqual(['Renewed', 'Renewing', 'Authorized', 'Requesting a token']);
  });

  it('the log shows one page at a time', () => {
    const log = new EventLog();
    const many = Array.from({ length: 2 * PAGE + 5 }, (_, index): Entry => {
      return {
        n: index + 1,
        at: start,
        kind: 'told',
        about: 'hand',
        tone: 'calm',
        title: `${index}`,
        detail: '',
      };
    });
    log.show(many);
    expect(log.rowsAt(last)).toMatchObject({ count: 2 * PAGE + 5, rows: { length: PAGE } });
    log.shown += PAGE;
    expect(log.rowsAt(last).rows).toHaveLength(2 * PAGE);
  });
});

describe('the window of the timeline', () => {
  it('the window follows the present, and shows some of the future', () => {
    const window = new TimeWindow();
    expect(window.at(100_000, 0, 0)).toEqual([58_000, 118_000]);
    expect(window.at(101_000, 0, 0)).toEqual([59_000, 119_000]);
  });

  it('the window stays where it was moved to until it follows again', () => {
    const window = new TimeWindow();
    window.pan(-0.5, 100_000);
    expect(window.isFollowing).toBe(false);
    expect(window.at(200_000, 0, 0)).toEqual([28_000, 88_000]);
    window.follow();
    expect(window.at(200_000, 0, 0)).toEqual([158_000, 218_000]);
  });

  it('the window zooms around a moment, within its limits', () => {
    const window = new TimeWindow();
    window.pan(0, 100_000);
    const [from, to] = window.at(0, 0, 0);
    window.zoom(1, from);
    const [near, far] = window.at(0, 0, 0);
    expect(near).toBeCloseTo(from);
    expect(far - near).toBeCloseTo((to - from) / 1.6);
    for (let i = 0; i < 50; i += 1) window.zoom(1, null);
    const [a, b] = window.at(0, 0, 0);
    expect(b - a).toBeCloseTo(2_000);
  });

  it('the window shows the whole session', () => {
    const window = new TimeWindow();
    window.showAll();
    const [from, to] = window.at(0, 10_000, 110_000);
    expect(from).toBeLessThan(10_000);
    expect(to).toBeGreaterThan(110_000);
    expect(to - from).toBeLessThan(110_000);
  });

  it('the window moves to show a moment outside of it', () => {
    const window = new TimeWindow();
    window.include(500_000, window.at(100_000, 0, 0));
    const [from, to] = window.at(0, 0, 0);
    expect([from < 500_000, to > 500_000]).toEqual([true, true]);
  });
});
