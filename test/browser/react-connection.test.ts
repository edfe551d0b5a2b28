import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { eventually } from '../kit/eventually.js';
import { launchChromium } from './chromium.js';
import { bundled, reacts } from './react-bundle.js';
import type { ReactConnectionPage } from './react-connection-page.js';

declare global {
  var connectionPage: ReactConnectionPage;
}

type Name = keyof ReactConnectionPage;
type Arguments<N extends Name> = Parameters<ReactConnectionPage[N]>;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => await browser?.close());

/** How long a page is left alone before its timers are counted, ms. */
const QUIET_MS = 300;

/** Runs in the page, before its script: counts timers, requests and sockets. */
function countWhatIsAsked(): void {
  const asked = { timers: 0, requests: 0, sockets: 0 };
  const kinds = {
    timers: ['setTimeout', 'setInterval', 'requestAnimationFrame', 'requestIdleCallback'],
    requests: ['fetch', 'XMLHttpRequest'],
    sockets: ['WebSocket', 'EventSource'],
  } as const;
  for (const [kind, names] of Object.entries(kinds) as [keyof typeof kinds, readonly string[]][]) {
    for (const name of names) {
      const own = Reflect.get(globalThis, name) as () => void;
      const counted = new Proxy(own, {
        apply: (_target, _self, args) => {
          asked[kind] += 1;
          return Reflect.apply(own, globalThis, args);
        },
        construct: (_target, args) => {
          asked[kind] += 1;
          return Reflect.construct(own, args);
        },
      });
      Object.assign(globalThis, { [name]: counted });
    }
  }
  Object.assign(globalThis, { asked });
}

/** Real pages with a real WebSocket to the sandbox, which counts the connections. */
describe.each(reacts)('AuthProvider of React $version, with a connection', (react) => {
  let script: string;
  let sandbox: Sandbox;
  let backend: Auth;
  let tab: Page;
  let complaints: string[];
  /** The ids of the connections, in the order in which they connected. */
  let ids: string[];

  beforeAll(async () => {
    script = await bundled('react-connection-page.tsx', react);
  });

  beforeEach(async () => {
    sandbox = createSandbox();
    const [key] = sandbox.createApp().keys;
    backend = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
    ids = [];
    sandbox.subscribe((happening) => {
      if (happening.type === 'connected') ids.push(String(happening.connectionId));
    });
    const { port } = await sandbox.listen();
    complaints = [];
    tab = await browser.newPage();
    tab.on('pageerror', (error) => complaints.push(error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    await tab.exposeFunction('tokenFor', async (clientId: string) =>
      JSON.stringify(await backend.requestToken({ clientId })),
    );
    await tab.setContent('<!doctype html><div id="root"></div>');
    await tab.evaluate((value) => Object.assign(globalThis, { servicePort: value }), port);
    await tab.evaluate(countWhatIsAsked);
    await tab.addScriptTag({ content: script });
  });

  afterEach(async () => {
    await tab.close();
    backend.dispose();
    await sandbox.dispose();
    expect(complaints.filter((text) => !/broken on purpose|<Breaks/.test(text))).toEqual([]);
  });

  const call = <N extends Name>(name: N, ...args: Arguments<N>) =>
    tab.evaluate(
      ([which, values]) =>
        (connectionPage[which as Name] as (...all: unknown[]) => unknown)(...(values as unknown[])),
      [name, args] as const,
    ) as Promise<ReturnType<ReactConnectionPage[N]>>;

  /** Waits until the service has this number of connections, connected or resumable. */
  const thereAre = (count: number) => eventually(() => expect(sandbox.connections).toHaveLength(count));

  /** The service has one connection, and the page knows that it is up. */
  const isConnected = () =>
    eventually(async () => {
      const [state, ...states] = (await call('states')).filter((one) => !/closed|initialized/.test(one));
      expect([state, states, sandbox.connections.map((one) => one.isConnected)]).toEqual([
        'connected',
        [],
        [true],
      ]);
    });

  it('a provider leaves no connection behind, however often it is mounted and unmounted', async () => {
    for (let round = 1; round <= 5; round += 1) {
      await call('mount');
      await isConnected();
      await call('unmount');
      await thereAre(0);
      expect(ids).toHaveLength(round);
    }
    expect(await call('made')).toBe(5);
  });

  it('a provider that is unmounted while it connects leaves no connection behind', async () => {
    await call('mount');
    await eventually(async () => expect(await call('made')).toBe(1));
    await call('unmount');
    await call('mount');
    await isConnected();
    await call('unmount');
    await thereAre(0);
  });

  it('a provider in strict mode makes one connection and disposes of it', async () => {
    await call('strict');
    await isConnected();
    await call('unmount');
    await thereAre(0);
    expect([await call('made'), ids.length]).toEqual([1, 1]);
  });

  it('a provider with another key disposes of the connection of the previous key', async () => {
    for (const key of ['one', 'two', 'three']) {
      await call('keyed', key);
      await eventually(() => expect(ids).toHaveLength({ one: 1, two: 2, three: 3 }[key] ?? 0));
      await isConnected();
    }
    expect(await call('made')).toBe(3);
    await call('unmount');
    await thereAre(0);
  });

  it('a provider with another create keeps its client and its connection', async () => {
    await call('mount');
    await isConnected();
    await call('anotherCreate');
    await call('anotherCreate');
    expect([await call('made'), ids.length]).toEqual([1, 1]);
    await call('unmount');
    await thereAre(0);
  });

  it('a provider whose tree suspends without end, or only reads the client, makes nothing', async () => {
    await call('neverCommitted');
    await tab.waitForSelector('#waits');
    await call('unmount');
    await call('reader');
    await eventually(async () => expect(await call('reads')).toBe('idle null null null'));
    await call('unmount');
    expect([await call('made'), ids.length]).toEqual([0, 0]);
  });

  it.each([false, true])(
    'a render that is thrown away asks the platform for nothing, whatever it reads, in strict mode: %s',
    async (isStrict) => {
      /** What a tree costs: React has timers of its own. */
      const costOf = async (name: 'thrownAway' | 'thrownAwayNothing') => {
        const before = await call('asked');
        await call(name, isStrict);
        await tab.waitForSelector('#waits');
        await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
        const after = await call('asked');
        await call('unmount');
        return Object.entries(after).map(([what, count]) => [what, count - (before[what] ?? 0)]);
      };
      await costOf('thrownAwayNothing');
      expect(await costOf('thrownAway')).toEqual(await costOf('thrownAwayNothing'));
      expect([await call('made'), ids.length]).toEqual([0, 0]);
      // The same counters see a client that is used.
      await call('mount');
      await isConnected();
      const { timers = 0, sockets } = await call('asked');
      expect([timers > 0, sockets]).toEqual([true, 1]);
    },
  );

  it('a provider whose tree cannot be rendered makes nothing', async () => {
    await call('breaks', true);
    await tab.waitForSelector('#broken');
    expect([await call('made'), ids.length]).toEqual([0, 0]);
  });

  it('a provider disposes of its connection when an error in a later render removes the tree', async () => {
    await call('breaks', false);
    await isConnected();
    await call('breaks', true);
    await tab.waitForSelector('#broken');
    await thereAre(0);
  });

  it('a provider disposes of its connection when an effect throws after another has used the client', async () => {
    await call('breaksInEffect');
    await tab.waitForSelector('#broken');
    await thereAre(0);
    await call('unmount');
    await call('mount');
    await isConnected();
    await call('unmount');
    await thereAre(0);
  });

  it('a provider keeps no client for a call during unmount', async () => {
    await call('leaver');
    await call('unmount');
    await call('mount');
    await isConnected();
    await call('unmount');
    await thereAre(0);
  });

  it('a provider does not close a connection that was made before, and the next client uses it', async () => {
    for (const key of ['one', 'two', 'two', 'three']) {
      await call('shared', key);
      await tab.waitForFunction(() => document.querySelector('#state')?.textContent === 'authorized');
      await isConnected();
      if (key === 'two') await call('unmount');
    }
    await call('unmount');
    await call('mount');
    await thereAre(2);
    await call('unmount');
    await isConnected();
    expect(await call('sharedState')).toBe('connected');
    expect([await call('made'), sandbox.connections[0]?.connectionId]).toEqual([5, ids[0]]);
  });

  it('a provider does not dispose of a client passed as auth, or of its connection', async () => {
    for (let round = 0; round < 3; round += 1) {
      await call('lent');
      await isConnected();
      await call('unmount');
    }
    await call('mount');
    await thereAre(2);
    await call('unmount');
    await isConnected();
    expect(ids).toHaveLength(2);
  });

  if (react.version >= 19)
    it('a provider disposes of its connection when it is hidden, and makes another when it is shown', async () => {
      await call('hidden', false);
      await isConnected();
      await call('hidden', true);
      await thereAre(0);
      await call('hidden', false);
      await isConnected();
      await call('unmount');
      await thereAre(0);
    });
});
