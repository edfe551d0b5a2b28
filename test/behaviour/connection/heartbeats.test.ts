import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type {
  RealtimeConnectionOptions,
  WebSocketClass,
  WebSocketLike,
} from '../../../src/connection/index.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { ScriptedServer } from '../../kit/connection-server.js';

const PING = 22;
const PONG = 23;

function harness(options: RealtimeConnectionOptions = {}): ConnectionHarness {
  const made = new ConnectionHarness(options);
  onTestFinished(() => {
    made.connection.dispose();
    expect(made.clock.pending, 'timers that are left').toBe(0);
  });
  return made;
}

/** A class whose sockets see ping frames, and these sockets. */
function pinged(server = new ScriptedServer()) {
  const sockets: WebSocketLike[] = [];
  const { WebSocket } = server;
  const Pinged: WebSocketClass = class extends WebSocket {
    static override readonly seesPings = true;
    override onping = null;

    constructor(url: string) {
      super(url);
      sockets.push(this as WebSocketLike);
    }
  };
  return { server, sockets, WebSocket: Pinged };
}

const heartbeatsOf = ({ url }: { readonly url: URL }) => url.searchParams.get('heartbeats');

describe('the heartbeats that a connection asks for', () => {
  it.each([
    ['a page', { document: {} }],
    ['a worker of a page', { navigator: { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' } }],
    ['React Native', { navigator: { product: 'ReactNative' } }],
  ])('a connection in %s asks for messages that it answers (RTN23c)', async (_where, globals) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { server } = await harness().connected();
    expect(heartbeatsOf(server.line)).toBe('bounce');
  });

  it('a connection that is not on a device and sees no ping frames asks for messages (RTN23b)', async () => {
    const { server } = await harness().connected();
    expect(heartbeatsOf(server.line)).toBe('true');
  });

  it('a connection that sees ping frames asks for no messages, also in a page (RTN23b)', async () => {
    vi.stubGlobal('document', {});
    onTestFinished(() => void vi.unstubAllGlobals());
    const { server, WebSocket } = pinged();
    await harness({ WebSocket }).connected();
    expect(heartbeatsOf(server.line)).toBe('false');
  });

  it('the transportParams of the application come first (RTC1f1)', async () => {
    const { server } = await harness({ transportParams: { heartbeats: 'bounce' } }).connected();
    expect(heartbeatsOf(server.line)).toBe('bounce');
  });
});

describe('a PING of the server', () => {
  it.each(['true', 'false', 'bounce'])(
    'the connection answers it with its id, on the same transport, with heartbeats=%s (RTN23c1)',
    async (heartbeats) => {
      const { connection, server } = await harness({ transportParams: { heartbeats } }).connected();
      const passed: unknown[] = [];
      connection.onMessage((message) => passed.push(message));
      server.line.send({ action: PING, id: 'ping-1' });
      server.line.send({ action: PING });
      expect(server.line.received).toEqual([{ action: PONG, id: 'ping-1' }, { action: PONG }]);
      expect(passed).toEqual([]);
    },
  );

  it('a PING counts as a sign of life, and the transport is replaced after a silence (RTN23a)', async () => {
    const { changes, clock, server } = await harness().connected();
    await clock.advance(20_000);
    server.line.send({ action: PING, id: 'ping-1' });
    await clock.advance(24_999);
    expect(changes).toEqual([]);
    await clock.advance(1);
    expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
    expect(server.line.resume).toBe('key-1');
    expect(server.live).toHaveLength(1);
  });

  it('a PING that cannot be answered leads to another transport', async () => {
    const { changes, clock, server } = await harness().connected();
    server.line.isOpen = false;
    server.line.send({ action: PING, id: 'ping-1' });
    await clock.advance(0);
    expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
  });
});

describe('a ping frame of the server', () => {
  it('a ping frame counts as a sign of life, and the transport is replaced after a silence (RTN23a, RTN23b)', async () => {
    const { server, sockets, WebSocket } = pinged();
    const { changes, clock } = await harness({ WebSocket }).connected();
    await clock.advance(20_000);
    sockets[0]?.onping?.();
    await clock.advance(24_999);
    expect(changes).toEqual([]);
    await clock.advance(1);
    expect(changes).toEqual(['disconnected 80003 in 0', 'connecting', 'connected']);
    expect([server.lines.length, server.line.resume]).toEqual([2, 'key-1']);
  });

  it('a transport that was dropped hears no ping frame', async () => {
    const { sockets, WebSocket } = pinged();
    const { connection } = await harness({ WebSocket }).connected();
    connection.dispose();
    expect(sockets[0]?.onping).toBeNull();
  });
});
