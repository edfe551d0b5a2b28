import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createWebSocketInspector } from '@statelyai/inspect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { root } from '../kit/imports.js';

interface Seen {
  readonly type: string;
  readonly name?: string;
  readonly sessionId: string;
  readonly definition?: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: { readonly value?: unknown; readonly status?: string };
}

let receiver: WebSocketServer;
let sandbox: Sandbox;
let texts: string[];
let look: () => void;
const undo: (() => void)[] = [];

beforeEach(async () => {
  texts = [];
  look = () => {};
  receiver = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  receiver.on('connection', (socket: WebSocket) =>
    socket.on('message', (data) => {
      texts.push(String(data));
      look();
    }),
  );
  await once(receiver, 'listening');
  sandbox = createSandbox();
});

afterEach(async () => {
  for (const stop of undo.splice(0)) stop();
  await sandbox.dispose();
  for (const socket of receiver.clients) socket.terminate();
  receiver.close();
});

const seen = () => texts.map((text) => JSON.parse(text) as Seen);

function until(found: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    look = () => {
      if (!found()) return;
      look = () => {};
      resolve();
    };
    look();
  });
}

describe('Stately’s inspector, over its WebSocket', () => {
  it('the inspector receives the machines by name and definition, their events and states, and no secret', async () => {
    const { port } = receiver.address() as AddressInfo;
    const stately = createWebSocketInspector({ url: `ws://127.0.0.1:${port}` });
    const { inspect } = stately;
    const [key] = sandbox.createApp().keys;
    const connection = new RealtimeConnection({ WebSocket: sandbox.WebSocket, inspect });
    const auth = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch, connection, inspect });
    undo.push(
      () => stately.stop(),
      () => auth.dispose(),
      () => connection.dispose(),
    );
    const { token } = await auth.authorize();
    const isIn = (name: string, value: unknown) => {
      const { sessionId } = seen().find((one) => one.type === '@xstate.actor' && one.name === name) ?? {};
      return seen().some(
        (one) =>
          one.type === '@xstate.snapshot' &&
          one.sessionId === sessionId &&
          JSON.stringify(one.snapshot?.value) === JSON.stringify(value),
      );
    };
    await until(() => isIn('auth', 'authorized') && isIn('connection', { connected: 'steady' }));
    const actors = seen().filter(({ type }) => type === '@xstate.actor');
    const names = actors.map(({ name }) => name);
    expect(new Set(names)).toEqual(new Set(['auth', 'connection', 'acquisition', 'transport']));
    const [first] = actors.filter(({ name }) => name === 'auth');
    const { states } = JSON.parse(first?.definition ?? '{}') as { states: object };
    // The inspector's protocol sorts the names.
    expect(Object.keys(states)).toEqual(['authorized', 'failed', 'idle', 'renewing', 'requesting']);
    const told = seen().map(({ event }) => event?.type);
    expect(told).toContain('xstate.done.actor.acquisition');
    expect(told).toContain('acquisition.step');
    const secrets = [token, key?.keySecret ?? '', connection.key ?? ''];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  });

  it('three lines connect the inspector, as the documentation says', () => {
    const page = readFileSync(join(root, 'docs/inspector.md'), 'utf8');
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
    const lines = code.split('\n').filter((line) => /inspect/i.test(line));
    expect(lines.map((line) => line.trim())).toEqual([
      "import { createWebSocketInspector } from '@statelyai/inspect';",
      "const { inspect } = createWebSocketInspector({ url: 'ws://localhost:8080' });",
      "const auth = new Auth({ authUrl: 'https://example.com/api/token', inspect });",
    ]);
  });
});
