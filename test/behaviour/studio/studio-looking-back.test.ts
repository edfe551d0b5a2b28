import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateValue } from 'xstate';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth, type AuthEvents } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import type { Entry, StudioMessage, View } from '../../../src/studio/messages.js';
import { Recorder } from '../../../src/studio/recorder.js';
import { Subject } from '../../../src/studio/subject.js';
import { Model } from '../../../src/studio/ui/model.js';
import { describedEvents, wordsFor } from '../../../src/studio/words.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

type Told = Extract<Entry, { readonly kind: 'told' }>;
type Step = Extract<Entry, { readonly kind: 'step' }>;

/** The state of the client at an event, recorded without the studio. */
interface Witnessed {
  readonly title: string;
  readonly state: string;
  readonly connection: string;
  readonly clientId: string | null;
}

/** The state of a machine after a step, recorded without the studio. */
interface WitnessedStep {
  readonly machine: string;
  readonly value: StateValue;
}

let model: Model;
let recorder: Recorder;
const witnessed: Witnessed[] = [];
const steps: WitnessedStep[] = [];
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
  witnessed.length = 0;
  steps.length = 0;
});

function witness(auth: Auth, connection: RealtimeConnection): void {
  for (const name of describedEvents) {
    const take = (payload: never) => {
      const words = wordsFor(name, payload);
      if (words === null) return;
      const { clientId, state } = auth;
      witnessed.push({ title: words.title, state: state.value, connection: connection.state, clientId });
    };
    auth.on(name, take as AuthEvents[typeof name]);
  }
  for (const { system } of [auth.actor, connection.actor]) {
    system.inspect((event) => {
      if (event.type !== '@xstate.microstep' || !('id' in event.actorRef)) return;
      const machine = String(event.actorRef.id);
      const isTaken = event._transitions.some(({ target }) => (target ?? []).length > 0);
      if (!isTaken || !['auth', 'connection'].includes(machine)) return;
      steps.push({ machine, value: (event.snapshot as unknown as { value: StateValue }).value });
    });
  }
}

/**
 * Renewals in place, a source that is down until the token is refused, a broken transport, a sign-out, and
 * the disposal.
 */
beforeEach(async () => {
  const clock = new VirtualClock();
  const sandbox = createSandbox({ clock });
  const [key] = sandbox.createApp().keys;
  const backend = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch, clock });
  const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket, clock });
  let isDown = false;
  const auth = new Auth({
    async authCallback(params) {
      if (isDown) throw new Error('down');
      return await backend.requestToken({ ...params, ttl: 60_000 });
    },
    clock,
    connection,
    // How soon a failing source is asked again.
    random: () => 0.5,
  });
  witness(auth, connection);
  recorder = new Recorder(new Subject(auth), {
    title: 'a test',
    standing: () => ({ on: isDown ? ['down'] : [], rate: 1 }),
    controls: [true, false].map((down) => ({
      name: down ? 'down' : 'up',
      label: down ? 'Down' : 'Up',
      hint: 'whether the source works',
      group: 'fault',
      run() {
        isDown = down;
      },
    })),
  });
  undo.push(() => sandbox.dispose());
  await recorder.perform('authorize');
  await clock.advance(100_000);
  await recorder.perform('down');
  await clock.advance(100_000);
  await recorder.perform('up');
  await clock.advance(100_000);
  sandbox.cutConnections();
  await clock.advance(20_000);
  await auth.authorize({ clientId: 'grace' }).catch(() => {});
  auth.forget();
  await clock.advance(10);
  await auth.authorize();
  await clock.advance(10);
  model = new Model({ subscribe: () => () => {}, perform: async () => {} });
  recorder.subscribe((message: StudioMessage) => model.take(message));
  auth.dispose();
  connection.dispose();
  backend.dispose();
});

/** The view that the page shows when the entry is selected. */
function pressed({ n }: Entry): View {
  model.travelTo(n);
  if (model.view === undefined) throw new Error(`entry ${n} shows nothing`);
  return model.view;
}

function ids(value: StateValue, parent: string): string[] {
  if (typeof value === 'string') return [`${parent}.${value}`];
  return Object.entries(value).flatMap(([key, inner]) => [
    `${parent}.${key}`,
    ...(inner === undefined ? [] : ids(inner, `${parent}.${key}`)),
  ]);
}

/** The client's state by the active states of its chart; none after the disposal. */
function stateIn(active: readonly string[] = []): string {
  const [, state = 'idle'] = active[0]?.split('.') ?? [];
  return state;
}

describe('looking back at a session of some minutes', () => {
  it('the studio shows at each step of a machine the state that the step led to', () => {
    // Steps of an acquisition are left out: they change no state.
    const entries = model.history.entries.filter(
      (entry): entry is Step => entry.kind === 'step' && entry.step.edges.length > 0,
    );
    expect(entries.length).toBeGreaterThan(70);
    const shown = entries.map((entry) => {
      const { machine } = entry.step;
      return [machine, entry.step.edges, pressed(entry).active[machine]];
    });
    const expected = entries.map(({ step }, index) => {
      const { machine = '', value = '' } = steps[index] ?? {};
      return [machine, step.edges, ids(value, machine)];
    });
    expect(shown).toEqual(expected);
  });

  it('the studio shows at each event of the client the state at that event', () => {
    const entries = model.history.entries.filter(
      (entry): entry is Told => entry.kind === 'told' && entry.about !== 'hand',
    );
    expect(entries.length).toBeGreaterThan(50);
    const shown = entries.map((entry) => {
      const { decision, connection, clientId } = pressed(entry);
      return { title: entry.title, state: decision.value, connection: connection?.state, clientId };
    });
    expect(shown.pop()).toMatchObject({ title: 'Disposed of', state: 'idle' });
    expect(shown).toEqual(witnessed);
    const titles = new Set(shown.map(({ title }) => title));
    for (const title of ['Renewed', 'The renewal failed', 'Token lost', 'Failed', 'Idle', 'Identity'])
      expect(titles).toContain(title);
  });

  it('the studio shows at a switch what the switch did', () => {
    const byTitle = (title: string) =>
      model.history.entries.find((entry): entry is Told => entry.kind === 'told' && entry.title === title);
    const [down, up] = [byTitle('Down'), byTitle('Up')];
    expect([down && pressed(down).on, up && pressed(up).on]).toEqual([['down'], []]);
  });

  it('the studio shows a client, machines and a connection that agree with each other at every entry', () => {
    for (const entry of model.history.entries) {
      const { decision, active, connection } = pressed(entry);
      const [, connected = 'closed'] = active.connection?.[0]?.split('.') ?? [];
      const lit = { n: entry.n, state: stateIn(active.auth), connection: connected };
      expect({ n: entry.n, state: decision.value, connection: connection?.state }).toEqual(lit);
    }
  });
});
