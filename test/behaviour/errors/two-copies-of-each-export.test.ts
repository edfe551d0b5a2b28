import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { createClient } from 'graphql-ws';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { io } from 'socket.io-client';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as machines from '../../../machines/index.js';
import * as ablyJs from '../../../src/connection/ably-js/index.js';
import * as graphqlWsClient from '../../../src/connection/graphql-ws/index.js';
import * as hocuspocus from '../../../src/connection/hocuspocus/index.js';
import * as connection from '../../../src/connection/index.js';
import * as reconnecting from '../../../src/connection/reconnecting/index.js';
import * as socketIo from '../../../src/connection/socket-io/index.js';
import * as stack from '../../../src/connection/stack/index.js';
import * as main from '../../../src/index.js';
import * as inspect from '../../../src/inspect.js';
import { ClientOwner } from '../../../src/react/client-owner.js';
import * as react from '../../../src/react/index.js';
import * as sandbox from '../../../src/sandbox/index.js';
import * as graphqlWs from '../../../src/server/graphql-ws/index.js';
import * as server from '../../../src/server/index.js';
import * as node from '../../../src/server/listener.node.js';
import * as ws from '../../../src/server/ws/index.js';
import * as host from '../../../src/sharing/host/index.node.js';
import * as sharing from '../../../src/sharing/index.js';
import * as redis from '../../../src/sharing/redis/index.js';
import * as web from '../../../src/sharing/web/index.js';
import * as studio from '../../../src/studio/index.js';
import * as testing from '../../../src/testing/index.js';
import { memoryStore } from '../../kit/memory-store.js';
import { type Copy, secondCopy } from '../../kit/second-copy.js';
import { newFolder } from '../../kit/shared-folder.js';

const first: Copy = {
  ...{
    main,
    machines,
    connection,
    ablyJs,
    graphqlWsClient,
    hocuspocus,
    reconnecting,
    socketIo,
    stack,
    sharing,
    web,
    redis,
    host,
    sandbox,
    inspect,
    studio,
    server,
    node,
    ws,
    graphqlWs,
    testing,
    react,
  },
};
let second: Copy;
beforeAll(async () => {
  second = await secondCopy();
});

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0)) await stop();
  vi.unstubAllGlobals();
});

/** What an export of one copy does together with the exports of another copy. */
type Check = (theirs: Copy, ours: Copy) => unknown;

const { settle } = testing;
const error = ({ main: { ErrorInfo } }: Copy, origin = 'server') =>
  new ErrorInfo({ code: 40142, statusCode: 401, message: 'expired', origin: origin as 'server' });
const details = { token: 'a-token', issued: 0, expires: 3_600_000 };
const clientOf = ({ main: { Auth } }: Copy, options: object = {}) => {
  const clock = new testing.VirtualClock();
  const auth = new Auth({ clock, authCallback: async () => details, ...options });
  undo.push(() => auth.dispose());
  return auth;
};
const signed = ({ main: { Auth } }: Copy) =>
  new Auth({ key: 'app.key:secret', clock: new testing.VirtualClock() });
const grant = () => ({ clientId: 'ada', capability: { lobby: ['subscribe'] } });
const answerOf = async (endpoint: (request: Request) => Promise<Response>) => {
  const response = await endpoint(new Request('https://example.com/token'));
  return [response.status, await response.json()] as const;
};
const ofAda = [200, expect.objectContaining({ clientId: 'ada' })];

/** The SDK as far as the adapter needs it: it connects with each token. */
function sdk() {
  let state = 'initialized';
  const listeners = new Set<(change: object) => void>();
  const go = (current: string) => {
    const change = { previous: state, current };
    state = current;
    for (const listener of listeners) listener(change);
  };
  return {
    auth: { authorize: async () => go('connected') },
    connection: {
      get state() {
        return state;
      },
      connect: () => go('connected'),
      close: () => go('closed'),
      on: (listener: (change: object) => void) => listeners.add(listener),
      off: (listener: (change: object) => void) => listeners.delete(listener),
    },
  };
}

class PageElement {
  shadowRoot = null;
  attachShadow() {
    return {};
  }
}

const recordingOf = async ({ studio: { mountStudio } }: Copy, auth: main.Auth) => {
  vi.stubGlobal('Element', PageElement);
  const mounted = mountStudio(auth, new PageElement());
  mounted.ready.catch(() => {});
  await settle();
  const text = mounted.recording();
  mounted.dispose();
  return text;
};

/** A connection of their copy belongs to an Auth of ours, and to no other. */
function belongs(theirs: Copy, ours: Copy, adapter: main.ConnectionAdapter): void {
  clientOf(ours, { connection: adapter });
  expect(() => clientOf(theirs, { connection: adapter })).toThrow(
    expect.objectContaining({ code: 40003, message: 'this connection belongs to another Auth' }),
  );
}

/** Clients of both copies that share. @returns how often the source was asked */
async function askedBy(theirs: Copy, ours: Copy, [one, other]: readonly sharing.TokenSharing[]) {
  let calls = 0;
  const authCallback = async () => {
    calls += 1;
    return details;
  };
  const options = { authCallback, clientId: undefined, logLevel: 'none' };
  const clients = [
    clientOf(ours, { ...options, sharing: one }),
    clientOf(theirs, { ...options, sharing: other }),
  ];
  for (const auth of clients) expect((await auth.getToken()).token).toBe(details.token);
  return calls;
}

const session = () => 'the session of ada';

const Reading = ({ read }: { readonly read: () => unknown }) => createElement('b', null, String(read()));

/** The messages of a server half of their copy, to a client with a token. */
async function saidBy({ ws: { tokenSockets } }: Copy, verify: ws.VerifyToken) {
  const listeners = new Map<string, (...given: unknown[]) => void>();
  const said: unknown[] = [];
  const socket = {
    bufferedAmount: 0,
    send: (data: string) => said.push(JSON.parse(data)),
    close() {},
    terminate() {},
    on: (name: string, listener: (...given: never[]) => void) => listeners.set(name, listener as () => void),
  };
  tokenSockets({ verify, onConnection() {} })(socket, { headers: {} } as never);
  listeners.get('message')?.(Buffer.from('{"type":"authenticate","token":"a-token"}'), false);
  await settle();
  listeners.get('close')?.();
  return said;
}

async function pongOf({ graphqlWs: { graphqlTokens } }: Copy, verify: ws.VerifyToken) {
  const { hooks } = graphqlTokens({ verify });
  const context = {
    connectionParams: { token: 'a-token' },
    extra: { socket: { send() {}, close() {}, removeAllListeners() {} } },
  };
  const isAccepted = await hooks.onConnect(context);
  hooks.onClose(context);
  return isAccepted;
}

const secret = 'a secret of thirty-two letters!!';
const verified = async (verify: ws.VerifyToken) =>
  await verify('a.b.c', { signal: new AbortController().signal, now: 0 });

/** What a component of their copy reads below a provider of ours. */
function rendered(theirs: Copy, ours: Copy, read: (hooks: Copy['react']) => unknown): string {
  const auth = clientOf(ours, { clientId: 'ada' });
  const child = createElement(Reading, { read: () => read(theirs.react) });
  return renderToString(createElement(ours.react.AuthProvider, { auth }, child));
}

const contracts = {
  harness: ({ testing: { fakeConnection, VirtualClock } }: Copy) => {
    const adapter = fakeConnection();
    return {
      ...{ adapter, clock: new VirtualClock(), answerTimeoutMs: 1_000, dispose: () => {} },
      connect: () => adapter.connect(),
      close: () => adapter.setState('closed'),
      server: { accept() {}, refuse() {}, hold() {}, answer() {}, tokens: [] },
    };
  },
  sharing: () => {
    const clock = new testing.VirtualClock();
    const { port } = memoryStore(clock);
    return { open: () => port, wait: (ms: number) => clock.advance(ms) };
  },
  source: (copy: Copy) => {
    let isDown = false;
    return {
      authCallback: async () => {
        if (isDown) throw new copy.main.StopRenewing('not this user');
        return crypto.randomUUID();
      },
      fail: () => {
        isDown = true;
      },
      recover: () => {
        isDown = false;
      },
    };
  },
};

const sameData =
  (read: (copy: Copy) => unknown): Check =>
  (theirs, ours) =>
    expect(read(theirs)).toEqual(read(ours));

/** A check for each export of each entry. */
const checks: { readonly [Entry in keyof Copy]: { readonly [Name in keyof Copy[Entry]]: Check } } = {
  main: {
    Auth: async (theirs, ours) => {
      expect(await answerOf(ours.server.tokenEndpoint({ auth: signed(theirs), grant }))).toEqual(ofAda);
      const auth = clientOf(theirs);
      await auth.authorize();
      const recording = await recordingOf(ours, auth);
      expect(recording).toContain('auth.authorized');
      expect(recording).not.toContain(details.token);
      expect(ours.inspect.inWords(auth.explain())).toContain('Authorized');
    },
    ErrorInfo: async (theirs, ours) => {
      const thrown = error(theirs);
      expect(ours.main.isErrorInfo(thrown)).toBe(true);
      expect(new ours.server.Refusal(thrown).error).toBe(thrown);
      expect(new ours.main.ErrorInfo({ code: 80019, message: 'no', cause: thrown }).toJSON().cause).toEqual(
        thrown.toJSON(),
      );
      const auth = clientOf(ours, { authCallback: () => Promise.reject(thrown) });
      const rejection = await auth.authorize().catch((reason) => reason);
      expect(rejection).toBeInstanceOf(ours.main.ErrorInfo);
      expect(rejection).toMatchObject({ code: 40142, origin: 'source', reason: 'not signed in' });
      expect(rejection.original).toBe(thrown);
      const fake = ours.testing.fakeConnection({ autoAccept: false });
      const pushing = clientOf(ours, { connection: fake }).authorize();
      await settle();
      fake.refuse(thrown);
      expect(await pushing.catch((reason) => reason)).toMatchObject({ code: 40142, origin: 'server' });
    },
    StopRenewing: async (theirs, ours) => {
      const stop = async () => Promise.reject(new theirs.main.StopRenewing('signed out'));
      const auth = clientOf(ours, { authCallback: stop });
      await auth.authorize().catch(() => {});
      expect(auth.state).toMatchObject({ value: 'failed', final: true });
      const headers = clientOf(ours, {
        authCallback: undefined,
        authUrl: 'https://example.com/',
        authHeaders: stop,
      });
      await headers.authorize().catch(() => {});
      expect(headers.state).toMatchObject({ value: 'failed', final: true });
    },
    errorCodes: sameData(({ main: { errorCodes } }) => errorCodes),
    reasons: sameData(({ main: { reasons } }) => reasons),
    isErrorInfo: (theirs, ours) => expect(theirs.main.isErrorInfo(error(ours))).toBe(true),
    isTokenError: (theirs, ours) => expect(theirs.main.isTokenError(error(ours))).toBe(true),
  },
  machines: {
    Secret: (theirs, ours) => {
      const box = new theirs.machines.Secret('a secret', 'key');
      expect(ours.inspect.redacted({ box })).toEqual({ box: '[key]' });
    },
    authMachine: sameData(({ machines: { authMachine } }) => JSON.stringify(authMachine.config)),
    connectionMachine: sameData(({ machines: { connectionMachine } }) =>
      JSON.stringify(connectionMachine.config),
    ),
    defaultRenewal: sameData(({ machines: { defaultRenewal } }) => defaultRenewal),
    planFor: (theirs, ours) =>
      sameData(({ machines: { planFor } }) =>
        planFor(3_600_000, 0, theirs.machines.defaultRenewal, 0.5, 'first'),
      )(theirs, ours),
    retryCapMs: sameData(({ machines: { retryCapMs } }) => retryCapMs(3_600_000)),
    retryDelayMs: (theirs, ours) => {
      const setback = { attempts: 1, remainingMs: 0, lifetimeMs: 60_000, retryAfterMs: undefined };
      sameData(({ machines: { retryDelayMs } }) =>
        retryDelayMs(setback, theirs.machines.defaultRenewal, 0.5),
      )(theirs, ours);
    },
  },
  connection: {
    RealtimeConnection: async (theirs, ours) => {
      const service = ours.sandbox.createSandbox({ clock: new testing.VirtualClock() });
      undo.push(() => service.dispose());
      const key = service.createApp().keys[0]?.keyStr ?? '';
      const made: connection.RealtimeConnection[] = [];
      const create = () => {
        const one = new theirs.connection.RealtimeConnection({
          WebSocket: service.WebSocket,
          clock: new testing.VirtualClock(),
        });
        made.push(one);
        return clientOf(theirs, { authCallback: undefined, key, fetch: service.fetch, connection: one });
      };
      // The provider is of the copy of the test file.
      const owner = new ClientOwner(create);
      const [unplace, unmount] = [owner.place(), owner.mount()];
      await owner.auth.getToken();
      await vi.waitFor(() => expect(made[0]?.state).toBe('connected'));
      expect(() => clientOf(ours, { connection: made[0] })).toThrow(
        expect.objectContaining({ code: 40003, message: 'this connection belongs to another Auth' }),
      );
      unplace();
      unmount();
      await vi.waitFor(() => expect(made[0]?.state).toBe('closed'));
    },
  },
  ablyJs: {
    ablyJs: async (theirs, ours) => {
      const adapter = theirs.ablyJs.ablyJs(sdk() as never);
      const auth = clientOf(ours, { connection: adapter });
      await auth.authorize();
      expect([auth.state.value, adapter.state]).toEqual(['authorized', 'connected']);
      const made = clientOf(ours, { connection: () => theirs.ablyJs.ablyJs(() => sdk() as never) });
      await made.authorize();
      made.dispose();
      await settle();
      expect(made.connection?.state).toBe('closed');
    },
  },
  graphqlWsClient: {
    graphqlWs: (theirs, ours) =>
      belongs(
        theirs,
        ours,
        theirs.graphqlWsClient.graphqlWs(createClient, { url: 'ws://127.0.0.1:9', webSocketImpl: WebSocket }),
      ),
  },
  hocuspocus: {
    hocuspocus: (theirs, ours) => {
      const websocketProvider = new HocuspocusProviderWebsocket({
        url: 'ws://127.0.0.1:9',
        autoConnect: false,
        WebSocketPolyfill: WebSocket,
      });
      const provider = new HocuspocusProvider({ name: 'a document', websocketProvider });
      undo.push(() => provider.destroy());
      belongs(theirs, ours, theirs.hocuspocus.hocuspocus(provider));
    },
    tokenAccepted: sameData(({ hocuspocus: { tokenAccepted } }) => tokenAccepted('a-token', 'ada')),
    tokenRefused: sameData(({ hocuspocus: { tokenRefused } }) => tokenRefused('a-token', error(first))),
  },
  reconnecting: {
    reconnecting: async (theirs, ours) => {
      const opened: string[] = [];
      const stack = { open: (token: string) => opened.push(token), close() {} };
      const adapter = theirs.reconnecting.reconnecting(stack);
      belongs(theirs, ours, adapter);
      adapter.connect();
      await settle();
      expect(opened).toEqual([details.token]);
    },
  },
  socketIo: {
    socketIo: (theirs, ours) =>
      belongs(theirs, ours, theirs.socketIo.socketIo(io('ws://127.0.0.1:9', { autoConnect: false }))),
  },
  stack: {
    StackConnection: async (theirs, ours) => {
      const opened: string[] = [];
      class Mine extends theirs.stack.StackConnection {
        protected override open({ token }: main.TokenDetails) {
          opened.push(token);
          this.accepted();
        }
        protected override shut() {}
      }
      const adapter = new Mine();
      const auth = clientOf(ours, { connection: adapter });
      await auth.authorize();
      expect([auth.state.value, adapter.state, ...opened]).toEqual([
        'authorized',
        'connected',
        details.token,
      ]);
    },
  },
  sharing: {
    shareTokens: async (theirs, ours) => {
      const { port } = memoryStore(new testing.VirtualClock());
      const both = [theirs, ours].map(({ sharing: { shareTokens } }) => shareTokens(port, { session }));
      expect(await askedBy(theirs, ours, both)).toBe(1);
    },
  },
  web: {
    // Here are no Web Locks, so each client asks for itself.
    webSharing: async (theirs, ours) => {
      const both = [theirs, ours].map(({ web: { webSharing } }) => webSharing({ session }));
      expect(await askedBy(theirs, ours, both)).toBe(2);
    },
  },
  redis: {
    // The same with a Redis that is away.
    redisSharing: async (theirs, ours) => {
      const away = () => Promise.reject(new Error('gone'));
      const client = { eval: away, EVAL: away, connect: away } as never;
      const options = { session, secret: 'a secret of thirty-two letters!!' };
      const both = [theirs, ours].map(({ redis: { redisSharing } }) => redisSharing(client, options));
      expect(await askedBy(theirs, ours, both)).toBe(2);
    },
  },
  host: {
    hostSharing: async (theirs, ours) => {
      const folder = newFolder();
      const both = [theirs, ours].map(({ host: { hostSharing } }) => hostSharing(folder, { session }));
      expect(await askedBy(theirs, ours, both)).toBe(1);
    },
  },
  sandbox: {
    createSandbox: async (theirs, ours) => {
      const service = theirs.sandbox.createSandbox({ clock: new ours.testing.VirtualClock() });
      undo.push(() => service.dispose());
      const key = service.createApp().keys[0]?.keyStr;
      const auth = clientOf(ours, { authCallback: undefined, key, fetch: service.fetch });
      expect(ours.main.isErrorInfo(await auth.fetch('/nowhere').catch((reason) => reason))).toBe(false);
      expect((await auth.requestToken({ ttl: 60_000 })).expires).toEqual(expect.any(Number));
      expect(() => service.setFault({ rest: 'no such fault' as never })).toThrow(
        expect.objectContaining({ code: 40003 }),
      );
    },
    refusals: sameData(({ sandbox: { refusals } }) => refusals),
  },
  inspect: {
    inWords: (theirs, ours) =>
      expect(theirs.inspect.inWords(clientOf(ours).explain())).toBe('Idle: nothing has been asked yet.'),
    inspector: async (theirs, ours) => {
      const seen: unknown[] = [];
      const auth = clientOf(ours, { inspect: theirs.inspect.inspector((event) => seen.push(event)) });
      await auth.authorize();
      await vi.waitFor(() => expect(seen.length).toBeGreaterThan(3));
      expect(JSON.stringify(theirs.inspect.redacted(seen))).not.toContain(details.token);
    },
    redacted: (theirs, ours) => {
      const box = new ours.machines.Secret('a secret', 'token');
      expect(theirs.inspect.redacted({ box, error: error(ours) })).toMatchObject({
        ...{ box: '[token]', error: { code: 40142, message: 'expired' } },
      });
    },
  },
  studio: {
    attachStudio: async (theirs, ours) => {
      const attachment = theirs.studio.attachStudio(clientOf(ours), 'ws://127.0.0.1:9/attach/token');
      await expect(attachment.ready).rejects.toThrow(/There is no studio at this address/);
      attachment.detach();
    },
    mountStudio: async (theirs, ours) =>
      expect(await recordingOf(theirs, clientOf(ours))).toContain('auth.idle→auth.requesting'),
  },
  server: {
    Refusal: async (theirs, ours) => {
      const refusal = new theirs.server.Refusal(error(theirs));
      const endpoint = ours.server.tokenEndpoint({ auth: signed(ours), grant: () => refusal });
      expect(await answerOf(endpoint)).toMatchObject([401, { error: { code: 40142, message: 'expired' } }]);
    },
    refuse: async (theirs, ours) => {
      const endpoint = ours.server.tokenEndpoint({
        auth: signed(ours),
        grant: () => theirs.server.refuse(403, 'not you'),
      });
      expect(await answerOf(endpoint)).toMatchObject([403, { error: { message: 'not you' } }]);
    },
    tokenEndpoint: async (theirs, ours) =>
      expect(await answerOf(theirs.server.tokenEndpoint({ auth: signed(ours), grant }))).toEqual(ofAda),
  },
  node: {
    nodeListener: async (theirs, ours) => {
      const endpoint = ours.server.tokenEndpoint({ auth: signed(ours), grant });
      const http = createServer(theirs.node.nodeListener(endpoint));
      await new Promise<void>((listening) => void http.listen(0, '127.0.0.1', listening));
      undo.push(() => http.close());
      const { port } = http.address() as AddressInfo;
      const response = await fetch(`http://127.0.0.1:${port}/`);
      expect([response.status, await response.json()]).toEqual(ofAda);
    },
  },
  ws: {
    tokenSockets: async (theirs, ours) => {
      expect(await saidBy(ours, () => theirs.ws.refuse(403))).toMatchObject([
        { type: 'refused', code: 40300 },
      ]);
      expect(await saidBy(theirs, () => ({ identity: 'ada' }))).toEqual([{ type: 'accepted' }]);
    },
    jwtVerifier: async (theirs, ours) => {
      const verify = theirs.ws.jwtVerifier({ secret, audience: null });
      expect(await saidBy(ours, verify)).toMatchObject([{ type: 'refused', code: 40144 }]);
    },
    Refusal: async (theirs, ours) => {
      const refusal = new theirs.ws.Refusal(error(ours));
      expect(await saidBy(ours, () => refusal)).toMatchObject([{ type: 'refused', code: 40142 }]);
    },
    refuse: async (theirs, ours) =>
      expect(await saidBy(ours, () => theirs.ws.refuse(401))).toMatchObject([
        { type: 'refused', code: 40140 },
      ]),
  },
  graphqlWs: {
    graphqlTokens: async (theirs, ours) => {
      expect(await pongOf(theirs, () => ({ identity: 'ada' }))).toBe(true);
      expect(await pongOf(theirs, () => ours.ws.refuse(401))).toBe(false);
    },
    jwtVerifier: async (theirs) => {
      const verify = theirs.graphqlWs.jwtVerifier({ secret, audience: null });
      expect(await verified(verify)).toMatchObject({ error: { code: 40144 } });
    },
    Refusal: async (theirs, ours) =>
      expect(await pongOf(ours, () => new theirs.graphqlWs.Refusal(error(ours)))).toBe(false),
    refuse: async (theirs, ours) =>
      expect(await pongOf(ours, () => theirs.graphqlWs.refuse(401))).toBe(false),
  },
  testing: {
    VirtualClock: async (theirs, ours) => {
      const clock = new theirs.testing.VirtualClock();
      const source = ours.testing.scriptedSource(clock);
      const auth = clientOf(ours, { clock, authCallback: source.authCallback });
      await auth.authorize();
      await new ours.testing.Scenario(clock).until(() => source.calls > 1, 60_000);
      expect(auth.state.value).toBe('authorized');
    },
    Scenario: async (theirs, ours) => {
      const device = new theirs.testing.Scenario(new ours.testing.VirtualClock());
      const source = ours.testing.scriptedSource(device.clock);
      const auth = clientOf(ours, { ...device.options, authCallback: source.authCallback });
      await auth.authorize();
      await device.sleepFor(3_600_000);
      expect([auth.state.value, source.calls]).toEqual(['authorized', 2]);
    },
    fakeConnection: async (theirs, ours) => {
      const fake = theirs.testing.fakeConnection();
      const auth = clientOf(ours, { connection: fake });
      await auth.authorize();
      expect([auth.state.value, fake.state]).toEqual(['authorized', 'connected']);
      expect(ours.testing.missingMembers(fake)).toEqual(
        ours.testing.missingMembers(ours.testing.fakeConnection()),
      );
    },
    scriptedSource: async (theirs, ours) => {
      const clock = new ours.testing.VirtualClock();
      const source = theirs.testing.scriptedSource(clock);
      source.script({ fail: error(ours, 'latchkey') });
      const auth = clientOf(ours, { clock, authCallback: source.authCallback });
      await auth.authorize().catch(() => {});
      expect(auth.state).toMatchObject({ reason: 'no user is signed in', final: false });
    },
    settle: (theirs) => theirs.testing.settle(),
    missingMembers: (theirs, ours) =>
      expect(theirs.testing.missingMembers(ours.testing.fakeConnection())).toEqual(
        ours.testing.missingMembers(ours.testing.fakeConnection()),
      ),
    connectionContract: async (theirs, ours) => {
      const check = theirs.testing
        .connectionContract(() => contracts.harness(ours) as never)
        .find(({ title }) => title === 'an adapter without a token asks for one when it connects');
      await check?.run();
      expect(check).toBeDefined();
    },
    runConnectionContract: async (theirs, ours) => {
      const { passed } = await theirs.testing.runConnectionContract(
        () => contracts.harness(ours) as never,
        [],
        () => {},
      );
      expect(passed).toContain('a detached adapter reports nothing');
    },
    sharingContract: async (theirs) => {
      const all = theirs.testing.sharingContract(contracts.sharing);
      for (const { run } of all) await run();
      expect(all.length).toBeGreaterThan(3);
    },
    runSharingContract: async (theirs) => {
      const { failed } = await theirs.testing.runSharingContract(contracts.sharing, () => {});
      expect(failed).toEqual([]);
    },
    sourceContract: async (theirs, ours) => {
      const all = theirs.testing.sourceContract(() => contracts.source(ours), { gone: 'stop' });
      for (const { run } of all) await run();
      expect(all.length).toBeGreaterThan(3);
    },
    runSourceContract: async (theirs, ours) => {
      const { failed } = await theirs.testing.runSourceContract(
        () => contracts.source(ours),
        { gone: 'stop' },
        () => {},
      );
      expect(failed).toEqual([]);
    },
  },
  react: {
    AuthProvider: (theirs, ours) =>
      expect(rendered(ours, theirs, ({ useAuth }) => useAuth().clientId)).toBe('<b>ada</b>'),
    useAuth: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useAuth }) => useAuth().clientId)).toBe('<b>ada</b>'),
    useAuthState: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useAuthState }) => useAuthState().value)).toBe('<b>idle</b>'),
    // On a server these are null; without a provider they would throw.
    useClientId: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useClientId }) => useClientId())).toBe('<b>null</b>'),
    useConnection: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useConnection }) => useConnection())).toBe('<b>null</b>'),
    useConnectionState: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useConnectionState }) => useConnectionState())).toBe('<b>null</b>'),
    useToken: (theirs, ours) =>
      expect(rendered(theirs, ours, ({ useToken }) => useToken())).toBe('<b>null</b>'),
  },
};

const cases = Object.entries(checks).flatMap(([entry, ofEntry]) =>
  Object.entries(ofEntry).map(([name, check]) => ({ entry, name, check: check as Check })),
);

describe('two copies of the package', () => {
  it.each(cases)('$name of the entry $entry works with the other copy, both ways', async ({ check }) => {
    await check(second, first);
    await check(first, second);
  });

  it.each(Object.keys(checks) as (keyof Copy)[])('every export of the entry %s has a check', (entry) => {
    expect(Object.keys(checks[entry]).sort()).toEqual(Object.keys(first[entry]).sort());
    expect(Object.keys(second[entry]).sort()).toEqual(Object.keys(first[entry]).sort());
  });
});
