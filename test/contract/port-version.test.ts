import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ConnectionAdapter } from '../../src/index.js';
import {
  type ContractHarness,
  fakeConnection,
  missingMembers,
  runConnectionContract,
  VirtualClock,
} from '../../src/testing/index.js';
import { optionalMembers } from '../../src/testing/optional-members.js';

/** An adapter with nothing but what the port requires, as one from before the port had a version. */
function plain(inner = fakeConnection({ autoAccept: false })): ConnectionAdapter {
  return {
    get state() {
      return inner.state;
    },
    attach: (listener) => inner.attach(listener),
    push: (event, signal) => inner.push(event, signal),
  };
}

function plainHarness(): ContractHarness {
  const inner = fakeConnection();
  return {
    adapter: plain(inner),
    server: { tokens: [], accept: () => {}, refuse: () => {}, hold: () => {}, answer: () => inner.accept() },
    connect: () => inner.connect(),
    close: () => inner.setState('closed'),
    clock: { advance: async () => {} },
    dispose: () => {},
  };
}

const own = {
  RealtimeConnection: () => new RealtimeConnection({ autoConnect: false }),
  fakeConnection: () => fakeConnection(),
};

describe('the version of the connection port', () => {
  it.each([0, 2, -1, 1.5, '1', null, {}, Number.NaN])(
    'an adapter for version %s is refused by name',
    (version) => {
      const adapter = Object.assign(plain(), { port: version }) as unknown as ConnectionAdapter;
      expect(() => new Auth({ authUrl: 'https://example.com', connection: adapter })).toThrow(
        expect.objectContaining({
          code: 40003,
          message: expect.stringMatching(
            /^connection is an adapter for version .* of the connection port/,
          ) as string,
          remediation: expect.any(String) as string,
        }),
      );
      expect(() => new Auth({ authUrl: 'https://example.com', connection: () => adapter })).toThrow(
        /version/,
      );
    },
  );

  it('an adapter without a version works as before', async () => {
    const inner = fakeConnection();
    const clock = new VirtualClock();
    const auth = new Auth({ clock, authCallback: async () => 'a-token', connection: plain(inner) });
    onTestFinished(() => auth.dispose());
    const authorized = auth.authorize();
    await clock.advance(0);
    await authorized;
    expect(inner.state).toBe('connected');
    auth.forget();
    await clock.advance(0);
    expect(inner.state).toBe('failed');
  });

  it.each(Object.entries(own))('%s has version 1', (_name, make) => {
    const adapter: ConnectionAdapter = make();
    expect(adapter.port).toBe(1);
  });

  it('ablyJs has version 1', () => {
    expect(ablyJs.length).toBe(1);
    expect(
      readFileSync(new URL('../../src/connection/ably-js/effects.ts', import.meta.url), 'utf8'),
    ).toContain('readonly port = 1;');
  });
});

describe('what an adapter lacks', () => {
  it('a plain adapter lacks every optional member, and each has a loss', () => {
    expect(missingMembers(plain())).toEqual(
      Object.entries(optionalMembers).map(([member, loss]) => ({ member, loss })),
    );
    const connection = new RealtimeConnection({ autoConnect: false });
    expect(missingMembers(connection).map(({ member }) => member)).toEqual(['catchUp']);
    connection.dispose();
  });

  it('the table of the docs lists the same members', () => {
    const page = readFileSync(new URL('../../docs/connections.md', import.meta.url), 'utf8');
    const table = page.slice(page.indexOf('### Optional members'), page.indexOf('`missingMembers(adapter)`'));
    const listed = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(Object.keys(optionalMembers).sort());
    for (const loss of Object.values(optionalMembers).slice(-4)) expect(table).toContain(loss);
  });

  it('the contract runs without a runner, and prints what is left out and what is lacking', async () => {
    const lines: string[] = [];
    const result = await runConnectionContract(plainHarness, [], (line) => lines.push(line));
    expect(result.passed.length + result.failed.length).toBeGreaterThan(5);
    expect(result.leftOut.length).toBeGreaterThan(0);
    expect(lines.filter((line) => line.startsWith('lacks')).length).toBe(result.missing.length);
    expect(lines).toContain(`lacks     forget: ${optionalMembers.forget}`);
    expect(lines.length).toBe(
      result.passed.length + result.failed.length + result.leftOut.length + result.missing.length,
    );
  });

  it('a harness that is none is refused by name', async () => {
    await expect(runConnectionContract(undefined as never)).rejects.toMatchObject({ code: 40003 });
  });
});
