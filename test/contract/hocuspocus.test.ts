import { setTimeout } from 'node:timers/promises';
import { HocuspocusProvider } from '@hocuspocus/provider';
import { Server } from '@hocuspocus/server';
import { describe, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Identity, tokenGate } from '../../examples/hocuspocus/server.js';
import { hocuspocus } from '../../src/connection/hocuspocus/index.js';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';

const AWAY_MS = 30;
const someday = 4_000_000_000_000;

/** The example's own hooks on a real Hocuspocus server, with scripted answers to tokens. */
const minutes = (inPlace: boolean) => async (): Promise<ContractHarness> => {
  const clock = new VirtualClock();
  const tokens: string[] = [];
  const waiting: ((verdict: 'accept' | ErrorInfo) => void)[] = [];
  let verdict: 'accept' | 'hold' | ErrorInfo = 'accept';
  let traffic = 0;
  let isAway = false;
  const gate = tokenGate((token) => {
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
  const server = new Server({
    ...{ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false },
    extensions: [gate],
    onUpgrade: async ({ socket }) => {
      traffic += 1;
      if (!isAway) return;
      socket.destroy();
      throw null;
    },
    afterHandleMessage: async () => {
      traffic += 1;
    },
  });
  await server.listen();
  const provider = new HocuspocusProvider({
    url: `ws://127.0.0.1:${server.address.port}`,
    name: 'minutes',
    ...{ WebSocketPolyfill: WebSocket, delay: 1, minDelay: 1, maxDelay: 1, autoConnect: false },
  });
  const adapter = hocuspocus(provider, { clock, inPlace });
  let received = 0;
  provider.document.on('update', () => (received += 1));
  const drop = () => provider.configuration.websocketProvider.webSocket?.close();
  provider.on('message', () => (traffic += 1));
  provider.on('status', () => (traffic += 1));
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
      publish: () => server.hocuspocus.documents.get('minutes')?.getText('body').insert(0, 'x'),
      ask: () => gate.askForTokens(),
      expire: () => gate.dropTokens({ code: 40142, statusCode: 401, message: 'the token expired' }),
    },
    dispose: async () => {
      adapter.dispose();
      provider.destroy();
      await server.destroy();
    },
  };
};

describe('the connection port, by Hocuspocus and the server of its example', () => {
  for (const { run, title } of connectionContract(minutes(true))) it(title, run);
});

describe('the connection port, by Hocuspocus with a server that takes no token in place', () => {
  for (const { run, title, needs } of connectionContract(minutes(false)))
    if (!needs.includes('late')) it(title, run);
});
