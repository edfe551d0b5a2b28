import type { Context } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientOptions } from '../../../src/index.js';
import { bareContext, places, run, scriptOf, WebSocket } from '../../kit/bare-engine.js';
import { type Job, things } from '../../kit/react-native-job.js';
import { deeds, spoiling } from '../../kit/spoiled-globals.js';

type Made = typeof import('../../kit/react-native-job.js');

/** The globals of a page, as far as Node has them. */
const names = [
  ...[
    'AbortController',
    'AbortSignal',
    'Blob',
    'DOMException',
    'Event',
    'EventTarget',
    'FormData',
    'Headers',
  ],
  ...['MessageChannel', 'ReadableStream', 'Request', 'Response', 'TextDecoder', 'TextEncoder', 'URL'],
  ...[
    'URLSearchParams',
    'atob',
    'btoa',
    'crypto',
    'fetch',
    'performance',
    'queueMicrotask',
    'structuredClone',
  ],
] as const;

/** Objects whose members are spoilt: each context has its own. */
const page = () => ({
  URL: class extends URL {},
  crypto: {
    getRandomValues: (array: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(array),
    subtle: crypto.subtle,
  },
  performance: { now: () => performance.now() },
  document: { baseURI: 'http://localhost/', addEventListener() {}, removeEventListener() {} },
  navigator: { onLine: true },
  location: { href: 'http://localhost/' },
  origin: 'http://localhost',
  addEventListener() {},
  removeEventListener() {},
});

/** The client does its job without each of these. */
const dispensable = [
  ...['console.warn', 'AbortSignal', 'Headers', 'URLSearchParams', 'URL', 'URL.canParse'],
  ...['structuredClone', 'queueMicrotask', 'performance', 'performance.now', 'TextEncoder', 'TextDecoder'],
  ...['crypto', 'crypto.getRandomValues', 'navigator', 'navigator.onLine', 'document', 'document.baseURI'],
  ...['document.addEventListener', 'addEventListener', 'location', 'origin', 'Zone', 'Zone.root', 'Response'],
  ...['Request', 'ReadableStream', 'DOMException', 'EventTarget', 'MessageChannel', 'process', 'Intl'],
] as const;

const CONSOLE_THAT_THROWS = `for (const name of Object.keys(console)) {
  console[name] = () => {
    throw new Error('no logs here');
  };
}`;

let library: string;
let at: Awaited<ReturnType<typeof places>>;

beforeAll(async () => {
  library = await scriptOf('./react-native-job.ts', 'library', ['latchkey-source']);
  at = await places();
});
afterAll(async () => await at.close());

/** A context with what a page has, of which the program is run. */
function contextWith(before: string): Context {
  const given = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const ownConsole = { log() {}, debug() {}, info() {}, warn() {}, error() {} };
  const context: Context = bareContext({ ...given, ...page(), WebSocket, console: ownConsole, Zone: {} });
  run(before, context);
  return context;
}

/** The library in such a context. The programs are run before and after it is loaded. */
function libraryIn(before: string, after = ''): Made {
  const context = contextWith(before);
  run(library, context);
  run(after, context);
  return run<Made>('library', context);
}

const expected = Object.fromEntries(Object.entries(things).map(([name, [, gives]]) => [name, gives]));

/** `auth.fetch()` makes a Request of what it receives. */
const wanted = (path: string) =>
  path === 'Request'
    ? {
        ...expected,
        'auth.fetch() of a path, with and without a body': expect.stringContaining(
          'there is no Request on this platform',
        ),
        'an abort ends auth.fetch()': 'ErrorInfo',
      }
    : expected;

async function outcome(made: Made): Promise<unknown> {
  const job: Job = at.job;
  const late = new Promise((resolve) => setTimeout(resolve, 3_000, 'it did not end'));
  const done = await Promise.race([made.doAll(job), late]);
  return JSON.parse(JSON.stringify(done));
}

describe('a client whose app spoils a global of the platform', () => {
  it('the client does the main job if nothing is spoilt', async () => {
    expect(await outcome(libraryIn(''))).toEqual(expected);
  });

  describe.each(Object.keys(deeds) as (keyof typeof deeds)[])('it is %s', (deed) => {
    it.each(dispensable)('%s: the client does the main job', async (path) => {
      expect(await outcome(libraryIn(spoiling(path, deed)))).toEqual(wanted(path));
    });
  });

  it.each([...dispensable, 'console'])(
    '%s is guarded after the client was loaded: the client does the main job',
    async (path) => {
      const program = spoiling(path, 'guarded by a getter that throws');
      expect(await outcome(libraryIn('', program))).toEqual(wanted(path));
    },
  );

  it.each([
    ['absent', 'delete globalThis.console'],
    ['undefined', 'globalThis.console = undefined'],
    ['null', 'globalThis.console = null'],
    ['guarded by a getter that throws', spoiling('console', 'guarded by a getter that throws')],
    ['without methods', 'globalThis.console = {}'],
    ['with methods that are no functions', "globalThis.console = { log: 'log', warn: 1, error: null }"],
    ['there, but its methods throw', CONSOLE_THAT_THROWS],
  ])('console is %s when the client is loaded: the client does the main job', async (_what, before) => {
    const read = `(() => {
      try {
        return JSON.stringify(Object.getOwnPropertyDescriptor(globalThis, 'console')) + typeof console;
      } catch (error) {
        return error.message;
      }
    })()`;
    const context = contextWith(before);
    const found = run(read, context);
    run(library, context);
    expect(await outcome(run<Made>('library', context))).toEqual(expected);
    expect(run(read, context)).toBe(found);
  });
});

describe('a client whose app spoils what cannot be done without', () => {
  const bytes = (count: number) => new Uint8Array(count);
  const authUrl = 'https://example.com/token';
  const polyfill = 'Load a polyfill of it first.';

  const needs: readonly (readonly [
    path: string,
    told: string,
    option: string,
    ClientOptions,
    ClientOptions,
  ])[] = [
    ['fetch', 'there is no fetch on this platform', 'fetch', { authUrl }, { fetch }],
    ...['crypto', 'crypto.getRandomValues'].map(
      (path) =>
        [
          path,
          'there is no source of random bytes',
          'randomBytes',
          { key: 'a.b:c' },
          { randomBytes: bytes },
        ] as const,
    ),
  ];

  describe.each(Object.keys(deeds) as (keyof typeof deeds)[])('it is %s', (deed) => {
    it.each(needs)(
      '%s: the constructor says %s, and takes the option %s',
      (path, told, option, options, more) => {
        const made = libraryIn(spoiling(path, deed));
        expect(made.making(options)).toContain(told);
        expect(made.making(options)).toContain(`: Pass one as the option ${option}.`);
        expect(made.making({ ...options, ...more })).toBe('made');
      },
    );

    it('AbortController: the constructor says that there is none', () => {
      const made = libraryIn(spoiling('AbortController', deed));
      expect(made.making({ authUrl })).toBe(`there is no AbortController on this platform: ${polyfill}`);
    });

    it('WebSocket: the constructor of a connection says that there is none', () => {
      expect(libraryIn(spoiling('WebSocket', deed)).makingConnection()).toContain('WebSocket');
    });
  });
});
