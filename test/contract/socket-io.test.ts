import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io } from 'socket.io-client';
import { describe, it } from 'vitest';
import { chatServer, type Identity } from '../../examples/socket-io/server.js';
import { socketIo } from '../../src/connection/socket-io/index.js';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';

const someday = 4_000_000_000_000;

/** The example's own server on a real socket, with scripted answers to tokens. */
async function chat(): Promise<ContractHarness> {
  const clock = new VirtualClock();
  const http = createServer();
  const tokens: string[] = [];
  const waiting: ((verdict: 'accept' | ErrorInfo) => void)[] = [];
  let verdict: 'accept' | 'hold' | ErrorInfo = 'accept';
  let traffic = 0;
  const server = chatServer(http, (token) => {
    traffic += 1;
    tokens.push(token.replace('token of ', ''));
    return new Promise<Identity>((resolve, reject) => {
      const answer = (what: 'accept' | ErrorInfo) => {
        traffic += 1;
        if (what === 'accept') resolve({ clientId: 'ada', expires: someday });
        else reject({ code: what.code, statusCode: what.statusCode, message: what.message });
      };
      if (verdict === 'hold') waiting.push(answer);
      else answer(verdict);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const socket = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, {
    autoConnect: false,
    transports: ['websocket'],
    reconnectionDelay: 1,
    randomizationFactor: 0,
  });
  const adapter = socketIo(socket, { clock });
  adapter.socket.onAny(() => (traffic += 1));
  server.io.engine.on('connection', () => (traffic += 1));
  const quiet = () => untilQuiet(() => `${traffic} ${adapter.state}`);
  return {
    adapter,
    clock: {
      advance: async (ms) => {
        await quiet();
        await clock.advance(ms);
        await quiet();
      },
    },
    connect: () => adapter.connect(),
    close: () => adapter.close(),
    answerTimeoutMs: 10_000,
    server: {
      tokens,
      accept: () => {
        verdict = 'accept';
      },
      refuse: (error) => {
        verdict = error;
      },
      hold: () => {
        verdict = 'hold';
      },
      answer: (what) => waiting.shift()?.(what),
      drop: () => {
        for (const socket of server.io.sockets.sockets.values()) socket.conn.close(true);
      },
      ask: () => server.askForTokens(),
      expire: () => server.dropTokens({ code: 40142, statusCode: 401, message: 'the token expired' }),
    },
    dispose: async () => {
      adapter.dispose();
      await server.io.close();
    },
  };
}

describe('the connection port, by socket.io and the server of its example', () => {
  for (const { run, title } of connectionContract(chat)) it(title, run);
});
