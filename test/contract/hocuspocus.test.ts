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

const someday = 4_000_000_000_000;

/** The example's own hooks on a real Hocuspocus server, with scripted answers to tokens. */
async function document(): Promise<ContractHarness> {
  const clock = new VirtualClock();
  const tokens: string[] = [];
  const waiting: ((verdict: 'accept' | ErrorInfo) => void)[] = [];
  let verdict: 'accept' | 'hold' | ErrorInfo = 'accept';
  let traffic = 0;
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
  const adapter = hocuspocus(provider, { clock });
  provider.on('message', () => (traffic += 1));
  provider.on('status', () => (traffic += 1));
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
      drop: () => provider.configuration.websocketProvider.webSocket?.close(),
      ask: () => gate.askForTokens(),
      expire: () => gate.dropTokens({ code: 40142, statusCode: 401, message: 'the token expired' }),
    },
    dispose: async () => {
      adapter.dispose();
      provider.destroy();
      await server.destroy();
    },
  };
}

describe('the connection port, by Hocuspocus and the server of its example', () => {
  for (const { run, title } of connectionContract(document)) it(title, run);
});
