import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { platformEnvironment } from '../../../src/environment.js';
import { Auth } from '../../../src/index.js';
import { Scenario, scriptedSource } from '../../../src/testing/index.js';
import { ScriptedServer } from '../../kit/connection-server.js';

const HOUR = 3_600_000;
const MESSAGE = { action: 15, channel: 'news' };

/** A page with a client and a connection. `steps`: source calls and transports in their order. */
class Page {
  readonly scenario = new Scenario();
  readonly server = new ScriptedServer();
  readonly source = scriptedSource(this.scenario.clock, { ttl: HOUR });
  readonly steps: string[] = [];
  readonly states: string[] = [];
  readonly messages: unknown[] = [];
  readonly connection: RealtimeConnection;
  readonly auth: Auth;

  constructor() {
    const { options } = this.scenario;
    const { WebSocket } = this.server;
    const { steps } = this;
    this.connection = new RealtimeConnection({
      ...options,
      fallbackHosts: [],
      WebSocket: class extends WebSocket {
        constructor(url: string) {
          super(url);
          steps.push(`transport with ${new URL(url).searchParams.get('accessToken')}`);
        }
      },
    });
    this.connection.onStateChange(({ event, reason }) =>
      this.states.push(reason === undefined ? event : `${event}: ${reason.message}`),
    );
    this.connection.onMessage((message) => this.messages.push(message));
    this.auth = new Auth({
      ...options,
      connection: this.connection,
      authCallback: (params, context) => {
        steps.push(`source: ${context.reason}`);
        return this.source.authCallback(params, context) as never;
      },
    });
    onTestFinished(() => {
      this.auth.dispose();
      this.connection.dispose();
    });
  }

  async connected(): Promise<this> {
    await this.auth.authorize();
    await this.scenario.until(() => this.connection.state === 'connected');
    this.forget();
    return this;
  }

  forget(): void {
    for (const list of [this.steps, this.states, this.messages]) list.length = 0;
  }
}

const back = (page: Page) => page.scenario.until(() => page.connection.state === 'connected', 600_000);

describe('a page that was frozen', () => {
  it('the token is requested before the transport opens, if the old one expired', async () => {
    const page = await new Page().connected();
    await page.scenario.freezeFor(2 * HOUR);
    await back(page);
    expect(page.states[0]).toBe('disconnected: the page was frozen');
    expect(page.states.slice(-2)).toEqual(['connecting', 'connected']);
    expect(page.steps).toEqual(['source: renewal', 'transport with scripted-token-2']);
  });

  it('a token that did not expire is used again, without a request', async () => {
    const page = await new Page().connected();
    await page.scenario.freezeFor(60_000);
    await back(page);
    expect(page.steps).toEqual(['transport with scripted-token-1']);
  });

  it.each(['connected', 'connecting', 'disconnected', 'suspended'])(
    'nothing is tried while the page is frozen: the connection was %s',
    async (state) => {
      const page = await new Page().connected();
      if (state !== 'connected') {
        page.server.onOpen = state === 'connecting' ? 'silence' : 'break';
        page.server.line.break();
        await page.scenario.until(() => page.connection.state === state);
      }
      page.forget();
      page.scenario.freeze();
      await page.scenario.clock.advance(HOUR / 2);
      expect(page.steps.filter((step) => step.startsWith('transport'))).toEqual([]);
      expect(['disconnected', 'suspended']).toContain(page.connection.state);
      page.server.onOpen = 'accept';
      await page.scenario.unfreeze();
      await back(page);
      expect(page.auth.tokenDetails?.token).toBe(page.server.tokens.at(-1));
    },
  );

  it('no time of the next try is reported while the page is frozen', async () => {
    const page = await new Page().connected();
    const retries: unknown[] = [];
    page.connection.onStateChange(({ current, retryIn }) => retries.push([current, retryIn]));
    page.scenario.freeze();
    expect(retries).toEqual([['disconnected', undefined]]);
  });

  it('a source that is down is asked again until it answers', async () => {
    const page = await new Page().connected();
    page.source.goDown();
    await page.scenario.freezeFor(2 * HOUR);
    await page.scenario.clock.advance(60_000);
    expect(page.steps.filter((step) => step.startsWith('transport'))).toEqual([]);
    page.source.comeUp();
    await back(page);
    expect(page.steps.at(-1)).toBe(`transport with ${page.auth.tokenDetails?.token}`);
  });

  it('authorize() ends well, if the page is frozen for a second while the connection opens', async () => {
    const page = new Page();
    page.server.onOpen = 'silence';
    const call = page.auth.authorize();
    await page.scenario.until(() => page.server.lines.length === 1);
    page.server.onOpen = 'accept';
    await page.scenario.freezeFor(1_000);
    await page.scenario.clock.advance(1_000);
    expect((await call).token).toBe('scripted-token-1');
    expect(page.steps).toEqual(['source: authorize', ...Array(2).fill('transport with scripted-token-1')]);
  });

  it('authorize() ends well, if the page is frozen for a second while the connection re-authenticates', async () => {
    const page = await new Page().connected();
    page.server.onAuth = 'silence';
    const call = page.auth.authorize();
    await page.scenario.clock.advance(1);
    await page.scenario.freezeFor(1_000);
    await page.scenario.clock.advance(1_000);
    expect((await call).token).toBe('scripted-token-2');
    expect(page.steps).toEqual(['source: authorize', 'transport with scripted-token-2']);
  });

  it('a connection without an Auth comes back with its key', async () => {
    const scenario = new Scenario();
    const server = new ScriptedServer();
    const connection = new RealtimeConnection({
      ...scenario.options,
      key: 'app.name:secret',
      fallbackHosts: [],
      WebSocket: server.WebSocket,
    });
    onTestFinished(() => connection.dispose());
    await scenario.until(() => connection.state === 'connected');
    await scenario.freezeFor(60_000);
    await scenario.until(() => connection.state === 'connected');
    expect(server.lines).toHaveLength(2);
  });
});

describe('a page that stood still, and no event reported it', () => {
  it.each([
    ['was frozen', true],
    ['slept', false],
  ])('it %s: a message that waited is not taken, and the token comes first', async (_what, isCounted) => {
    const page = await new Page().connected();
    page.scenario.clock.sleep(2 * HOUR, isCounted);
    page.server.line.send(MESSAGE);
    expect(page.messages).toEqual([]);
    expect(page.connection.state).toBe('disconnected');
    await back(page);
    expect(page.states[0]).toBe('disconnected: the page was frozen');
    expect(page.steps).toEqual(['source: renewal', 'transport with scripted-token-2']);
  });

  it('the server has ended the transport meanwhile: the reason is the page, and the token comes first', async () => {
    const page = await new Page().connected();
    page.scenario.clock.sleep(2 * HOUR, true);
    page.server.line.break(1000);
    expect(page.states[0]).toBe('disconnected: the page was frozen');
    await back(page);
    expect(page.steps).toEqual(['source: renewal', 'transport with scripted-token-2']);
  });

  it('a PING that waited is not answered', async () => {
    const page = await new Page().connected();
    page.scenario.clock.sleep(2 * HOUR, true);
    page.server.line.send({ action: 22, id: 'ping-1' });
    expect(page.server.line.received).toEqual([]);
    expect(page.states[0]).toBe('disconnected: the page was frozen');
  });

  it('it slept while the connection was away: the token comes first', async () => {
    const page = await new Page().connected();
    page.server.onOpen = 'break';
    page.server.line.break();
    await page.scenario.clock.advance(3_000);
    page.server.onOpen = 'accept';
    page.forget();
    page.scenario.clock.sleep(2 * HOUR);
    await back(page);
    expect(page.steps).toEqual(['source: renewal', 'transport with scripted-token-2']);
  });

  it('it slept for seconds: the connection stays', async () => {
    const page = await new Page().connected();
    page.scenario.clock.sleep(10_000);
    page.server.line.send(MESSAGE);
    expect(page.messages).toEqual([MESSAGE]);
    expect(page.connection.state).toBe('connected');
  });
});

describe('the environment of a page', () => {
  it.each([
    ['pagehide of a page that is kept in the cache', 'pagehide', { persisted: true }, ['frozen']],
    ['pagehide of a page that is left for good', 'pagehide', { persisted: false }, []],
    ['pageshow', 'pageshow', {}, ['awake']],
  ] as const)('%s is reported as it must be', (_what, type, fields, expected) => {
    const listeners = new Map<string, (event: object) => void>();
    vi.stubGlobal('addEventListener', (name: string, listener: () => void) => listeners.set(name, listener));
    vi.stubGlobal('removeEventListener', () => {});
    const heard: string[] = [];
    platformEnvironment.watch((what) => heard.push(what));
    const first = listeners.get(type);
    first?.(fields);
    // A listener that was added meanwhile is called after it.
    if (listeners.get(type) !== first) listeners.get(type)?.(fields);
    vi.unstubAllGlobals();
    expect(heard).toEqual(expected);
  });

  it.each([
    ['freeze', 'visible', ['frozen']],
    ['resume', 'visible', ['awake']],
    ['visibilitychange', 'visible', ['awake']],
    ['visibilitychange', 'hidden', []],
  ])('the event %s of a page that is %s is reported as it must be', (type, visibilityState, expected) => {
    const page = Object.assign(new EventTarget(), { visibilityState });
    vi.stubGlobal('document', page);
    const heard: string[] = [];
    const leave = platformEnvironment.watch((what) => heard.push(what));
    page.dispatchEvent(new Event(type));
    leave();
    page.dispatchEvent(new Event(type));
    vi.unstubAllGlobals();
    expect(heard).toEqual(expected);
  });
});
