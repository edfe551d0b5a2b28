import { afterEach, describe, expect, it } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, ErrorInfo } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { shareTokens } from '../../../src/sharing/index.js';
import type { Entry, StudioMessage, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording } from '../../../src/studio/recording.js';
import { messageIn } from '../../../src/studio/schema.js';
import { Subject } from '../../../src/studio/subject.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { memoryStore } from '../../kit/memory-store.js';

const TOKEN = 'appId.a-Token-Nobody-May-See-0123456789';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const stop of undo.splice(0)) stop();
});

function client(answer?: () => Promise<unknown>) {
  const clock = new VirtualClock();
  const give = async () => ({ token: TOKEN, issued: clock.now(), expires: clock.now() + 60_000 });
  const auth = new Auth({ authCallback: (answer ?? give) as never, clock, renewal: { spread: 0 } });
  const recorder = new Recorder(new Subject(auth));
  const messages: StudioMessage[] = [];
  undo.push(
    () => auth.dispose(),
    recorder.subscribe((message) => messages.push(message)),
  );
  return { auth, clock, recorder, messages };
}

const entriesIn = (messages: readonly StudioMessage[]): Entry[] =>
  messages.flatMap((message) =>
    message.type === 'hello' ? message.entries : message.type === 'entry' ? [message.entry] : [],
  );

const titles = (messages: readonly StudioMessage[]) =>
  entriesIn(messages).flatMap((entry) => (entry.kind === 'told' ? [entry.title] : []));

const lastView = (messages: readonly StudioMessage[]): View => {
  const entry = entriesIn(messages).findLast(({ kind }) => kind === 'view');
  if (entry?.kind !== 'view') throw new Error('there is no view');
  return entry.view;
};

describe('the recorder', () => {
  it('the recorder records the state and then the events, and never the token', async () => {
    const { auth, messages } = client();
    await auth.authorize();
    await Promise.resolve();
    expect(titles(messages)).toEqual(['Requesting a token', 'Authorized']);
    expect(lastView(messages)).toMatchObject({
      decision: { value: 'authorized', next: { step: 'renew' }, token: { diesInMs: 60_000 } },
      active: { auth: ['auth.authorized'] },
      connection: null,
    });
    const steps = entriesIn(messages).flatMap((entry) => (entry.kind === 'step' ? [entry.step] : []));
    expect(steps.filter(({ machine }) => machine === 'auth').flatMap(({ edges }) => edges)).toEqual([
      'auth→auth.requesting',
      'auth.requesting→auth.authorized',
    ]);
    expect(steps.map(({ event }) => event)).toEqual([
      'authorize',
      'acquisition asking',
      'acquisition presenting, the previous step took 0 ms',
      'acquisition over, the previous step took 0 ms',
      'acquisition done',
    ]);
    expect(JSON.stringify(messages)).not.toContain(TOKEN);
  });

  it('the recorder records the steps of a running acquisition with their durations', async () => {
    const { auth, clock, messages } = client(
      () => new Promise((resolve) => void clock.setTimeout(() => resolve(TOKEN), 250)),
    );
    const steps = () =>
      entriesIn(messages).flatMap((entry) => (entry.kind === 'step' ? entry.step.event : []));
    const promise = auth.authorize();
    await Promise.resolve();
    expect(steps()).toEqual(['authorize', 'acquisition asking']);
    expect(lastView(messages).active).toEqual({ auth: ['auth.requesting'] });
    await clock.advance(250);
    await promise;
    expect(steps()).toContain('acquisition presenting, the previous step took 250 ms');
  });

  it('the recorder tells in words what a client does that shares its token', async () => {
    const clock = new VirtualClock();
    const store = memoryStore(clock);
    const lines: string[] = [];
    const member = () =>
      new Auth({
        ...{ clock, sharing: shareTokens(store.port, { session: () => 'ada' }) },
        authCallback: () => new Promise((resolve) => void clock.setTimeout(() => resolve(TOKEN), 50)),
        logLevel: 'debug',
        logHandler: (line) => lines.push(line),
      });
    const [one, other] = [member(), member()];
    const messages: StudioMessage[] = [];
    new Recorder(new Subject(other)).subscribe((message) => messages.push(message));
    one.getToken();
    const got = other.getToken();
    await clock.advance(1_000);
    await got;
    const texts = entriesIn(messages).flatMap((entry) => (entry.kind === 'step' ? entry.step.event : []));
    for (const words of [
      'waiting for another member, which asks the source',
      'adopted the token of another member',
    ]) {
      expect(
        texts.filter((text) => text.startsWith(`acquisition ${words}, the previous step took`)),
      ).toHaveLength(1);
      expect(lines.filter((line) => line.includes(`sharing: ${words}`))).toHaveLength(1);
    }
    for (const auth of [one, other]) auth.dispose();
  });

  it('a later subscriber receives the earlier entries', async () => {
    const { auth, recorder } = client();
    await auth.authorize();
    const later: StudioMessage[] = [];
    recorder.subscribe((message) => later.push(message));
    expect(later).toHaveLength(1);
    expect(titles(later)).toEqual(['Requesting a token', 'Authorized']);
  });

  it('entries are numbered, and equal views are left out', async () => {
    const { auth, clock, recorder, messages } = client();
    await auth.authorize();
    await clock.advance(1_000);
    const before = entriesIn(messages).length;
    recorder.refresh();
    await clock.advance(1_000);
    recorder.refresh();
    await Promise.resolve();
    expect(entriesIn(messages)).toHaveLength(before);
    expect(entriesIn(messages).map(({ n }) => n)).toEqual(Array.from({ length: before }, (_, i) => i + 1));
  });

  it('a page that connects after very many entries gets the state at each kept entry', async () => {
    const { auth, recorder } = client();
    await auth.authorize();
    const calm = { about: 'service', tone: 'calm', detail: '' } as const;
    for (let index = 0; index < 12_100; index += 1) recorder.note({ ...calm, title: `${index}` });
    const later: StudioMessage[] = [];
    recorder.subscribe((message) => later.push(message));
    const [first, ...others] = entriesIn(later);
    expect(first).toMatchObject({ kind: 'view', view: { decision: { value: 'authorized' } } });
    expect(others.length).toBeGreaterThan(9_000);
    expect(others.map(({ n }, index) => n - index)).toEqual(others.map(() => (first?.n ?? 0) + 1));
  });

  it('a disposed recorder records nothing, and the client continues', async () => {
    const { auth, recorder, messages } = client();
    recorder.dispose();
    const before = messages.length;
    await auth.authorize();
    expect(messages.at(-1)).toEqual({ type: 'gone' });
    expect(messages).toHaveLength(before);
    expect(auth.state.value).toBe('authorized');
  });

  it('the disposal of the client is reported, also to later subscribers', async () => {
    const { auth, recorder, messages } = client();
    await auth.authorize();
    auth.dispose();
    expect(titles(messages).at(-1)).toBe('Disposed of');
    expect(messages.at(-1)).toEqual({ type: 'gone' });
    await Promise.resolve();
    const before = messages.length;
    const later: StudioMessage[] = [];
    for (const shown of [recorder, new Recorder(new Subject(auth))]) {
      shown.subscribe((message) => later.push(message));
      expect(later.splice(0).map(({ type }) => type)).toEqual(['hello', 'gone']);
      await expect(shown.perform('authorize')).rejects.toThrow('The client was disposed of');
    }
    expect(messages).toHaveLength(before);
  });

  it('a secret in a message of a source is not recorded', async () => {
    const { auth, messages } = client(async () => {
      throw new ErrorInfo({ code: 40170, message: `cannot use ${TOKEN}`, cause: new Error(TOKEN) });
    });
    await auth.authorize().catch(() => {});
    await Promise.resolve();
    expect(titles(messages)).toContain('Failed');
    expect(JSON.stringify(messages)).not.toContain(TOKEN);
    expect(JSON.stringify(messages)).toContain('cannot use […]');
  });

  it('the connection is drawn if it has an XState actor', async () => {
    const sandbox = createSandbox();
    const [key] = sandbox.createApp().keys;
    const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket });
    const auth = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch, connection });
    const recorder = new Recorder(new Subject(auth));
    const messages: StudioMessage[] = [];
    undo.push(
      recorder.subscribe((message) => messages.push(message)),
      () => auth.dispose(),
      () => connection.dispose(),
      () => void sandbox.dispose(),
    );
    await auth.authorize();
    await Promise.resolve();
    const [hello] = messages;
    expect(hello?.type === 'hello' && hello.session.charts.map(({ name }) => name)).toEqual([
      'auth',
      'connection',
    ]);
    expect(lastView(messages).connection).toEqual({
      state: 'connected',
      id: connection.id,
      address: 'wss://main.realtime.ably.net',
      error: null,
      tries: 0,
      nextTryAt: null,
      forgottenAt: null,
    });
    expect(lastView(messages).active.connection).toEqual([
      'connection.connected',
      'connection.connected.steady',
    ]);
  });

  it('the state names of another connection and the clientId are not redacted', async () => {
    const machine = createMachine({
      id: 'connection',
      initial: 'waitingForTheUserToComeBack',
      states: {
        waitingForTheUserToComeBack: { on: { 'user.hasComeBackAtLast': 'talkingToTheServerAgain' } },
        talkingToTheServerAgain: {},
      },
    });
    const actor = createActor(machine, { id: 'connection' }).start();
    const clientId = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const connection = { state: 'connected' as const, push: async () => {}, attach: () => () => {}, actor };
    const auth = new Auth({ authCallback: async () => TOKEN, clientId, connection: connection as never });
    const recorder = new Recorder(new Subject(auth));
    const messages: StudioMessage[] = [];
    undo.push(
      recorder.subscribe((message) => messages.push(message)),
      () => auth.dispose(),
    );
    actor.send({ type: 'user.hasComeBackAtLast' });
    await Promise.resolve();
    expect(lastView(messages)).toMatchObject({
      clientId,
      active: { connection: ['connection.talkingToTheServerAgain'] },
    });
    const { session, entries } = readRecording(recorder.recording());
    expect(session.charts.at(-1)).toMatchObject({
      states: [{ name: 'waitingForTheUserToComeBack' }, { name: 'talkingToTheServerAgain' }],
      edges: [{ events: ['user.hasComeBackAtLast'] }],
    });
    expect(entries).toContainEqual(
      expect.objectContaining({
        step: {
          machine: 'connection',
          event: 'user.hasComeBackAtLast',
          edges: ['connection.waitingForTheUserToComeBack→connection.talkingToTheServerAgain'],
        },
      }),
    );
    expect(lastView(entries.map((entry) => ({ type: 'entry', entry })))).toEqual(lastView(messages));
  });

  it('every message passes the schema of the page unchanged', async () => {
    const { auth, clock, messages } = client();
    await auth.authorize();
    await clock.advance(60_000);
    expect(messages.length).toBeGreaterThan(10);
    for (const message of messages) {
      const sent: unknown = JSON.parse(JSON.stringify(message));
      expect(messageIn(sent)).toEqual(sent);
    }
  });
});

describe('the controls of a page', () => {
  it('the control authorize calls authorize() and is recorded', async () => {
    const { auth, recorder, messages } = client();
    await recorder.perform('authorize');
    await auth.getToken();
    expect(titles(messages)).toEqual(['Authorize', 'Requesting a token', 'Authorized']);
  });

  it('events without a payload can be sent when they have an effect', async () => {
    const { auth, recorder, messages } = client();
    expect(lastView(messages).may).toEqual(['token.needed']);
    await recorder.perform('send-token.needed');
    await auth.getToken();
    await Promise.resolve();
    expect(lastView(messages).may).toEqual(['token.needed', 'token.asked', 'forget']);
    await recorder.perform('send-forget');
    expect(auth.state.value).toBe('idle');
  });

  const own = { name: 'switchUserToGraceHopper', label: 'Grace', hint: 'is used', group: 'client' } as const;

  it.each(['switchUserToGraceHopper', 'More', 'ask.more_now-2'])(
    'a control with the name %s works',
    async (name) => {
      const { auth } = client();
      const used: string[] = [];
      const recorder = new Recorder(new Subject(auth), {
        controls: [{ ...own, name, run: () => void used.push(name) }],
      });
      const messages: StudioMessage[] = [];
      recorder.subscribe((message) => messages.push(message));
      const [hello] = messages;
      const names = hello?.type === 'hello' ? hello.session.controls.map((control) => control.name) : [];
      await recorder.perform(names.at(-1) ?? '');
      expect(used).toEqual([name]);
      expect(messageIn(JSON.parse(JSON.stringify(hello)))).toMatchObject({ type: 'hello' });
      recorder.dispose();
    },
  );

  it.each<[string, object, RegExp]>([
    [
      'a name with a space',
      { name: 'ask more' },
      /name of a control must be 1 to 64 letters.*got "ask more"/,
    ],
    ['no name', { name: undefined }, /name of a control must be .* got undefined/],
    ['a name that is used already', { name: 'authorize' }, /"authorize" needs another name/],
    ['no label', { label: '' }, /needs a label/],
    ['no hint', { hint: undefined }, /needs a hint/],
    ['another group', { group: 'mine' }, /needs a group: one of client, event, fault, scenario, speed/],
    ['nothing to run', { run: undefined }, /needs a function run/],
  ])('a control with %s is refused when the recorder is made', (_what, wrong, words) => {
    const { auth } = client();
    const make = () =>
      new Recorder(new Subject(auth), { controls: [{ ...own, run() {}, ...wrong }] as never });
    expect(make).toThrow(expect.objectContaining({ code: 40003 }));
    expect(make).toThrow(words);
  });

  it('the error of a control is recorded without secrets', async () => {
    const { auth } = client();
    const run = () => Promise.reject(new RangeError(`the backend has no ${TOKEN}`));
    const recorder = new Recorder(new Subject(auth), { controls: [{ ...own, run }] });
    await expect(recorder.perform(own.name)).rejects.toThrow(RangeError);
    const told = JSON.parse(recorder.recording()).entries.findLast(({ kind }: Entry) => kind === 'told');
    expect(told).toMatchObject({ tone: 'bad', title: 'Grace: failed', detail: 'the backend has no […]' });
    recorder.dispose();
  });

  it('an unknown control is refused', async () => {
    const { recorder } = client();
    await expect(recorder.perform('explode')).rejects.toThrow(/no control "explode"\. Known: authorize, /);
  });
});
