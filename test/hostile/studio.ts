import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { Auth, ErrorInfo } from '../../src/index.js';
import { attachStudio } from '../../src/studio/attach.js';
import { Recorder } from '../../src/studio/recorder.js';
import { Relay } from '../../src/studio/server/relay.js';
import { Subject } from '../../src/studio/subject.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { must, mustReadRecording, NOW, TOKEN } from './checks.js';
import type { Lies } from './lies.js';

const clientOf = () =>
  new Auth({ authCallback: async () => TOKEN, clock: new VirtualClock(NOW), logLevel: 'none' });

/** What a real client tells a studio. */
const real = (() => {
  const auth = clientOf();
  const recorder = new Recorder(new Subject(auth), { controls: [] });
  const recording = JSON.parse(recorder.recording());
  recorder.dispose();
  auth.dispose();
  return recording as { session: { charts: unknown[]; controls: { name: string }[] }; entries: Entry[] };
})();

interface Entry {
  readonly n: number;
}

const told = (n: number): Entry =>
  ({ n, at: NOW, kind: 'told', about: 'token', tone: 'calm', title: 'a', detail: 'b' }) as Entry;

/** A copy in which one value, at any depth, is a lie. */
function mutated(lies: Lies, whole: unknown): unknown {
  if (typeof whole !== 'object' || whole === null || lies.chance() < 0.1) return lies.plain(1);
  const copy: object = Array.isArray(whole) ? [...whole] : { ...whole };
  const name = lies.one(Object.keys(copy));
  if (name === undefined) return lies.plain(1);
  if (Array.isArray(copy) && lies.chance() < 0.2) return [...copy, copy[Number(name)]];
  return Object.assign(copy, { [name]: mutated(lies, (whole as Record<string, unknown>)[name]) });
}

const hello = () => ({ type: 'hello', now: NOW, ...real });

/** Messages of a client to a studio, most of them lies. */
function wordsOf(lies: Lies, isFlood: boolean): (string | Buffer)[] {
  const next = (real.entries.at(-1)?.n ?? -1) + 1;
  const one = (): string | Buffer =>
    lies.one<() => string | Buffer>([
      () => JSON.stringify(mutated(lies, hello())),
      () => JSON.stringify(mutated(lies, { type: 'entry', entry: told(next) })),
      () => JSON.stringify({ type: 'entry', entry: told(lies.one([0, next, 99])) }),
      () => JSON.stringify({ type: 'gone' }),
      () => JSON.stringify({ type: 'entry', entry: { ...told(next), title: 'x'.repeat(300_000) } }),
      () => JSON.stringify(lies.plain()),
      () => '['.repeat(500),
      () => '{',
      () => Buffer.from('bytes'),
    ])();
  const first =
    isFlood || lies.chance() < 0.6
      ? [JSON.stringify({ ...hello(), ...(lies.chance() < 0.2 ? { entries: [] } : {}) })]
      : [];
  const flood = Array.from({ length: isFlood ? 34_000 : 0 }, (_one, index) =>
    JSON.stringify({ type: 'entry', entry: told(next + index) }),
  );
  return [...first, ...flood, ...Array.from({ length: 1 + Math.floor(lies.chance() * 2) }, one)];
}

/** A recording of another program is read, or refused with a text for its user. */
function recording(lies: Lies): void {
  const whole = { format: 'latchkey-recording', version: 1, ...real };
  const text = lies.one([
    () => JSON.stringify(whole),
    () => JSON.stringify(mutated(lies, whole)),
    () => JSON.stringify(whole).replace(/"(source|target|id)":"[^"]+"/, '"$1":"none"'),
    () => JSON.stringify({ ...whole, entries: lies.one<unknown>([[], [told(0), told(2)], [told(7)]]) }),
    () => JSON.stringify({ ...whole, session: mutated(lies, real.session) }),
    () =>
      JSON.stringify({
        ...whole,
        session: { ...real.session, charts: [mutated(lies, real.session.charts[0])] },
      }),
  ])();
  mustReadRecording(text);
}

let now = 0;
const relay = new Relay(
  () => {
    now += 0.01;
    return now;
  },
  () => {},
);

const studioPort = (async () => {
  const server = createServer();
  server.on('upgrade', (request, socket, head) => relay.upgrade(request, socket, head));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  server.unref();
  return (server.address() as AddressInfo).port;
})();

/** A hostile client of a studio: the studio lives, and keeps to its own controls. */
async function client(lies: Lies, isFlood: boolean): Promise<void> {
  const path = lies.chance() < 0.1 ? lies.one(['/attach/x', '/attach/', '/other']) : relay.path();
  let isOpen = false;
  const unsubscribe = relay.subscribe(() => {
    if (isOpen && lies.chance() < 0.1) throw new Error('a page that is gone');
  });
  const socket = new WebSocket(`ws://127.0.0.1:${await studioPort}${path}`);
  socket.on('error', () => {});
  const closed = once(socket, 'close').catch(() => {});
  const opened = await Promise.race([once(socket, 'open').then(() => true), closed.then(() => false)]).catch(
    () => false,
  );
  isOpen = true;
  if (opened) {
    for (const word of wordsOf(lies, isFlood)) socket.send(word);
    const answered = new Promise((resolve) => socket.once('pong', resolve));
    if (lies.chance() < 0.3) socket.pause();
    else {
      socket.ping();
      await Promise.race([answered, closed]);
    }
    const control = real.session.controls[0]?.name ?? '';
    await relay
      .perform(lies.one([control, control, 'other']))
      .catch((error) => must(error instanceof TypeError, String(error)));
    relay.subscribe(() => {})();
    socket.resume();
    if (lies.chance() < 0.5) {
      const second = new WebSocket(`ws://127.0.0.1:${await studioPort}${relay.path()}`);
      second.on('error', () => {});
      await once(second, 'open');
      second.terminate();
    }
    socket.terminate();
  }
  unsubscribe();
  relay.subscribe(() => {})();
}

const hostileStudio = (async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on('connection', (socket) => socket.on('error', () => {}));
  return server;
})();

/** A hostile studio of a client: the client works on. */
async function studio(lies: Lies): Promise<void> {
  const server = await hostileStudio;
  const address = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/attach/x`;
  const auth = clientOf();
  const words = Array.from({ length: 1 + Math.floor(lies.chance() * 60) }, () =>
    lies.one<string | Buffer>([
      ...[
        '{"type":"attached"}',
        '{"type":"perform","control":"authorize"}',
        '{"type":"perform","control":7}',
      ],
      ...[
        '{"type":"perform","control":"none"}',
        '{',
        'x'.repeat(2_000),
        Buffer.from('bytes'),
        JSON.stringify(lies.plain()),
      ],
    ]),
  );
  const ended = new Promise<void>((resolve) => {
    server.once('connection', (socket) => {
      for (const word of words) socket.send(word);
      socket.once('close', resolve);
      if (lies.chance() < 0.3) socket.close(1008, lies.one(['', 'a reason']));
      else socket.ping(undefined, undefined, () => setImmediate(() => socket.terminate()));
    });
  });
  const url = lies.one([
    address,
    address,
    new URL(address),
    'ws://example.com/',
    'http://127.0.0.1/',
    lies.value(),
  ]);
  try {
    const attachment = attachStudio(auth, url as never, ...(lies.chance() < 0.5 ? [] : [{ title: 'a' }]));
    await attachment.ready.catch((error) => must(error instanceof TypeError, String(error)));
    await ended;
    attachment.detach();
  } catch (error) {
    server.removeAllListeners('connection').on('connection', (socket) => socket.on('error', () => {}));
    must(error instanceof ErrorInfo && error.code === 40003, `it failed with ${String(error)}`);
  } finally {
    auth.dispose();
  }
}

/** Recordings, and both directions of the studio's socket. */
export async function studios(lies: Lies, seed: number): Promise<void> {
  if (seed % 250 === 9) return client(lies, true);
  await lies.one<() => unknown>([
    () => recording(lies),
    () => recording(lies),
    () => client(lies, false),
    () => studio(lies),
  ])();
}
