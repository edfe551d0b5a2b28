import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareContext, places, run, scriptOf } from '../../kit/bare-engine.js';
import { answers, type EndpointJob, formats } from '../../kit/endpoint-job.js';
import { deeds, spoiling } from '../../kit/spoiled-globals.js';

type Made = typeof import('../../kit/endpoint-job.js');

/** The globals of a platform with servers, as far as Node has them. */
const names = [
  ...[
    'AbortController',
    'AbortSignal',
    'Blob',
    'CryptoKey',
    'DOMException',
    'Event',
    'EventTarget',
    'Headers',
  ],
  ...[
    'ReadableStream',
    'Request',
    'Response',
    'TextDecoder',
    'TextEncoder',
    'URL',
    'URLSearchParams',
    'atob',
  ],
  ...['btoa', 'fetch', 'performance', 'process', 'queueMicrotask', 'structuredClone'],
] as const;

const members = [
  ...['console', 'console.error', 'crypto', 'crypto.getRandomValues', 'crypto.subtle'],
  ...['crypto.subtle.importKey', 'crypto.subtle.sign'],
];

let library: string;
let at: Awaited<ReturnType<typeof places>>;
let job: EndpointJob;

beforeAll(async () => {
  library = await scriptOf('./endpoint-job.ts', 'library', ['latchkey-source']);
  at = await places();
  job = { ...at.job, request: (init) => new Request('https://example.com/token', init) };
});
afterAll(async () => await at.close());

/** What each format gives in a context whose globals are spoiled before the library is loaded, or after. */
async function outcome(program: string, isLate = false): Promise<Record<string, unknown>> {
  const given = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const subtle = {
    importKey: crypto.subtle.importKey.bind(crypto.subtle),
    sign: crypto.subtle.sign.bind(crypto.subtle),
  };
  const ownCrypto = { getRandomValues: crypto.getRandomValues.bind(crypto), subtle };
  const own = { crypto: ownCrypto, console: { log() {}, error() {} } };
  const context = bareContext({ ...given, ...own });
  if (!isLate) run(program, context);
  run(library, context);
  if (isLate) run(program, context);
  const made = run<Made>('library', context);
  const all: Record<string, unknown> = {};
  for (const format of formats) all[format] = await made.askAll(format, job);
  return JSON.parse(JSON.stringify(all));
}

const whole = Object.fromEntries(formats.map((format) => [format, answers]));
const polyfill = (name: string) => `there is no ${name} on this platform: Load a polyfill of it first.`;
const always = (told: string) => Object.fromEntries(formats.map((format) => [format, told]));
const noBytes = always(
  'there is no source of random bytes, which TokenRequests are signed with, on this platform: ' +
    'Pass one as the option randomBytes.',
);

/** What cannot be done without, and what the constructor of each format says then. */
const needs: Readonly<Record<string, unknown>> = {
  AbortController: always(polyfill('AbortController')),
  Response: always(polyfill('Response')),
  URL: always(polyfill('URL.canParse')),
  URLSearchParams: always(polyfill('URLSearchParams')),
  fetch: always('there is no fetch on this platform: Pass one as the option fetch.'),
  crypto: noBytes,
  'crypto.getRandomValues': noBytes,
};

describe('a token endpoint whose app spoils a global of the platform', () => {
  it('does its job where nothing is spoiled', async () => {
    expect(await outcome('')).toEqual(whole);
  });

  it('does its job where the globals are frozen', async () => {
    const program = `for (const one of [crypto.subtle, crypto, console]) Object.freeze(one);
    for (const name of ${JSON.stringify([...names, 'crypto', 'console'])})
      Object.defineProperty(globalThis, name, { value: globalThis[name], writable: false, configurable: false });`;
    expect(await outcome(program)).toEqual(whole);
  });

  describe.each(Object.keys(deeds) as (keyof typeof deeds)[])('it is %s', (deed) => {
    it.each([...names, ...members])('%s: an endpoint does its job, or says what it needs', async (path) => {
      const expected = needs[path] ?? whole;
      const program = spoiling(path, deed);
      expect(await outcome(program)).toEqual(expected);
      expect(await outcome(program, true)).toEqual(expected);
    });
  });
});
