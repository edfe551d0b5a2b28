import * as Ably from 'ably';
import { describe, expect, it } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { type ContractHarness, connectionContract } from '../../src/testing/connection-contract.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { tokenExpired, type WireError } from '../kit/connection-server.js';
import { attachments } from './attachments.js';
import { WireServer } from './wire-server.js';

const onWire = ({ code, statusCode, message }: ErrorInfo): WireError => ({ code, statusCode, message });

const QUIET_TURNS = 6;
const TURN_MS = 4;

/** The published package over real sockets. Only the adapter's clock is virtual. */
async function official(): Promise<ContractHarness & { readonly client: Ably.Realtime }> {
  const clock = new VirtualClock();
  const server = await WireServer.listen();
  const adapter = ablyJs(
    (authCallback) =>
      new Ably.Realtime({
        authCallback,
        autoConnect: false,
        endpoint: '127.0.0.1',
        port: server.port,
        tls: false,
        useBinaryProtocol: false,
        logLevel: 0,
      }),
    { clock },
  );
  const { connection } = adapter.client;
  let changes = 0;
  connection.on(() => {
    changes += 1;
  });
  const quiet = async () => {
    for (let turn = 0, seen = ''; turn < QUIET_TURNS; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, TURN_MS));
      const now = `${server.traffic} ${changes}`;
      if (now !== seen) turn = 0;
      seen = now;
    }
  };
  return {
    adapter,
    client: adapter.client,
    clock: {
      advance: async (ms) => {
        await quiet();
        await clock.advance(ms);
        await quiet();
      },
    },
    connect: () => connection.connect(),
    close: () => connection.close(),
    answerTimeoutMs: 10_000,
    // An ERROR may be about the token before.
    isRefusalClear: false,
    server: {
      get tokens() {
        return server.tokens.map((token) => token.replace('token of ', ''));
      },
      accept: () => {
        server.verdict = 'accept';
      },
      refuse: (error) => {
        server.verdict = onWire(error);
      },
      hold: () => {
        server.verdict = 'silence';
      },
      answer: (verdict) => server.answer(verdict === 'accept' ? verdict : onWire(verdict)),
      drop: () => server.drop(),
      ask: () => server.send({ action: 17 }),
      expire: () => server.disconnect(tokenExpired),
    },
    dispose: async () => {
      connection.close();
      await server.close();
    },
  };
}

describe.each(attachments)('the connection port, by the official SDK, attached %s', (_when, attached) => {
  for (const { run, title } of connectionContract(async () => attached(await official()))) it(title, run);
});

describe('the connection port, by the official SDK', () => {
  it('the adapter tries the new token when the old one expires before the answer', async () => {
    const { adapter, server, clock, dispose } = await official();
    adapter.attach(() => {});
    const push = (type: 'connection.open' | 'connection.upgrade', token: string) =>
      adapter.push({ type, token: { token } }, new AbortController().signal);
    await push('connection.open', 'first');
    server.hold();
    const verdict = push('connection.upgrade', 'second');
    await clock.advance(0);
    server.accept();
    server.expire?.();
    await verdict;
    expect(server.tokens).toEqual(['first', 'second', 'second']);
    await dispose();
  });

  it('the adapter counts an answer for each call of the SDK that waited for the token', async () => {
    const { adapter, client, server, clock, dispose } = await official();
    adapter.attach(() => {});
    const push = (type: 'connection.open' | 'connection.upgrade', token: string) =>
      adapter.push({ type, token: { token } }, new AbortController().signal);
    await push('connection.open', 'first');
    const calls = [client.auth.authorize(), client.auth.authorize()];
    await clock.advance(0);
    server.hold();
    const second = push('connection.upgrade', 'second');
    await clock.advance(0);
    server.answer('accept');
    await second;
    await Promise.all(calls);
    const third = push('connection.upgrade', 'third').catch(({ code }) => code);
    await clock.advance(0);
    server.answer('accept');
    await clock.advance(0);
    server.answer(new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' }));
    expect(await third).toBe(40102);
    expect(server.tokens).toEqual(['first', 'second', 'second', 'third']);
    await dispose();
  });

  it.each([
    ['slow', async ({ clock }: ContractHarness) => clock.advance(6_000)],
    [
      'down',
      async ({ adapter, clock }: ContractHarness) => {
        const error = new ErrorInfo({ code: 40170, statusCode: 401, message: 'down' });
        await adapter.push({ type: 'connection.fail', error, final: false }, new AbortController().signal);
        await clock.advance(0);
      },
    ],
  ])(
    'the adapter sends the token by itself if the SDK may have stopped trying, with its source %s',
    async (_how, wait) => {
      const harness = await official();
      const { adapter, server, clock, dispose } = harness;
      adapter.attach(() => {});
      const push = (type: 'connection.open' | 'connection.upgrade', token: string) =>
        adapter.push({ type, token: { token } }, new AbortController().signal);
      await push('connection.open', 'first');
      server.ask?.();
      await clock.advance(0);
      await wait(harness);
      await push('connection.upgrade', 'second');
      expect(server.tokens.slice(0, 2)).toEqual(['first', 'second']);
      await dispose();
    },
  );

  it('the adapter is checked for every rule', () => {
    expect(connectionContract(official).length).toBeGreaterThan(20);
  });
});
