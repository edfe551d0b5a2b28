import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AblyJsOptions, ablyJs } from '../../../src/connection/ably-js/index.js';
import { Auth } from '../../../src/index.js';
import { type AppInit, createSandbox, type FaultPlan } from '../../../src/sandbox/index.js';
import {
  type AttachOptions,
  attachStudio,
  mountStudio,
  type StudioOptions,
} from '../../../src/studio/index.js';
import {
  type FakeConnectionOptions,
  fakeConnection,
  Scenario,
  type ScriptedSourceOptions,
  scriptedSource,
  VirtualClock,
} from '../../../src/testing/index.js';
import {
  absent,
  anyTexts,
  expectRefusals,
  flags,
  functions,
  numbers,
  records,
  spans,
  texts,
  values,
} from '../../kit/one-of-each.js';

const sdk = {
  auth: { authorize: async () => {} },
  connection: { state: 'initialized', connect() {}, close() {}, on() {}, off() {} },
} as const;

/** The names of options, each with the values it takes besides null and undefined. */
type Names<Options> = Readonly<Record<keyof Options, readonly string[]>>;

const ofSource: Names<ScriptedSourceOptions> = { ttl: spans, latency: spans, clientId: anyTexts };
const ofFake: Names<FakeConnectionOptions> = { state: [], autoAccept: flags };
const ofSdk: Names<AblyJsOptions> = { realtimeRequestTimeout: [], clock: [] };
const ofAttach: Names<AttachOptions> = { title: anyTexts, controls: ['[]'] };
const ofStudio: Names<StudioOptions> = { ...ofAttach, panel: flags, theme: [] };
const ofFaults: Names<FaultPlan> = {
  requestToken: [],
  revokeTokens: [],
  time: [],
  publish: [],
  history: [],
  presence: [],
  stats: [],
  apps: [],
  rest: [],
  delayMs: spans,
  jitterMs: spans,
  connect: [],
  auth: [],
  realtime: [],
  realtimeDelayMs: spans,
  clockSkewMs: numbers,
  askEveryMs: ['1.5'],
  cutEveryMs: ['1.5'],
  seed: ['0', '-1'],
};

const ofApp: Names<AppInit> = {
  keys: ['[]', 'undefined'],
  namespaces: ['[]', 'undefined'],
  channels: ['[]', 'undefined'],
};

class PageElement {
  shadowRoot = null;
  attachShadow() {
    return {};
  }
}

/** A studio that is not drawn: drawing needs a page. */
function mounted(auth: unknown, options: unknown) {
  vi.stubGlobal('Element', PageElement);
  onTestFinished(() => void vi.unstubAllGlobals());
  const studio = mountStudio(auth as Auth, new PageElement() as never, options as StudioOptions);
  studio.ready.catch(() => {});
  return studio;
}

function attached(auth: unknown, options: unknown, url: unknown = 'ws://127.0.0.1:9/attach/token') {
  const studio = attachStudio(auth as Auth, url as string, options as StudioOptions);
  studio.detach();
}

/** Ignores the system's error for an unknown host. */
async function listened(given: object): Promise<void> {
  await sandbox.listen(given).then(
    (listening) => listening.close(),
    (error) => {
      if (error.syscall === undefined) throw error;
    },
  );
}

const auth = new Auth({ token: 'a-token' });
const sandbox = createSandbox({ clock: new VirtualClock() });

type Make = (given: object) => unknown;
const entries: Readonly<Record<string, readonly [Make, Readonly<Record<string, readonly string[]>>]>> = {
  'scriptedSource()': [(given) => scriptedSource(new VirtualClock(), given), ofSource],
  'fakeConnection()': [(given) => fakeConnection(given), ofFake],
  'new Scenario()': [
    (given) => new Scenario(new VirtualClock(), given),
    { countsSleep: flags, seed: ['0', '-1'] },
  ],
  'ablyJs()': [(given) => ablyJs(sdk, given), ofSdk],
  'attachStudio()': [(given) => attached(auth, given), ofAttach],
  'mountStudio()': [(given) => mounted(auth, given), ofStudio],
  'listen() of a sandbox': [(given) => listened(given), { port: ['0'], host: texts }],
  'createApp() of a sandbox': [(given) => sandbox.createApp(given), {}],
  'setFault() of a sandbox': [(given) => sandbox.setFault(given), ofFaults],
};

const cases = Object.entries(entries).flatMap(([entry, [make, names]]) =>
  Object.entries(names).map(([name, taken]) => ({ entry, name, taken, make })),
);

describe('an option', () => {
  it.each(cases)(
    '$name of $entry is accepted, counts as absent, or is refused by its own name',
    ({ make, name, taken }) =>
      expectRefusals(name, [...absent, ...taken], (value) => make({ [name]: value })),
  );
});

describe('the options', () => {
  const whole: readonly (readonly [string, Make, string])[] = [
    ...Object.entries(entries)
      .filter(([entry]) => !entry.startsWith('setFault') && !entry.startsWith('createApp'))
      .map(([entry, [make]]) => [entry, make, 'options'] as const),
    ['createSandbox()', (given) => createSandbox(given), 'options'],
    ['createApp() of a sandbox', (given) => sandbox.createApp(given), 'init'],
    ['setFault() of a sandbox', (given) => sandbox.setFault(given), 'plan'],
  ];

  it.each(whole)('the options of %s must be an object', (_entry, make, name) =>
    expectRefusals(name, [...absent, ...records], (value) => make(value as object)),
  );

  const closed = whole.filter(([entry]) => !entry.startsWith('createApp'));
  it.each(closed)('an unknown option of %s is refused', async (_entry, make) => {
    await expect((async () => make({ tll: 1 }))()).rejects.toMatchObject({
      code: 40003,
      message: expect.stringMatching(/unknown (option|fault) "tll"/),
    });
  });
});

describe('an argument', () => {
  const arguments_: readonly (readonly [string, string, (value: never) => unknown, readonly string[]])[] = [
    ['attachStudio()', 'auth', (value) => attached(value, {}), []],
    // Without an address it takes the one in LATCHKEY_STUDIO.
    ['attachStudio()', 'url', (value) => attachStudio(auth, value), ['undefined']],
    ['mountStudio()', 'auth', (value) => mounted(value, {}), []],
    ['mountStudio()', 'element', (value) => mountStudio(auth, value), []],
    ['ablyJs()', 'client', (value) => ablyJs(value), []],
    ['attach() of ablyJs()', 'listener', (value) => ablyJs(sdk).attach(value), functions],
    ['revokeKey() of a sandbox', 'keyName', (value) => refusedKey(value), anyTexts],
    [
      'revokeTokens() of a sandbox',
      'clientId',
      (value) => sandbox.revokeTokens(value),
      [...absent, ...anyTexts],
    ],
    ['subscribe() of a sandbox', 'listener', (value) => sandbox.subscribe(value)(), functions],
  ];

  it.each(arguments_)(
    'the argument of %s is accepted, or refused by its own name: %s',
    (_entry, name, call, taken) => expectRefusals(name, taken, call as (value: unknown) => unknown),
  );

  /** Ignores the error for an unknown key. */
  function refusedKey(name: string): void {
    try {
      sandbox.revokeKey(name);
    } catch (error) {
      if ((error as { code: number }).code !== 40400) throw error;
    }
  }

  it('an invalid app is refused with the code of the service', () => {
    for (const init of [{ keys: [5] }, { keys: [{ revocableTokens: 'yes' }] }, { namespaces: [1] }])
      expect(() => sandbox.createApp(init as never)).toThrow(expect.objectContaining({ code: 40001 }));
  });

  it.each(Object.entries(ofApp))(
    'an app with an invalid value of %s is refused by its name',
    (name, taken) => {
      for (const [shown, value] of Object.entries(values)) {
        const create = () => sandbox.createApp({ [name]: value });
        if (taken.includes(shown)) create();
        else
          expect(create, `${name}: ${shown}`).toThrow(
            expect.objectContaining({ code: 40001, message: expect.stringContaining(name) }),
          );
      }
    },
  );
});
