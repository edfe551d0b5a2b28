import { describe, expect, it } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import type { ConnectionAdapter } from '../../src/connection/port.js';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import {
  type ContractAbility,
  type ContractHarness,
  connectionContract,
} from '../../src/testing/connection-contract.js';
import { fakeConnection } from '../../src/testing/fake-connection.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { ScriptedServer, tokenExpired, type WireError } from '../kit/connection-server.js';
import { attachments } from './attachments.js';

function realtime(): ContractHarness {
  const clock = new VirtualClock();
  const server = new ScriptedServer();
  const adapter = new RealtimeConnection({
    clock,
    autoConnect: false,
    fallbackHosts: [],
    WebSocket: server.WebSocket,
  });
  const judge = (verdict: typeof server.onAuth) => {
    server.onOpen = verdict;
    server.onAuth = verdict;
  };
  return {
    adapter,
    clock,
    connect: () => adapter.connect(),
    close: () => adapter.close(),
    answerTimeoutMs: 10_000,
    server: {
      get tokens() {
        return server.tokens.map((token) => token.replace('token of ', ''));
      },
      accept: () => judge('accept'),
      refuse: (error) => judge(onWire(error)),
      hold: () => judge('silence'),
      answer: (verdict) => {
        if (verdict === 'accept') server.sayConnected();
        else server.line.send({ action: 9, error: onWire(verdict) });
      },
      drop: () => server.line.break(),
      ask: () => server.line.send({ action: 17 }),
      expire: () => server.line.send({ action: 6, error: tokenExpired }),
    },
    dispose: () => adapter.dispose(),
  };
}

/** The fake is its own server, but for time and transports, of which it knows nothing. */
function fake(): ContractHarness {
  const clock = new VirtualClock();
  const connection = fakeConnection({ autoAccept: false });
  let verdict: 'accept' | 'hold' | ErrorInfo = 'accept';
  const answer = (what: 'accept' | ErrorInfo) =>
    what === 'accept' ? connection.accept() : connection.refuse(what);
  return {
    adapter: {
      get state() {
        return connection.state;
      },
      attach: (listener) => connection.attach(listener),
      push: (event, signal) => {
        const promise = connection.push(event, signal);
        if (connection.isWaiting && verdict !== 'hold') answer(verdict);
        return promise;
      },
      forget: () => connection.forget?.(),
    },
    clock,
    connect: () => connection.connect(),
    close: () => connection.setState('closed'),
    server: {
      get tokens() {
        return connection.pushes.flatMap((push) =>
          'token' in push && push.token.keyName !== 'late' ? [push.token.keyName ?? ''] : [],
        );
      },
      accept: () => {
        verdict = 'accept';
      },
      refuse: (error) => {
        verdict = error;
      },
      hold: () => {
        verdict = 'hold';
      },
      answer: (what) => connection.isWaiting && answer(what),
      ask: () => connection.report({ type: 'token.asked' }),
    },
    dispose: () => {},
  };
}

const onWire = ({ code, statusCode, message }: ErrorInfo): WireError => ({ code, statusCode, message });

describe.each(attachments)('the connection port, by RealtimeConnection, attached %s', (_when, attached) => {
  for (const { run, title } of connectionContract(() => attached(realtime()))) it(title, run);
});

describe.each(attachments)('the connection port, by the fake connection, attached %s', (_when, attached) => {
  const able: readonly ContractAbility[] = ['ask', 'forget'];
  for (const { needs, run, title } of connectionContract(() => attached(fake()))) {
    if (needs.every((ability) => able.includes(ability))) it(title, run);
  }
});

describe('the contract of the connection port', () => {
  const failing = async (spoil: (adapter: ConnectionAdapter) => Partial<ConnectionAdapter>) => {
    const checks = connectionContract(() => {
      const harness = realtime();
      const { adapter } = harness;
      const sound: ConnectionAdapter = {
        get state() {
          return adapter.state;
        },
        attach: (listener) => adapter.attach(listener),
        push: (event, signal) => adapter.push(event, signal),
        forget: () => adapter.forget?.(),
      };
      return { ...harness, adapter: Object.assign(Object.create(sound), spoil(adapter)) };
    });
    const results = await Promise.allSettled(checks.map(({ run }) => run()));
    return checks.filter((_check, index) => results[index]?.status === 'rejected').map(({ title }) => title);
  };

  it('finds nothing wrong with a sound adapter', async () => {
    expect(await failing(() => ({}))).toEqual([]);
  });

  it('finds an adapter that does not wait for the server', async () => {
    const found = await failing((adapter) => ({
      push: async (event, signal) => {
        adapter.push(event, signal).catch(() => {});
      },
    }));
    expect(found).toContain('does not say accepted before the server does');
    expect(found).toContain('gives up waiting for an answer that does not come, and goes on as it was');
  });

  it('finds an adapter that connects anew for each upgrade', async () => {
    const found = await failing((adapter) => ({
      push: (event, signal) =>
        adapter.push(
          event.type === 'connection.upgrade' ? { ...event, type: 'connection.replace' } : event,
          signal,
        ),
    }));
    expect(found).toContain('is upgraded in place: it never leaves connected');
  });

  it('finds an adapter that does not mind its signal', async () => {
    const found = await failing((adapter) => ({
      push: (event) => adapter.push(event, new AbortController().signal),
    }));
    expect(found).toEqual([
      'stops to wait when the signal aborts, with the reason of the signal',
      'does not connect with a token that nobody waits for any more',
      'does not push what was aborted before',
      'comes back with the token accepted last after a wait was given up',
      'goes back to the token accepted last when nobody waits for the one it connects with',
    ]);
  });

  it('finds an adapter that keeps the token of a user who signed out', async () => {
    const found = await failing((adapter) => ({
      forget: () => (adapter as RealtimeConnection).close(),
    }));
    expect(found).toEqual([
      'ends when the user signs out, and asks for a token the next time it is to connect',
      'drops its token when the user signs out after it was closed, and stays closed',
      'is opened anew when the user signs out and somebody signs in without a pause',
    ]);
  });

  it('finds an adapter that goes on reporting', async () => {
    const found = await failing((adapter) => ({
      attach: (listener) => {
        adapter.attach(listener);
        return () => {};
      },
    }));
    expect(found).toEqual([
      'tells the Auth that comes next who is connected, once that can hear it',
      'reports nothing once it is detached',
    ]);
  });
});
