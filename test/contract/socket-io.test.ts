import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { describe, it } from 'vitest';
import { chatServer, type Identity } from '../../examples/socket-io/server.js';
import { socketIo } from '../../src/connection/socket-io/index.js';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';

const AWAY_MS = 30;
const someday = 4_000_000_000_000;

/** The example's own server on a real socket, with scripted answers to tokens. */
const chat = (inPlace: boolean) => async (): Promise<ContractHarness> => {
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
  const adapter = socketIo(socket, { clock, inPlace });
  let isAway = false;
  let received = 0;
  socket.on('said', () => (received += 1));
  adapter.socket.onAny(() => (traffic += 1));
  const transports = new Set<{ close(isAtOnce: boolean): unknown }>();
  server.io.engine.on('connection', (transport) => {
    traffic += 1;
    transports.add(transport);
    transport.on('close', () => transports.delete(transport));
    if (isAway) transport.close(true);
  });
  const drop = () => {
    for (const transport of transports) transport.close(true);
  };
  // A client whose server is away tries again and again.
  const quiet = () => (isAway ? setTimeout(AWAY_MS) : untilQuiet(() => `${traffic} ${adapter.state}`));
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
    firstAnswerTimeoutMs: 10_000,
    renewal: inPlace ? 'in place' : 'new transport',
    subscribe: () => ({
      get received() {
        return received;
      },
    }),
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
      drop,
      leave: () => {
        isAway = true;
        drop();
      },
      comeBack: () => {
        isAway = false;
      },
      publish: () => server.io.emit('said', 'ada', 'hello'),
      ask: () => server.askForTokens(),
      expire: () => server.dropTokens({ code: 40142, statusCode: 401, message: 'the token expired' }),
    },
    dispose: async () => {
      adapter.dispose();
      await server.io.close();
    },
  };
};

describe('the connection port, by socket.io and the server of its example', () => {
  for (const { run, title } of connectionContract(chat(true))) it(title, run);
});

describe('the connection port, by socket.io with a server that takes no token in place', () => {
  for (const { run, title, needs } of connectionContract(chat(false)))
    if (!needs.includes('late')) it(title, run);
});
