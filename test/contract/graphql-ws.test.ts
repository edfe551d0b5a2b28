import { createClient } from 'graphql-ws';
import { describe, it } from 'vitest';
import { WebSocket } from 'ws';
import { graphqlWs } from '../../src/connection/graphql-ws/index.js';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { GraphqlServer } from '../kit/graphql-server.js';
import { untilQuiet } from '../kit/quiet.js';

async function graphql(refusalCode: number): Promise<ContractHarness> {
  const clock = new VirtualClock();
  const server = await GraphqlServer.listen();
  server.refusalCode = refusalCode;
  const adapter = graphqlWs(createClient, { url: server.url, webSocketImpl: WebSocket }, { clock });
  const quiet = () => untilQuiet(() => `${server.traffic} ${adapter.state}`);
  return {
    adapter,
    server,
    renewal: 'new transport',
    answerTimeoutMs: 10_000,
    firstAnswerTimeoutMs: 10_000,
    clock: {
      advance: async (ms) => {
        await quiet();
        await clock.advance(ms);
        await quiet();
      },
    },
    connect: () => adapter.connect(),
    close: () => adapter.close(),
    subscribe: () => {
      const subscription = { received: 0 };
      const sink = {
        next: () => {
          subscription.received += 1;
        },
        error: () => {},
        complete: () => {},
      };
      adapter.client.subscribe({ query: 'subscription { news }' }, sink);
      return subscription;
    },
    dispose: async () => {
      adapter.dispose();
      await server.close();
    },
  };
}

describe.each([4401, 4403])('the connection port, by a client of graphql-ws, refused by %i', (code) => {
  for (const { run, title, needs } of connectionContract(() => graphql(code)))
    if (!needs.includes('late') && !needs.includes('ask')) it(title, run);
});
