import type { TemplateResult } from 'lit-html';
import { afterEach, expect, it, vi } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { ConnectionFacts, StudioMessage, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording } from '../../../src/studio/recording.js';
import { RelayedSessions } from '../../../src/studio/server/relayed-sessions.js';
import { Subject } from '../../../src/studio/subject.js';
import { connectionPane } from '../../../src/studio/ui/connection-pane.js';
import { lanes } from '../../../src/studio/ui/lanes.js';
import { masthead } from '../../../src/studio/ui/masthead.js';
import { Model } from '../../../src/studio/ui/model.js';
import { standingOf } from '../../../src/studio/ui/panel.js';
import { Scale } from '../../../src/studio/ui/scale.js';
import { momentText, timeText } from '../../../src/studio/ui/time-text.js';
import { summary } from '../../../src/studio/ui/timeline.js';
import { tokenPane } from '../../../src/studio/ui/token-pane.js';

const recorder = new Recorder(new Subject(new Auth({ authCallback: async () => 'a token' })));
const { session, entries } = readRecording(recorder.recording());
const [first] = entries;
if (first?.kind !== 'view') throw new Error('there is no view');
const { view } = first;

afterEach(() => vi.useRealTimers());

const token = {
  ...{ issued: 1, expires: 2, capability: '{}', clientId: null, keyName: 'a.b' },
  ...{ receivedInMs: 0, renewInMs: null, diesInMs: null },
};

/** All texts of a template, with the values of its attributes. */
function textOf(part: unknown): string {
  if (Array.isArray(part)) return part.map(textOf).join('');
  if (typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean') return String(part);
  if (typeof part !== 'object' || part === null) return '';
  const { strings, values } = part as TemplateResult;
  return strings.map((text, index) => text + textOf(values[index])).join('');
}

const viewWith = (connection: Partial<ConnectionFacts>): View => ({
  ...view,
  connection: { state: 'connected', id: null, ...connection },
});

/** A page that got these messages. */
function page(...messages: readonly StudioMessage[]): Model {
  const model = new Model({ subscribe: () => () => {}, perform: async () => {} });
  for (const message of messages) model.take(message);
  return model;
}

const hello = (now = first.at, one = view): StudioMessage => ({
  ...{ type: 'hello', now, session },
  entries: [{ n: 1, at: first.at, kind: 'view', view: one }],
});

it('a suspended connection is not said to have had a session', () => {
  const shown = viewWith({ state: 'suspended', tries: 3 });
  const text = textOf(connectionPane(page(hello(first.at, shown)), shown));
  expect(text).toContain('It cannot be resumed. 3 tries failed.');
  expect(text).not.toContain('forgotten');
});

it('the button of the panel is in the colour of trouble until the connection is open again', () => {
  const error = { code: 80003, message: 'the transport failed' };
  const toneOf = (connection: Partial<ConnectionFacts>) => {
    const shown = viewWith(connection);
    return standingOf({ ...shown, decision: { ...shown.decision, value: 'authorized' } }, false).tone;
  };
  expect(toneOf({ state: 'connecting' })).toBe('authorized');
  expect(toneOf({ state: 'disconnected', error })).toBe('renewing');
  expect(toneOf({ state: 'connecting', error })).toBe('renewing');
  expect(toneOf({ state: 'connected', error: null })).toBe('authorized');
});

it('a recording is told in the past', () => {
  const forgottenAt = first.at + 60_000;
  const shown: View = {
    ...viewWith({ state: 'disconnected', forgottenAt }),
    acquired: { at: first.at - 9_000, attempt: 1, reason: 'first', stepsMs: {} },
    decision: { ...view.decision, token: { ...token, receivedInMs: -9_000, diesInMs: 60_000 } },
  };
  const model = page();
  model.open({ session, entries: [{ n: 1, at: first.at, kind: 'view', view: shown }] });
  const told = [summary(model), textOf(tokenPane(model, shown)), textOf(connectionPane(model, shown))];
  expect(told.join('\n')).not.toMatch(/\bis \b|\bago\b|forgets|>Good/);
  for (const part of [
    'connection was, on ',
    'client was, on ',
    'At that moment: Idle',
    'At that moment: It tries',
  ])
    expect(told.join('\n')).toContain(part);
  for (const part of ['(9 s before)', 'Was good for 60 s', 'was going to forget the session in 60 s'])
    expect(told.join('\n')).toContain(part);
});

it('the list of sessions selects the shown one, also after the user has chosen another, and has dates', () => {
  const model = page(hello());
  model.open({ session, entries });
  const text = textOf(masthead(model));
  // The attribute has no effect on a list in which the user has chosen.
  expect(text.match(/<option .*?>/g)).toEqual(['<option .selected=false>', '<option .selected=true>']);
  expect(text).toContain(`${momentText(first.at)} to ${momentText(first.at)}`);
});

it('a program that stands still is not shown alive after the expiry of its token', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const shown: View = {
    ...viewWith({}),
    decision: { ...view.decision, value: 'authorized', token: { ...token, diesInMs: 60_000 } },
  };
  const model = page(hello(first.at, shown));
  vi.advanceTimersByTime(69_000);
  expect([model.isLive, model.now]).toEqual([true, first.at + 69_000]);
  vi.advanceTimersByTime(2_000);
  const heard = timeText(first.at);
  expect(textOf(masthead(model))).toContain(`nothing was heard since ${heard}`);
  expect(textOf(tokenPane(model, shown))).toContain(`The token was, on ${momentText(first.at)}`);
  expect(textOf(connectionPane(model, shown))).toContain('data-tone=idle');
  const era = model.history.eraAt(model.n);
  const scale = new Scale([first.at, first.at + 100_000], 0, 1_000);
  expect(era && textOf(lanes(era, scale, model))).toContain('asleep for 1 min 11 s: nothing was seen');
  model.take({ type: 'entry', entry: { n: 2, at: first.at + 72_000, kind: 'view', view } });
  expect(model.isLive).toBe(true);
  expect(model.history.eraAt(2)?.unseen).toEqual([{ from: first.at, to: first.at + 72_000 }]);
});

it('of a client whose clock runs fast, nothing is heard for as long in real time', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const shown: View = {
    ...{ ...view, rate: 60 },
    decision: { ...view.decision, value: 'authorized', token: { ...token, diesInMs: 60_000 } },
  };
  const model = page(hello(first.at, shown));
  vi.advanceTimersByTime(10_000);
  expect(model.isLive).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(model.isLive).toBe(false);
});

it('a page that connects again shows the reader the same session, moment and period', () => {
  const relayed = new RelayedSessions(() => 0);
  const say = (id: string) =>
    relayed.begin({ type: 'hello', now: first.at, session: { ...session, id }, entries });
  say('before');
  say('now');
  for (let n = 2; n < 5; n += 1) {
    const told = { about: 'hand', tone: 'calm', title: `${n}`, detail: '' } as const;
    relayed.add({ n, at: first.at + n, kind: 'told', ...told });
  }
  const model = page(...relayed.messages());
  expect([model.sessions.all.length, model.state, model.n]).toEqual([2, 'live', 4]);
  model.travelTo(3);
  model.window.pan(1, model.now);
  const { shown } = model;
  model.take({ type: 'gone' });
  for (const message of relayed.messages()) model.take(message);
  expect(model.shown).toBe(shown);
  expect(model.sessions.all.map(({ state }) => state)).toEqual(['gone', 'live']);
  expect([model.n, model.window.isFollowing]).toEqual([3, false]);
  const [before] = model.sessions.all;
  if (before !== undefined) model.show(before);
  model.take({ type: 'gone' });
  for (const message of relayed.messages()) model.take(message);
  expect(model.shown).toBe(before);
});

it('a page that connects when all programs are gone shows the last one', () => {
  const relayed = new RelayedSessions(() => 0);
  relayed.begin({ type: 'hello', now: first.at, session, entries });
  relayed.end();
  const model = page(...relayed.messages());
  expect([model.sessions.all.length, model.state, model.view !== undefined]).toEqual([1, 'gone', true]);
});
