import { randomBytes } from 'node:crypto';
import type { Context } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientOptions } from '../../../src/index.js';
import { bareContext, nativeRequest, places, run, scriptOf, WebSocket } from '../../kit/bare-engine.js';
import { type Job, things } from '../../kit/react-native-job.js';

type Made = typeof import('../../kit/react-native-job.js');

let globals: string;
let library: string;
let at: Awaited<ReturnType<typeof places>>;

beforeAll(async () => {
  globals = await scriptOf('./react-native-globals.ts', 'globals', []);
  library = await scriptOf('./react-native-job.ts', 'library', ['latchkey-source']);
  at = await places();
});
afterAll(async () => await at.close());

/** The library in a context, evaluated there. */
function libraryIn(context: Context): Made {
  run(library, context);
  return run<Made>('library', context);
}

const reactNative = (): Context => {
  const context = bareContext({ nativeRequest, WebSocket });
  run(globals, context);
  return context;
};

describe('a client with the URL, fetch and AbortController of React Native, and no more', () => {
  const missing = ['TextDecoder', 'TextEncoder', 'ReadableStream', 'crypto', 'atob', 'btoa', 'DOMException'];
  const more = [
    'structuredClone',
    'queueMicrotask',
    'performance',
    'Blob',
    'FormData',
    'document',
    'navigator',
  ];

  it('the test lacks what React Native lacks', () => {
    const context = reactNative();
    expect([...missing, ...more].map((name) => run(`typeof ${name}`, context))).toEqual(
      Array(missing.length + more.length).fill('undefined'),
    );
    expect(run('typeof URL.canParse', context)).toBe('undefined');
  });

  let given: Record<string, unknown>;
  beforeAll(async () => {
    const job: Job = at.job;
    given = await libraryIn(reactNative()).doAll(job);
  });

  it.each(Object.entries(things).map(([name, [, gives]]) => [name, gives]))('gives %s', (name, gives) => {
    expect(JSON.parse(JSON.stringify(given[String(name)]))).toEqual(gives);
  });
});

describe('a client on a platform that lacks what cannot be done without', () => {
  const key = 'app.key:secret';
  const bytes = { randomBytes: (count: number) => new Uint8Array(randomBytes(count)) };

  it.each<[string, string, ClientOptions, string]>([
    ['fetch', 'fetch', { authUrl: 'https://example.com/t' }, 'there is no fetch on this platform'],
    ['fetch, with a key', 'fetch', { key, ...bytes }, 'there is no fetch on this platform'],
    ['fetch, given as an option', 'fetch', { authUrl: 'https://example.com/t', fetch }, 'made'],
    ['fetch, with a callback', 'fetch', { authCallback: async () => 'a-token' }, 'made'],
    ['fetch, with a token', 'fetch', { token: 'a-token' }, 'made'],
    ['random bytes', 'crypto', { key }, 'there is no source of random bytes'],
    ['random bytes, given as an option', 'crypto', { key, ...bytes }, 'made'],
    ['random bytes, not to sign', 'crypto', { key, useTokenAuth: false }, 'made'],
    ['random bytes, with another source', 'crypto', { key, authUrl: 'https://example.com/t' }, 'made'],
    ['AbortController', 'AbortController', { token: 'a-token' }, 'there is no AbortController'],
  ])('the constructor names the missing function: %s', (_what, name, options, told) => {
    const context = reactNative();
    run(`delete globalThis.${name}`, context);
    const said = libraryIn(context).making(options);
    expect(said).toContain(told);
    if (told !== 'made')
      expect(said).toMatch(/: (Pass one as the option (fetch|randomBytes)|Load a polyfill of it first)\.$/);
  });

  it('the constructor of a connection names the missing WebSocket', () => {
    const context = bareContext({ nativeRequest });
    run(globals, context);
    expect(libraryIn(context).makingConnection()).toBe('there is no WebSocket on this platform');
  });
});
