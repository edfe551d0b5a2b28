import { afterEach, describe, expect, it } from 'vitest';
import { Device } from '../../../src/cli/device.js';
import { ShiftableClock } from '../../../src/cli/shiftable-clock.js';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type ConnectionAdapter, type ConnectionState, ErrorInfo } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { ConnectionWatch } from '../../../src/studio/connection-facts.js';
import { History } from '../../../src/studio/history.js';
import type { Entry, StudioMessage, Told, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { readRecording } from '../../../src/studio/recording.js';
import { messageIn } from '../../../src/studio/schema.js';
import { Subject } from '../../../src/studio/subject.js';
import { Model } from '../../../src/studio/ui/model.js';
import { dateText, momentText, timeText, zoneText } from '../../../src/studio/ui/time-text.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

const HOUR_MS = 3_600_000;
const TOKEN = 'appId.a-Token-Nobody-May-See-0123456789';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

/** A client with a real connection to a service in memory, and a page that shows it. */
function studio(options: { capability?: Record<string, string[]>; spread?: number; clientId?: string } = {}) {
  const base = new VirtualClock();
  const clock = new ShiftableClock(base);
  const device = new Device(clock);
  const sandbox = createSandbox({ clock });
  const [key] = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys;
  const backend = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch, clock });
  const connection = new RealtimeConnection({
    WebSocket: sandbox.WebSocket,
    clock: device.clock,
    autoConnect: false,
    random: () => 0.5,
    fetch: sandbox.fetch,
  });
  const state = { isDown: false };
  const { capability, clientId, spread = 0 } = options;
  const auth = new Auth({
    async authCallback(params) {
      if (state.isDown)
        throw new ErrorInfo({
          code: 40170,
          message: 'the endpoint is down',
          cause: new Error('ECONNREFUSED'),
        });
      return await backend.requestToken({ ...params, ttl: HOUR_MS });
    },
    defaultTokenParams: { ...(capability && { capability }), ...(clientId && { clientId }) } as never,
    clock: device.clock,
    environment: device.environment,
    connection,
    random: () => 0.5,
    renewal: { spread },
  });
  const recorder = new Recorder(new Subject(auth), {
    title: 'a test',
    standing: () => ({ on: state.isDown ? ['down'] : [], rate: 1 }),
    controls: [
      {
        ...{
          name: 'down',
          label: 'Source down',
          hint: 'the source answers nothing',
          group: 'fault' as const,
        },
        run() {
          state.isDown = !state.isDown;
        },
      },
    ],
  });
  const model = new Model({ subscribe: () => () => {}, perform: async () => {} });
  const messages: StudioMessage[] = [];
  recorder.subscribe((message) => {
    messages.push(message);
    const sent: unknown = JSON.parse(JSON.stringify(message));
    expect(messageIn(sent)).toEqual(sent);
    model.take(message);
  });
  undo.push(
    () => sandbox.dispose(),
    () => backend.dispose(),
    () => connection.dispose(),
    () => auth.dispose(),
  );
  return { auth, base, clock, connection, device, messages, model, recorder, sandbox, state };
}

/** Lets time pass until something is so. */
async function advanceUntil(clock: VirtualClock, isSo: () => boolean): Promise<void> {
  for (let step = 0; step < 2_000 && !isSo(); step += 1) await clock.advance(250);
  expect(isSo()).toBe(true);
}

const told = ({ history }: Model, title: string): (Entry & Told) | undefined => {
  const entry = history.told.findLast((one) => one.title === title);
  return entry as (Entry & Told) | undefined;
};

const viewOf = ({ view }: Model): View => {
  if (view === undefined) throw new Error('there is no view');
  return view;
};

describe('a sleep', () => {
  it('the sleep is noted, and no bar is drawn over it', async () => {
    const { auth, base, device, model, sandbox } = studio();
    await auth.authorize();
    await base.advance(1_000);
    const asleepAt = device.clock.now();
    sandbox.cutConnections();
    device.sleep(2 * HOUR_MS);
    await base.advance(10_000);
    expect(told(model, 'Woke up')).toMatchObject({
      unseenMs: 2 * HOUR_MS,
      detail: 'the wall clock ran ahead by 2 h: nothing was seen meanwhile',
    });
    const [unseen, ...others] = model.history.eraAt(model.n)?.unseen ?? [];
    expect(others).toEqual([]);
    expect(Math.abs((unseen?.from ?? 0) - asleepAt)).toBeLessThanOrEqual(1_000);
    expect(Math.abs((unseen?.to ?? 0) - asleepAt - 2 * HOUR_MS)).toBeLessThanOrEqual(1_000);
    // The client counts the receipt of its token anew. The token is the same.
    expect(model.history.tokens.map(({ number, end }) => [number, end])).toEqual([
      [1, 'died'],
      [2, null],
    ]);
  });

  it('a client that stood still while its token expired saw nothing, even if no clock says so', async () => {
    const { auth, base, clock, model } = studio();
    await auth.authorize();
    await base.advance(1_000);
    const before = clock.now();
    clock.shift(5 * HOUR_MS);
    await base.advance(10_000);
    expect(model.history.eraAt(model.n)?.unseen).toEqual([
      { from: expect.any(Number), to: expect.any(Number) },
    ]);
    const [unseen] = model.history.eraAt(model.n)?.unseen ?? [];
    expect(Math.abs((unseen?.to ?? 0) - before - 5 * HOUR_MS)).toBeLessThan(5_000);
  });
});

describe('a connection in trouble', () => {
  it('the studio knows its state, why, which try it is, when the next one is and when the server forgets it', async () => {
    const { auth, base, connection, model, sandbox } = studio();
    await auth.authorize();
    await base.advance(1_000);
    expect(viewOf(model).connection).toMatchObject({
      state: 'connected',
      tries: 0,
      error: null,
      forgottenAt: null,
    });
    sandbox.setFault({ connect: 'refuse' });
    sandbox.cutConnections();
    await advanceUntil(
      base,
      () => connection.state === 'disconnected' && (viewOf(model).connection?.tries ?? 0) > 1,
    );
    expect(auth.state.value).toBe('authorized');
    const { connection: facts } = viewOf(model);
    expect(facts).toMatchObject({
      state: 'disconnected',
      error: { code: 80003 },
      address: 'wss://main.realtime.ably.net',
    });
    expect(facts?.tries).toBeGreaterThan(1);
    expect(facts?.nextTryAt).toBeGreaterThan(model.history.lastAt);
    const lost = model.history.told.find(({ title }) => title === 'Connection disconnected');
    // The service keeps a lost connection for two minutes.
    expect(Math.abs((facts?.forgottenAt ?? 0) - (lost?.at ?? 0) - 120_000)).toBeLessThan(2_000);
    const [, disconnected] = model.history.connection.slice(-2);
    expect(disconnected).toMatchObject({ what: 'disconnected' });
    expect(disconnected?.tries.length).toBe(facts?.tries);
    await advanceUntil(base, () => connection.state === 'suspended');
    await base.advance(1);
    expect(viewOf(model).connection).toMatchObject({ state: 'suspended', forgottenAt: null });
    await base.advance(120_000);
    expect(model.history.connection.slice(-2).map(({ what }) => what)).toEqual(['disconnected', 'suspended']);
    expect(model.history.connection.slice(-1)[0]?.tries.length).toBeGreaterThan(1);
    sandbox.setFault({});
    await advanceUntil(base, () => connection.state === 'connected');
    await base.advance(1);
    expect(viewOf(model).connection).toMatchObject({ state: 'connected', error: null, tries: 0 });
    expect(model.history.troubleAt(model.n)).toMatchObject({ about: 'connection', trouble: { code: 80003 } });
  });
});

describe('the tries of a connection', () => {
  it('the loss of a connection is not a failed try', async () => {
    const { auth, base, connection, messages, sandbox } = studio();
    await auth.authorize();
    await base.advance(1_000);
    sandbox.cutConnections();
    await advanceUntil(base, () => connection.state === 'connected');
    await base.advance(1);
    const tries = messages.flatMap((one) =>
      one.type === 'entry' && one.entry.kind === 'view' ? [one.entry.view.connection] : [],
    );
    expect(tries.map((facts) => facts?.state)).toContain('disconnected');
    expect(new Set(tries.map((facts) => facts?.tries))).toEqual(new Set([0]));
  });

  it('of an adapter that does not count its tries, only failures after "connecting" count', () => {
    const watch = new ConnectionWatch({ state: 'connected' } as ConnectionAdapter, null);
    const triesAfter = (state: ConnectionState) => {
      watch.changed({ state }, 0);
      return watch.facts(0).tries;
    };
    const states = ['disconnected', 'connecting', 'disconnected', 'suspended', 'connecting', 'suspended'];
    expect([...states, 'connected'].map((state) => triesAfter(state as ConnectionState))).toEqual([
      0, 0, 1, 1, 1, 2, 0,
    ]);
  });
});

describe('the session of a connection', () => {
  it('a server that never accepted the connection forgets nothing', async () => {
    const { auth, base, connection, messages, sandbox } = studio();
    sandbox.setFault({ connect: 'refuse' });
    void auth.authorize().catch(() => {});
    await advanceUntil(base, () => connection.state === 'suspended');
    const facts = messages.flatMap((one) =>
      one.type === 'entry' && one.entry.kind === 'view' ? [one.entry.view.connection] : [],
    );
    expect(facts.map((one) => one?.state)).toContain('disconnected');
    expect(facts.filter((one) => one?.forgottenAt != null)).toEqual([]);
  });
});

describe('the last trouble', () => {
  it('the trouble has its reason, code, cause, address, remedy and page, and stays after the recovery', async () => {
    const { auth, base, model, state } = studio();
    state.isDown = true;
    await auth.authorize().catch(() => {});
    await base.advance(10);
    state.isDown = false;
    await auth.authorize();
    await base.advance(1_000);
    expect(viewOf(model).decision.error).toBeNull();
    expect(model.history.troubleAt(model.n)).toMatchObject({
      title: 'Failed',
      trouble: {
        code: 40170,
        message: 'the endpoint is down',
        reason: 'source failed',
        causes: ['ECONNREFUSED'],
        address: 'authCallback',
        href: expect.stringMatching(/^https:.*40170/),
      },
    });
    const first = model.history.told.find(({ title }) => title === 'Failed');
    expect(model.history.troubleAt((first?.n ?? 0) - 1)).toBeUndefined();
  });

  it('an error of an earlier step is not the reason of a step that the server asked for', async () => {
    const { auth, base, model, sandbox, state } = studio();
    await auth.authorize();
    await base.advance(60_000);
    state.isDown = true;
    await auth.authorize().catch(() => {});
    state.isDown = false;
    sandbox.askForReauth();
    await base.advance(1_000);
    expect(viewOf(model).acquired).toMatchObject({ why: 'the server asked for a new token, one try failed' });
  });
});

describe('a fault', () => {
  it('a fault that is switched off is said to be off', async () => {
    const { base, model, recorder } = studio();
    await recorder.perform('down');
    await recorder.perform('down');
    await base.advance(1);
    expect(model.history.told.map(({ title, detail }) => [title, detail])).toEqual([
      ['Source down', 'the source answers nothing'],
      ['Source down: off', 'no longer: the source answers nothing'],
    ]);
  });
});

describe('a token', () => {
  it('the studio shows why it was obtained, in the words of the explanation, and how long each step took', async () => {
    const { auth, base, model } = studio();
    await auth.authorize();
    await base.advance(HOUR_MS * 0.95);
    expect(viewOf(model).acquired).toMatchObject({
      reason: 'renewal',
      why: expect.stringMatching(/^\d\d % of a 1 h life has passed$/),
      attempt: 1,
      stepsMs: { asking: expect.any(Number), presenting: expect.any(Number) },
    });
    expect(viewOf(model).isSpread).toBe(false);
  });

  it('a first renewal that is planned early is said to be spread', async () => {
    const { auth, base, model } = studio({ spread: 0.98 });
    await auth.authorize();
    await base.advance(1_000);
    expect(viewOf(model).isSpread).toBe(true);
  });

  it('its claims are shown without its signature, and claims of the application without their values', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    // Even a signature that can be read like a part of the token is not read.
    const signature = part({ iss: 'signed' });
    const claims = {
      iat: 1_700_000_000,
      exp: 4_000_000_000,
      'x-ably-clientId': 'zoë',
      'x-ably-capability': '{"*":["*"]}',
    };
    const own = { email: 'ada@example.com', roles: ['a-Role-Nobody-May-See-0123456789'], 'x-secret': 'very' };
    const token = `${part({ alg: 'HS256', kid: 'appId.keyId:the-Secret-Of-The-Key' })}.${part({ ...claims, ...own })}.${signature}`;
    const auth = new Auth({ authCallback: async () => token, clock: new VirtualClock() });
    const recorder = new Recorder(new Subject(auth));
    const messages: StudioMessage[] = [];
    recorder.subscribe((message) => messages.push(message));
    undo.push(() => auth.dispose());
    await auth.authorize();
    await Promise.resolve();
    const entries = messages.flatMap((one) => (one.type === 'entry' ? [one.entry] : []));
    const entry = entries.find((one) => one.kind === 'told' && one.claims !== undefined);
    const texts =
      entry?.kind === 'told'
        ? Object.fromEntries((entry.claims ?? []).map(({ name, text }) => [name, text]))
        : {};
    expect(texts).toMatchObject({
      kid: 'appId.keyId',
      iat: '1700000000 (2023-11-14 22:13:20 UTC)',
      'x-ably-clientId': 'zoë',
      'x-ably-capability': '{"*":["*"]}',
      email: 'a string, not shown',
      roles: 'a list, not shown',
    });
    const all = JSON.stringify(messages) + recorder.recording();
    expect(all).not.toContain('signed"');
    for (const secret of [signature, token, 'the-Secret', 'ada@example.com', 'a-Role-Nobody', 'very"'])
      expect(all).not.toContain(secret);
  });
});

describe('channels and clients', () => {
  it('the names of channels and the clientId are whole, however they look and however many there are', async () => {
    const capability: Record<string, string[]> = {
      'inbox:user_2NNEqL2nrIRdJ194ndJqAHwEfxC': ['subscribe', 'presence'],
      'room:3f2504e0-4f89-11d3-9a0c-0305e82c3301': ['subscribe', 'history'],
    };
    for (let index = 0; index < 240; index += 1)
      capability[`tenant-8f14e45fceea167a5a36dedd4bea2543:${index}`] = ['publish'];
    const clientId = 'auth0|8f14e45fceea167a5a36dedd4bea2543';
    const { auth, base, model, recorder } = studio({ capability, clientId });
    await auth.authorize();
    await base.advance(1_000);
    const names = (view: View) => Object.keys(JSON.parse(view.decision.token?.capability ?? '{}')).sort();
    expect(names(viewOf(model))).toEqual(Object.keys(capability).sort());
    expect(viewOf(model).clientId).toBe(clientId);
    const { entries, session } = readRecording(recorder.recording());
    const read = new History(session, entries).viewAt(Number.POSITIVE_INFINITY)?.view;
    expect(read && names(read)).toEqual(Object.keys(capability).sort());
    expect(read?.clientId).toBe(clientId);
  });

  it('a capability that holds the token itself is not shown', async () => {
    const capability = JSON.stringify({ [`copy:${TOKEN}`]: ['*'] });
    const auth = new Auth({ authCallback: async () => ({ token: TOKEN, capability }) as never });
    const recorder = new Recorder(new Subject(auth));
    undo.push(() => auth.dispose());
    await auth.authorize();
    await Promise.resolve();
    expect(recorder.recording()).not.toContain(TOKEN);
  });
});

describe('protocol messages', () => {
  it('the last 200 messages are kept with their direction, action and size, and nothing of their content', async () => {
    const { auth, base, connection, messages, model, recorder } = studio();
    await auth.authorize();
    await base.advance(1_000);
    for (let index = 0; index < 500; index += 1)
      connection.send({
        action: 15,
        channel: 'demo',
        messages: [{ data: `a-Text-Nobody-May-See-${index}` }],
      });
    await auth.authorize();
    await base.advance(1_000);
    const { frames = [] } = readRecording(recorder.recording());
    expect(frames).toHaveLength(200);
    expect(model.frames.slice(-200)).toEqual(frames);
    expect(frames.slice(-2).map(({ isSent, action }) => [isSent, action])).toEqual([
      [true, 17],
      [false, 4],
    ]);
    expect(frames.every(({ size }) => size > 10)).toBe(true);
    // The AUTH message holds a token.
    expect(JSON.stringify(messages)).not.toContain(auth.tokenDetails?.token);
    expect(JSON.stringify(messages)).not.toContain('a-Text-Nobody');
    const { rows } = model.log.rowsAt(model.n, model.frames);
    expect(rows.filter((row) => 'action' in row).length).toBeGreaterThan(1);
    model.log.toggle('message');
    expect(model.log.rowsAt(model.n, model.frames).rows.filter((row) => 'action' in row)).toEqual([]);
  });
});

describe('a clock that is set back', () => {
  it('the timeline begins again, and each entry is shown', async () => {
    const { auth, base, clock, model } = studio();
    await auth.authorize();
    await base.advance(1_000);
    const before = model.n;
    clock.shift(-3 * HOUR_MS);
    await auth.authorize();
    await base.advance(1_000);
    expect(told(model, 'The clock was set back')?.detail).toMatch(
      /^by (3 h|2 h 59 min): the timeline begins again$/,
    );
    expect(model.history.eraAt(before)).not.toBe(model.history.eraAt(model.n));
    for (const { n } of model.history.entries) {
      model.travelTo(n);
      const era = model.history.eraAt(n);
      expect(model.view).toBeDefined();
      expect(model.history.numberAt(era?.lastAt ?? 0, n)).toBe(era?.lastN);
      for (const { from, to } of [...(era?.auth ?? []), ...(era?.connection ?? [])])
        expect(to ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(from);
    }
  });
});

describe('a time', () => {
  it('every time has 24 hours, seconds and its zone', () => {
    const at = Date.UTC(2026, 10, 28, 16, 50, 4);
    expect(timeText(at)).toMatch(/^\d\d:50:04$/);
    expect(dateText(at)).toMatch(/^2[789] Nov 2026$/);
    expect(zoneText(at)).toMatch(/^UTC[+-]\d{1,2}(:\d\d)?$/);
    expect(momentText(at)).toBe(`${dateText(at)}, ${timeText(at)} (${zoneText(at)})`);
  });
});
