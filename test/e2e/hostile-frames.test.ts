import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { attacks } from './hostile-frames.js';
import { hostileValues } from './hostile-values.js';

/** When the frame comes: before CONNECTED, right after it, before the answer to AUTH. */
type Moment = 'before CONNECTED' | 'after CONNECTED' | 'before the answer to AUTH';

let server: WebSocketServer;
/** How many transports each client opened. */
let transports: Map<string, number>;

beforeEach(async () => {
  transports = new Map();
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
});

afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

const port = (): string => String((server.address() as AddressInfo).port);

function serve(moment: Moment): void {
  server.on('connection', (socket, { url = '/' }) => {
    socket.on('error', () => {});
    const number = new URL(url, 'ws://server').searchParams.get('number') ?? '';
    const turn = (transports.get(number) ?? 0) + 1;
    transports.set(number, turn);
    let isDue = turn === 1;
    const attack = (now: Moment) => {
      if (isDue && now === moment) attacks[Number(number)]?.[1](socket);
      if (now === moment) isDue = false;
    };
    attack('before CONNECTED');
    connected(socket);
    attack('after CONNECTED');
    socket.on('message', (data) => {
      const { action } = JSON.parse(String(data)) as { action: number };
      if (action !== 17) return;
      attack('before the answer to AUTH');
      connected(socket);
    });
  });
}

/** A good frame. */
function connected(socket: WebSocket): void {
  const connectionDetails = { connectionKey: 'a key', maxIdleInterval: 15_000 };
  socket.send(JSON.stringify({ action: 4, connectionId: 'an id', connectionDetails }), () => {});
}

/** Runs a program to its end. */
async function run(
  name: string,
  ...args: readonly string[]
): Promise<{ code: number | null; out: string[]; err: string[] }> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [
    ...['--import', 'tsx', '--conditions=latchkey-source', program],
    ...args,
  ]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return { code, out: lines(out), err: lines(err) };
}

describe('a Node process whose server is hostile', () => {
  it.each<Moment>(['before CONNECTED', 'after CONNECTED', 'before the answer to AUTH'])(
    'lives, and is authorized afterwards, after each attack that comes %s',
    async (moment) => {
      serve(moment);
      const { code, out, err } = await run('hostile-child.ts', port(), String(attacks.length));
      expect(out).toEqual(attacks.map((_, number) => `${number} lived connected`));
      // Nothing but what the client says of itself.
      expect(err.filter((line) => !line.startsWith('latchkey: '))).toEqual([]);
      expect(code).toBe(0);
    },
    60_000,
  );
});

describe('a Node process whose own parts throw', () => {
  const values = Object.keys(hostileValues);

  it.each<[scenario: string, what: string, out: readonly string[]]>([
    [
      'listeners',
      'listeners, subscribers, callbacks and inspectors',
      Array(2).fill('authorized connected token'),
    ],
    ['logs', 'log handlers', Array(2).fill('authorized')],
    ['sources', 'sources', Array(7 * values.length).fill('a good token authorized')],
    ['adapters', 'connection adapters', Array(values.length).fill('token authorized')],
  ])(
    'lives, and is authorized afterwards: %s',
    async (scenario, _what, expected) => {
      serve('after CONNECTED');
      const { code, out, err } = await run('hostile-callbacks-child.ts', scenario, port());
      expect(out).toEqual(expected);
      expect(err.filter((line) => !line.startsWith('latchkey: '))).toEqual([]);
      expect(code).toBe(0);
      if (scenario === 'listeners') {
        const told = (who: RegExp) =>
          err.filter((line) => who.test(line) && line.includes('a fault of mine'));
        for (const who of [
          /'authorized'/,
          /token\$/,
          /state\$/,
          /messages\$/,
          /a callback/,
          /inspector/,
          /environment/,
        ])
          expect([who, told(who).length > 0]).toEqual([who, true]);
      }
    },
    60_000,
  );
});
