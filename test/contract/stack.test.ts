import { describe, it } from 'vitest';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';
import { TokenServer } from '../kit/token-server.js';
import { WsInPlace } from '../kit/ws-connection.js';

async function inPlace(): Promise<ContractHarness> {
  const clock = new VirtualClock();
  const server = await TokenServer.listen();
  const adapter = new WsInPlace(server.url, { clock });
  const quiet = () => untilQuiet(() => `${server.traffic} ${adapter.state}`);
  return {
    adapter,
    server,
    answerTimeoutMs: 10_000,
    clock: {
      advance: async (ms) => {
        await quiet();
        await clock.advance(ms);
        await quiet();
        // A try again by the connection itself.
        if (ms === 0 && adapter.state === 'disconnected') await clock.advance(1);
        await quiet();
      },
    },
    connect: () => adapter.connect(),
    close: () => adapter.close(),
    dispose: async () => {
      adapter.dispose();
      await server.close();
    },
  };
}

describe('the connection port, by a connection on the base that re-authenticates in place', () => {
  for (const { run, title } of connectionContract(inPlace)) it(title, run);
});
