import type { TemplateResult } from 'lit-html';
import { expect, it } from 'vitest';
import { Auth } from '../../../src/index.js';
import type { ConnectionFacts, StudioMessage, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording } from '../../../src/studio/recording.js';
import { Subject } from '../../../src/studio/subject.js';
import { connectionPane } from '../../../src/studio/ui/connection-pane.js';
import { Model } from '../../../src/studio/ui/model.js';
import { standingOf } from '../../../src/studio/ui/panel.js';

const recorder = new Recorder(new Subject(new Auth({ authCallback: async () => 'a token' })));
const { session, entries } = readRecording(recorder.recording());
const [first] = entries;
if (first?.kind !== 'view') throw new Error('there is no view');
const { view } = first;

/** All texts of a template, with the values of its attributes. */
function textOf(part: unknown): string {
  if (Array.isArray(part)) return part.map(textOf).join('');
  if (typeof part === 'string' || typeof part === 'number') return String(part);
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
