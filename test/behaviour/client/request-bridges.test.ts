import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Shape } from '@electric-sql/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { shapeOf } from '../../../examples/requests/electric.js';
import { shapeByHeader } from '../../../examples/requests/electric-header.js';
import { eventsOf } from '../../../examples/requests/event-source.js';
import { mcpTransport } from '../../../examples/requests/mcp.js';
import { mcpAuthProvider } from '../../../examples/requests/mcp-auth-provider.js';
import { Auth } from '../../../src/index.js';
import { eventually } from '../../kit/eventually.js';
import { listening } from '../../kit/listening.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of undo.splice(0).reverse()) await stop();
});

/** A server that answers requests with the newest valid tokens only, and records all tokens. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const gate = { least: 1, tokens: [] as number[] };
  const server = createServer((request, response) => {
    const token = Number(request.headers.authorization?.replace('Bearer token-', ''));
    gate.tokens.push(token);
    if (token >= gate.least) answer(request, response);
    else response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{}');
  });
  const origin = await listening(server);
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin, gate };
}

function client(origin: string) {
  let calls = 0;
  const auth = new Auth({
    authCallback: async () => {
      calls += 1;
      const issued = Date.now();
      return { token: `token-${calls}`, issued, expires: issued + 3_600_000 };
    },
    fetchOrigins: [origin],
    httpRequestTimeout: 60_000,
    logLevel: 'none',
  });
  undo.push(() => auth.dispose());
  return { auth, calls: () => calls };
}

describe('the package eventsource, with auth.fetch()', () => {
  it('each connect carries the current token, and a refused token is replaced', async () => {
    const streams: ServerResponse[] = [];
    const { origin, gate } = await serve((_request, response) => {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`retry: 10\nid: ${streams.length}\ndata: number ${streams.length}\n\n`);
    });
    const { auth, calls } = client(origin);
    const source = eventsOf(auth, `${origin}/events`);
    undo.push(() => source.close());
    const events: string[] = [];
    source.addEventListener('message', ({ data }) => events.push(data));
    await eventually(() => expect(events).toEqual(['number 1']));
    gate.least = 2;
    streams[0]?.end();
    await eventually(() => expect(events).toEqual(['number 1', 'number 2']));
    expect([gate.tokens, calls()]).toEqual([[1, 1, 2], 2]);
  });

  it('a source without a token is tried again, and its events go on', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: here\n\n');
    });
    let isDown = true;
    const auth = new Auth({
      authCallback: async () => {
        if (isDown) throw new Error('down');
        return 'token-1';
      },
      fetchOrigins: [origin],
      renewal: { retry: { base: 20, cap: 20 } },
      logLevel: 'none',
    });
    undo.push(() => auth.dispose());
    const source = eventsOf(auth, `${origin}/events`);
    undo.push(() => source.close());
    const [events, errors] = [[] as string[], [] as Event[]];
    source.addEventListener('message', ({ data }) => events.push(data));
    source.addEventListener('error', (error) => errors.push(error));
    await eventually(() => expect(errors.length).toBeGreaterThan(0));
    isDown = false;
    await eventually(() => expect(events).toEqual(['here']));
  });
});

/** A real MCP server over streamable HTTP, with one tool. */
async function serveMcp() {
  const server = new McpServer({ name: 'test', version: '1.0.0' });
  server.registerTool('hello', { description: 'Says hello' }, async () => ({
    content: [{ type: 'text', text: 'hello' }],
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
  await server.connect(transport as never);
  undo.push(() => server.close());
  return await serve((request, response) => transport.handleRequest(request, response));
}

describe("the client of MCP's SDK", () => {
  it('each request carries the current token, and a refused token is replaced, with auth.fetch()', async () => {
    const { origin, gate } = await serveMcp();
    const { auth, calls } = client(origin);
    const mcp = new Client({ name: 'test', version: '1.0.0' });
    await mcp.connect(mcpTransport(auth, new URL(`${origin}/mcp`)) as never);
    undo.push(() => mcp.close());
    const say = async () => (await mcp.callTool({ name: 'hello' })).content;
    expect(await say()).toEqual([{ type: 'text', text: 'hello' }]);
    gate.least = 2;
    const answers = await Promise.all(Array.from({ length: 10 }, say));
    expect(answers).toEqual(Array(10).fill([{ type: 'text', text: 'hello' }]));
    expect(calls()).toBe(2);
  });

  it('a token of another server of the same user is not sent', async () => {
    const { origin, gate } = await serveMcp();
    const { auth } = client('https://other.example.com');
    const mcp = new Client({ name: 'test', version: '1.0.0' });
    await expect(mcp.connect(mcpTransport(auth, new URL(`${origin}/mcp`)) as never)).rejects.toMatchObject({
      code: 40003,
    });
    expect(gate.tokens).toEqual([]);
  });

  it('an AuthProvider gives the current token, and replaces it once after a 401', async () => {
    const { auth, calls } = client('https://mcp.example.com');
    const provider = mcpAuthProvider(auth);
    expect(await provider.token()).toBe('token-1');
    await Promise.all([provider.onUnauthorized(), provider.onUnauthorized()]);
    expect([await provider.token(), calls()]).toEqual(['token-2', 2]);
  });
});

/**
 * As much of Electric's HTTP protocol as a client needs to follow one table: a snapshot, then one row for each live
 * request. It is not Electric.
 * @see https://electric-sql.com/docs/api/http
 */
async function serveShape() {
  let isReady = () => {};
  const server = await serve(async (request, response) => {
    const { searchParams: query } = new URL(request.url ?? '', 'http://127.0.0.1');
    const isLive = query.get('live') === 'true';
    if (isLive)
      await new Promise<void>((resolve) => {
        isReady = resolve;
      });
    const id = isLive ? Number(query.get('offset')?.split('_')[0]) + 1 : 0;
    const row = { key: `"t"/"${id}"`, value: { id: `${id}` }, headers: { operation: 'insert' } };
    response.writeHead(200, {
      'content-type': 'application/json',
      'electric-handle': 'one',
      'electric-offset': `${id}_0`,
      'electric-cursor': `${id}`,
      'electric-schema': '{"id":{"type":"int4"}}',
      'electric-up-to-date': '',
    });
    response.end(JSON.stringify([row, { headers: { control: 'up-to-date' } }]));
  });
  return { ...server, change: () => isReady() };
}

describe("Electric's client", () => {
  it.each([
    ['auth.fetch()', shapeOf],
    ['its async header', shapeByHeader],
  ])(
    'each request carries the current token, and a refused token is replaced, with %s',
    async (_how, make) => {
      const { origin, gate, change } = await serveShape();
      const { auth, calls } = client(origin);
      const stream = make(auth, `${origin}/v1/shape`, 't');
      const shape = new Shape(stream as never);
      undo.push(() => stream.unsubscribeAll());
      await eventually(() => expect(shape.currentRows).toEqual([{ id: 0 }]));
      await eventually(() => expect(gate.tokens).toHaveLength(2));
      gate.least = 2;
      change();
      await eventually(() => expect(shape.currentRows).toEqual([{ id: 0 }, { id: 1 }]));
      await eventually(() => expect(gate.tokens).toEqual([1, 1, 1, 2]));
      change();
      await eventually(() => expect(shape.currentRows).toHaveLength(3));
      expect(calls()).toBe(2);
    },
  );
});
