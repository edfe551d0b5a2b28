import { describe, it } from 'vitest';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { untilQuiet } from '../kit/quiet.js';
import { tokenServer } from '../kit/token-server.js';
import { WsConnection, WsInPlace } from '../kit/ws-connection.js';

const harness = (Connection: typeof WsConnection, renewal: 'in place' | 'new transport') => async () => {
  const clock = new VirtualClock();
  const { url, verdicts, stop, ...server } = await tokenServer();
  const adapter = new Connection(url, { clock });
  const quiet = () => untilQuiet(() => `${verdicts.traffic} ${adapter.state}`);
  const harness: ContractHarness = {
    adapter,
    server: Object.assign(verdicts, server),
    renewal,
    answerTimeoutMs: 10_000,
    firstAnswerTimeoutMs: 10_000,
    clock: {
      advance: async (ms) => {
        await quiet();
        // The connection tries again after a loss.
        await clock.advance(ms === 0 && adapter.state === 'disconnected' ? 100 : ms);
        await quiet();
      },
    },
    connect: () => adapter.connect(),
    close: () => adapter.close(),
    subscribe: () => adapter,
    dispose: async () => {
      adapter.dispose();
      await stop();
    },
  };
  return harness;
};

describe('the connection port, by a connection on the base that re-authenticates in place', () => {
  for (const { run, title } of connectionContract(harness(WsInPlace, 'in place'))) it(title, run);
});

describe('the connection port, by a connection on the base that connects again with each token', () => {
  for (const { run, title, needs } of connectionContract(harness(WsConnection, 'new transport')))
    if (!needs.includes('late')) it(title, run);
});
