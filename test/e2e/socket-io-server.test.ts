import { createServer } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ChatServer, chatServer, type Identity } from '../../examples/socket-io/server.js';
import { eventually } from '../kit/eventually.js';
import { listening } from '../kit/listening.js';

/** The longest delay of a timer, ms. */
const LONGEST_MS = 2 ** 31 - 1;

const ada: Identity = { clientId: 'ada', expires: 4_000_000_000_000 };

/** `String()` throws for it. */
const unusable = { toString: 1, valueOf: 1 };

describe('the example of a socket.io server, with clients of other people', () => {
  let server: ChatServer | undefined;
  const sockets: Socket[] = [];
  const faults: unknown[] = [];
  const noteFault = (fault: unknown) => faults.push(fault);

  afterEach(async () => {
    process.off('uncaughtException', noteFault).off('unhandledRejection', noteFault);
    vi.restoreAllMocks();
    for (const socket of sockets.splice(0)) socket.disconnect();
    await server?.io.close();
    faults.length = 0;
  });

  const clientOf = async (verify: (token: string) => Promise<Identity>, token: unknown) => {
    process.on('uncaughtException', noteFault).on('unhandledRejection', noteFault);
    const http = createServer();
    server = chatServer(http, verify);
    const socket = io(await listening(http), { auth: { token }, forceNew: true, reconnection: false });
    sockets.push(socket);
    return socket;
  };

  const connected = async (verify: (token: string) => Promise<Identity>) => {
    const socket = await clientOf(verify, 'ada 1');
    await eventually(() => expect(socket.connected).toBe(true));
    return socket;
  };

  it.each([[unusable], [7], [null], [undefined]])(
    'a first token that is no string is refused: %j',
    async (token) => {
      const verify = vi.fn(async () => ada);
      const socket = await clientOf(verify, token);
      const refusal = new Promise((resolve) =>
        socket.on('connect_error', (error) => resolve((error as { data?: unknown }).data)),
      );
      expect(await refusal).toMatchObject({ code: 40144, statusCode: 401 });
      expect([verify.mock.calls, faults]).toEqual([[], []]);
    },
  );

  it('messages of a wrong shape end neither the server nor the connection', async () => {
    const verify = vi.fn(async () => ada);
    const socket = await connected(verify);
    const said: unknown[] = [];
    socket.on('said', (_who, text) => said.push(text));
    socket.emit('latchkey:token', 'ada 2');
    socket.emit('latchkey:token', 'ada 2', 'no function');
    socket.emit('say', unusable);
    expect(await socket.emitWithAck('latchkey:token', unusable)).toMatchObject({ refused: { code: 40144 } });
    socket.emit('say', 'hello');
    await eventually(() => expect(said).toEqual(['hello']));
    expect([verify.mock.calls, faults]).toEqual([[['ada 1']], []]);
  });

  it('a connection that closes while its token is verified starts no timer', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    let verified: (() => void) | undefined;
    const socket = await connected((token) =>
      token === 'ada 1'
        ? Promise.resolve(ada)
        : new Promise((resolve) => {
            verified = () => resolve(ada);
          }),
    );
    const endings = () => timers.mock.calls.filter(([, ms]) => ms === LONGEST_MS).length;
    expect(endings()).toBe(1);
    socket.emit('latchkey:token', 'ada 2', () => {});
    await eventually(() => expect(verified).toBeDefined());
    socket.disconnect();
    await eventually(() => expect(server?.io.sockets.sockets.size).toBe(0));
    verified?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(endings()).toBe(1);
  });
});
