import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { RealtimeConnection } from '../../src/connection/index.js';
import { VirtualClock } from '../../src/testing/index.js';
import { eventually } from '../kit/eventually.js';

describe('a connection of Node, with the WebSocket that it has without an option', () => {
  it('it asks for ping frames, and each of them counts as a sign of life (RTN23b)', async () => {
    const http = createServer().listen(0, '127.0.0.1');
    const server = new WebSocketServer({ server: http });
    const lines: WebSocket[] = [];
    const heartbeats: (string | null)[] = [];
    server.on('connection', (socket, { url = '' }) => {
      lines.push(socket);
      heartbeats.push(new URL(url, 'ws://host').searchParams.get('heartbeats'));
      const connectionDetails = { connectionKey: 'key', maxIdleInterval: 15_000 };
      socket.send(JSON.stringify({ action: 4, connectionId: 'id', connectionDetails }));
    });
    await new Promise((resolve) => http.once('listening', resolve));
    const clock = new VirtualClock();
    const connection = new RealtimeConnection({
      endpoint: '127.0.0.1',
      port: (http.address() as AddressInfo).port,
      tls: false,
      clock,
    });
    onTestFinished(() => {
      connection.dispose();
      server.close();
      http.close();
    });
    connection.push({ type: 'connection.open', token: { token: 'a.token' } }, new AbortController().signal);
    await connection.whenState('connected');
    const changes: string[] = [];
    connection.on(({ event }) => changes.push(event));

    await clock.advance(20_000);
    const due = clock.nextIn;
    // The pong shows that the client has handled the ping frame.
    const answered = new Promise((resolve) => lines[0]?.once('pong', resolve));
    lines[0]?.ping();
    await answered;
    expect([due, clock.nextIn]).toEqual([5_000, 25_000]);
    await clock.advance(24_999);
    expect(changes).toEqual([]);
    await clock.advance(1);
    await eventually(() => expect(changes).toEqual(['disconnected', 'connecting', 'connected']));
    expect(heartbeats).toEqual(['false', 'false']);
  });
});
