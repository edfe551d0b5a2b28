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
  let leftAt = 0;
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
    firstAnswerTimeoutMs: 10_000,
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
      leave: () => {
        leftAt = server.tokens.length;
        judge('break');
        server.line.break();
      },
      comeBack: () => {
        // They reached no server.
        server.tokens.splice(leftAt);
        judge('accept');
      },
      ask: () => server.line.send({ action: 17 }),
      expire: () => server.line.send({ action: 6, error: tokenExpired }),
    },
    dispose: () => adapter.dispose(),
  };
}

/** The fake connection is its own server. It has no time and no transports. */
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

describe('the checks of the connection contract', () => {
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

  it('the checks accept a correct adapter', async () => {
    expect(await failing(() => ({}))).toEqual([]);
  });

  it('the checks find an adapter that does not wait for the server', async () => {
    const found = await failing((adapter) => ({
      push: async (event, signal) => {
        adapter.push(event, signal).catch(() => {});
      },
    }));
    expect(found).toContain('an adapter waits for the server before it resolves a push');
    expect(found).toContain(
      'an adapter rejects an upgrade without an answer after its timeout and stays connected',
    );
  });

  it('the checks find an adapter that reconnects for each upgrade', async () => {
    const found = await failing((adapter) => ({
      push: (event, signal) =>
        adapter.push(
          event.type === 'connection.upgrade' ? { ...event, type: 'connection.replace' } : event,
          signal,
        ),
    }));
    expect(found).toContain('an upgraded adapter stays connected');
  });

  it('the checks find an adapter that ignores its signal', async () => {
    const found = await failing((adapter) => ({
      push: (event) => adapter.push(event, new AbortController().signal),
    }));
    expect(found).toEqual([
      'a pending push rejects with the reason of the signal when the signal aborts',
      'an adapter does not connect with a token whose push was aborted',
      'an adapter does not send a token whose signal is aborted already',
      'an adapter reconnects with the last accepted token after an upgrade was aborted',
      'a connecting adapter falls back to the last accepted token when its push is aborted',
    ]);
  });

  it('the checks find an adapter that keeps the token of a user who signed out', async () => {
    const found = await failing((adapter) => ({
      forget: () => (adapter as RealtimeConnection).close(),
    }));
    expect(found).toEqual([
      'an adapter closes when the user signs out and asks for a token at the next connect',
      'a closed adapter drops its token when the user signs out and stays closed',
      'an adapter connects for the next user who signs in right after a sign-out',
    ]);
  });

  it('the checks find an adapter that reports after it was detached', async () => {
    const found = await failing((adapter) => ({
      attach: (listener) => {
        adapter.attach(listener);
        return () => {};
      },
    }));
    expect(found).toEqual([
      'an adapter reports the connected identity to the next Auth after attach() has returned',
      'a detached adapter reports nothing',
    ]);
  });
});
