import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as latchkey from '../../src/index.js';
import {
  type ContractAbility,
  type ContractHarness,
  connectionContract,
} from '../../src/testing/connection-contract.js';
import { root } from '../kit/imports.js';
import { ChatServer } from './chat-server.js';

interface ChatConnection extends latchkey.ConnectionAdapter {
  connect(): void;
  close(): void;
}

/** The class from the page, for a server at another address. */
function fromPage(port: number): ChatConnection {
  const page = readFileSync(join(root, 'docs/connections.md'), 'utf8');
  const example =
    /```ts\n([\s\S]*?)```/.exec(page.slice(page.indexOf('### A short example without the base')))?.[1] ?? '';
  const code = example
    .replace('wss://example.com/chat', `ws://127.0.0.1:${port}`)
    .replace('RETRY_MS = 1_000', 'RETRY_MS = 5')
    .replace('ANSWER_MS = 10_000', 'ANSWER_MS = 200')
    .replace(/const connection = new[\s\S]*/, 'export { ChatConnection };');
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
  const exported: { ChatConnection?: new () => ChatConnection } = {};
  new Function('require', 'exports', ts.transpile(code, options))(() => latchkey, exported);
  if (exported.ChatConnection === undefined) throw new TypeError('the page has no such class');
  return new exported.ChatConnection();
}

const QUIET_TURNS = 6;
const TURN_MS = 4;

describe('the minimal adapter of docs/connections.md', () => {
  beforeEach(() => void vi.stubGlobal('WebSocket', WebSocket));
  afterEach(() => void vi.unstubAllGlobals());

  const harness = async (): Promise<ContractHarness> => {
    const server = await ChatServer.listen();
    const adapter = fromPage(server.port);
    const advance = async () => {
      for (let turn = 0, seen = ''; turn < QUIET_TURNS; turn += 1) {
        await new Promise((resolve) => setTimeout(resolve, TURN_MS));
        const now = `${server.traffic} ${adapter.state}`;
        if (now !== seen) turn = 0;
        seen = now;
      }
    };
    return {
      adapter,
      server,
      clock: { advance },
      connect: () => adapter.connect(),
      close: () => adapter.close(),
      dispose: async () => {
        adapter.close();
        await server.close();
      },
    };
  };

  const able: readonly ContractAbility[] = ['forget'];
  for (const { needs, run, title } of connectionContract(harness)) {
    if (needs.every((ability) => able.includes(ability))) it(title, run);
  }

  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('the adapter reconnects with a requested token to a server that was down, silent, or dropped it', async () => {
    const server = await ChatServer.listen();
    const adapter = fromPage(server.port);
    const auth = new latchkey.Auth({ authCallback: async () => 'a token', connection: adapter });
    server.drops = true;
    adapter.connect();
    await until(() => server.tokens.length > 1);
    server.drops = false;
    server.hold();
    await until(() => server.isAsked);
    server.accept();
    await until(() => adapter.state === 'connected');
    server.drop();
    await until(() => adapter.state === 'disconnected');
    await until(() => adapter.state === 'connected');
    await auth.authorize();
    expect([auth.state.value, auth.clientId]).toEqual(['authorized', 'ada']);
    auth.dispose();
    adapter.close();
    await server.close();
  });
});
