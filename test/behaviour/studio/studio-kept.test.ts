import { describe, expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import { Frames } from '../../../src/studio/frames.js';
import { History } from '../../../src/studio/history.js';
import { KeptEntries } from '../../../src/studio/kept-entries.js';
import type { Entry, Trouble, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { checkFileSize, readRecording } from '../../../src/studio/recording.js';
import { RelayedSessions } from '../../../src/studio/server/relayed-sessions.js';
import { Subject } from '../../../src/studio/subject.js';
import { Sessions } from '../../../src/studio/ui/sessions.js';

const HOUR_MS = 3_600_000;

const auth = new Auth({ authCallback: async () => 'a token' });
const { session, entries } = readRecording(new Recorder(new Subject(auth)).recording());
const view = (entries[0] as Entry & { readonly view: View }).view;

const trouble: Trouble = {
  ...{ code: 40170, message: 'down', reason: 'source failed', causes: [], address: null },
  ...{ remediation: null, href: null },
};

function told(n: number, more: object = {}): Entry {
  return { n, at: n, kind: 'told', about: 'service', tone: 'calm', title: `${n}`, detail: '', ...more };
}

/** Entries with numbers from 1: a view, a trouble, and then plain ones. */
function kept(clock: { now: number }) {
  const all = new KeptEntries(() => clock.now);
  all.add({ n: 1, at: 1, kind: 'view', view });
  all.add(told(2, { trouble, title: 'Failed' }));
  let n = 2;
  return {
    all,
    add(count: number, more: object = {}) {
      for (let index = 0; index < count; index += 1) {
        n += 1;
        all.add(told(n, more));
      }
    },
  };
}

describe('the entries of a session', () => {
  it('at most 12,000 entries are kept, and the first one is a view that tells of the last trouble', () => {
    const { all, add } = kept({ now: 0 });
    add(30_000);
    expect(all.all.length).toBeLessThanOrEqual(12_000);
    expect(all.all.length).toBeGreaterThanOrEqual(10_000);
    const [first] = all.all;
    expect(first).toMatchObject({ kind: 'view', view, earlier: { title: 'Failed', trouble } });
    const history = new History(session, all.all);
    expect(history.troubleAt(history.lastAt)).toMatchObject({
      title: 'Failed',
      at: 2,
      trouble: { code: 40170 },
    });
    expect(all.all.every(({ n }, index) => n === (first?.n ?? 0) + index)).toBe(true);
  });

  it('entries are kept for a day, by a clock that is never set', () => {
    const clock = { now: 0 };
    const { all, add } = kept(clock);
    add(500);
    clock.now = 20 * HOUR_MS;
    add(500);
    expect(all.all).toHaveLength(1_002);
    clock.now = 30 * HOUR_MS;
    add(1);
    expect(all.all).toHaveLength(501);
    expect(all.all[0]).toMatchObject({ kind: 'view' });
  });

  it('entries with very long texts are kept up to a size', () => {
    const { all, add } = kept({ now: 0 });
    add(200, { detail: 'x'.repeat(200_000) });
    const letters = JSON.stringify(all.all).length;
    expect(letters).toBeLessThan(22 * 1024 * 1024);
    expect(letters).toBeGreaterThan(10 * 1024 * 1024);
  });
});

const LONG = 'x'.repeat(200_000);

describe('entries with a long field', () => {
  const step = { machine: 'auth', event: 'a', edges: [] };
  const long: [string, Entry][] = [
    ['edges', { n: 1, at: 1, kind: 'step', step: { ...step, edges: [LONG] } }],
    ['event', { n: 1, at: 1, kind: 'step', step: { ...step, event: LONG } }],
    ['trouble', told(1, { trouble: { ...trouble, causes: [LONG] } })],
    ['active states', { n: 1, at: 1, kind: 'view', view: { ...view, active: { auth: [LONG] } } }],
    ['events that are possible', { n: 1, at: 1, kind: 'view', view: { ...view, may: [LONG] } }],
    [
      'unknown field',
      {
        n: 1,
        at: 1,
        kind: 'view',
        view: { ...view, decision: Object.assign({ more: LONG }, view.decision) },
      },
    ],
  ];

  it.each(long)('%s: the recorder, the server and the page keep them up to a size', (_what, entry) => {
    const all = new KeptEntries(() => 0);
    const relayed = new RelayedSessions(() => 0);
    const sessions = new Sessions();
    const hello = { type: 'hello' as const, now: 1, session, entries: [] };
    relayed.begin(hello);
    sessions.hello(hello);
    for (let n = 1; n <= 200; n += 1) {
      all.add({ ...entry, n });
      relayed.add({ ...entry, n });
      sessions.add({ ...entry, n });
    }
    const [message] = relayed.messages();
    const recording = { session, entries: Array.from({ length: 200 }, (_, at) => ({ ...entry, n: at + 1 })) };
    const sizes = [
      all.all,
      message,
      sessions.linked.history.entries,
      sessions.open(recording).history.entries,
    ];
    for (const kept of sizes) {
      expect(JSON.stringify(kept).length).toBeLessThan(22 * 1024 * 1024);
      expect(JSON.stringify(kept).length).toBeGreaterThan(10 * 1024 * 1024);
    }
    expect(sessions.linked.history.entry(200)?.n).toBe(200);
  });
});

describe('the protocol messages of a session', () => {
  it('a flood of messages is sent to the page in batches, and the last 200 are kept', () => {
    const clock = { now: 0 };
    const frames = new Frames(() => clock.now);
    let batches = 0;
    for (let index = 0; index < 10_000; index += 1) {
      frames.add({ at: index, after: 1, isSent: false, action: 15, size: 10 });
      if (frames.batch(false).length > 0) batches += 1;
      clock.now += 1;
    }
    expect(batches).toBeLessThan(100 + 10 * 20 + 2);
    expect(frames.all).toHaveLength(200);
    expect(frames.all.at(-1)?.at).toBe(9_999);
    // With the next entry the rest is sent.
    expect(frames.batch(true).at(-1)?.at).toBe(9_999);
    expect(frames.batch(true)).toEqual([]);
  });
});

describe('the sessions of a page and of a server', () => {
  const hello = (id: string | undefined) => ({
    type: 'hello' as const,
    now: 1,
    session: { ...session, ...(id === undefined ? {} : { id }) },
    entries,
  });

  it('a page that connects again shows the same session, and a new one beside it', () => {
    const sessions = new Sessions();
    const first = sessions.hello(hello('one'));
    expect(sessions.hello(hello('one'))).toBe(first);
    const second = sessions.hello(hello('two'));
    expect(sessions.all).toEqual([first, second]);
    expect([first.state, second.state]).toEqual(['gone', 'live']);
    for (let index = 0; index < 20; index += 1) sessions.hello(hello(`more ${index}`));
    expect(sessions.all).toHaveLength(5);
    expect(sessions.all.at(-1)).toBe(sessions.linked);
  });

  it('a program that is restarted again and again does not push out the session with the trouble', () => {
    const failed = told((entries.at(-1)?.n ?? 0) + 1, { trouble });
    const longer = told(failed.n + 1);
    const sessions = new Sessions();
    const relayed = new RelayedSessions(() => 0);
    for (const more of [[failed, longer], [failed], ...Array.from({ length: 20 }, () => [])]) {
      const id = `${Math.random()}`;
      sessions.hello({ ...hello(id), entries: [...entries, ...more] });
      relayed.begin({ ...hello(id), entries: [...entries, ...more] });
    }
    const counts = [...relayed.messages()].map((one) => (one.type === 'hello' ? one.entries.length : 0));
    const [first = 0, second = 0] = [entries.length + 2, entries.length + 1];
    expect(sessions.all.slice(0, 2).map(({ history }) => history.entries.length)).toEqual([first, second]);
    expect(sessions.all).toHaveLength(5);
    expect(counts.filter((count) => count > 0)).toEqual([
      first,
      second,
      entries.length,
      entries.length,
      entries.length,
    ]);
    // Of sessions with trouble the one with the fewest entries is dropped first.
    for (let count = 0; count < 10; count += 1)
      sessions.hello({ ...hello(`bad ${count}`), entries: [...entries, failed] });
    expect(sessions.all[0]?.history.entries).toHaveLength(first);
  });

  it('the session that the user looks at stays', () => {
    const sessions = new Sessions();
    const seen = sessions.hello(hello('seen'));
    sessions.isSeen = (one) => one === seen;
    for (let index = 0; index < 20; index += 1) sessions.hello(hello(`more ${index}`));
    expect(sessions.all).toHaveLength(5);
    expect(sessions.all[0]).toBe(seen);
  });

  it('two programs that say the same id have two sessions', () => {
    const relayed = new RelayedSessions(() => 0);
    expect([...relayed.messages()]).toEqual([]);
    const ids = [
      relayed.begin(hello('same')),
      relayed.begin(hello('same')),
      relayed.begin(hello(undefined)),
    ].map((one) => one.session.id);
    expect(new Set(ids).size).toBe(3);
    const sent = () =>
      [...relayed.messages()].map((one) => (one.type === 'hello' ? (one.isOver ?? false) : one.type));
    expect(sent()).toEqual([true, true, false]);
    relayed.end();
    expect(sent()).toEqual([true, true, false, 'gone']);
  });
});

describe('a recording', () => {
  it('a file of more than 64 MB is not read', () => {
    expect(() => checkFileSize(64 * 1024 * 1024)).not.toThrow();
    expect(() => checkFileSize(200 * 1024 * 1024)).toThrow(
      'This file has 200 MB; a recording has at most 64 MB.',
    );
  });
});
