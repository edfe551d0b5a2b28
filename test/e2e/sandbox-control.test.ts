import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSandbox, type Listening, type Sandbox } from '../../src/sandbox/index.js';

async function start(host?: string): Promise<{ readonly sandbox: Sandbox; readonly server: Listening }> {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  return { sandbox, server: await sandbox.listen(host === undefined ? {} : { host }) };
}

const send = (server: Listening, method: string, path: string, body?: unknown, headers = {}) =>
  fetch(`http://127.0.0.1:${server.port}/_sandbox${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** With its own Host header, which `fetch` cannot set. */
function statusFor(server: Listening, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { port } = server;
    request({ host: '127.0.0.1', port, path: '/_sandbox', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the control route of the sandbox', () => {
  it('the route switches faults on and off', async () => {
    const { sandbox, server } = await start();
    const plan = { time: { rate: 1, fault: { status: 503 } }, seed: 7 };
    const put = await send(server, 'PUT', '/fault', plan);
    expect([put.status, await put.json()]).toEqual([200, plan]);
    expect((await fetch(`${server.url}/time`)).status).toBe(503);
    expect(sandbox.fault).toEqual(plan);
    expect((await send(server, 'DELETE', '/fault')).status).toBe(200);
    expect((await fetch(`${server.url}/time`)).status).toBe(200);
  });

  it('the route refuses an invalid plan with a reason, and changes nothing', async () => {
    const { sandbox, server } = await start();
    const put = await send(server, 'PUT', '/fault', { tome: 'hang' });
    expect(put.status).toBe(400);
    expect(await put.json()).toMatchObject({
      error: { code: 40001, message: expect.stringContaining('"tome"') },
    });
    expect(sandbox.fault).toEqual({});
  });

  it('the route has the controls of the API, and lists what there is', async () => {
    const { sandbox, server } = await start();
    const { keyStr = '', keyName = '' } = sandbox.createApp().keys[0] ?? {};
    const happened: string[] = [];
    sandbox.subscribe(({ type }) => happened.push(type));
    const connect = async () => {
      const socket = new sandbox.WebSocket(`ws://x/?key=${keyStr}`);
      await new Promise((resolve) => socket.addEventListener('message', resolve));
    };
    await connect();
    for (const [path, body] of [
      ['/askForReauth', undefined],
      ['/expireTokens', undefined],
      ['/revokeTokens', { clientId: 'ada' }],
      ['/cutConnections', undefined],
    ] as const) {
      expect((await send(server, 'POST', path, body)).status).toBe(204);
    }
    expect(happened).toEqual(['connected', 'asked', 'dropped']);
    await connect();
    expect((await send(server, 'POST', '/revokeKey', { keyName })).status).toBe(204);
    const told = (await (await send(server, 'GET', '')).json()) as Record<string, unknown>;
    expect(told).toMatchObject({ fault: {}, connections: [], sizes: { apps: 1, connections: 0 } });
    expect(JSON.stringify(told)).not.toContain(keyStr);
  });

  it.each([
    ['GET', '/nothing', undefined, 404, 40400],
    ['POST', '/fault', {}, 404, 40400],
    ['POST', '/revokeKey', { keyName: 7 }, 400, 40001],
    ['POST', '/revokeKey', { keyName: 'no.key' }, 404, 40400],
    ['PUT', '/fault', [], 400, 40001],
  ])('the route refuses %s %s with %j', async (method, path, body, status, code) => {
    const { server } = await start();
    const response = await send(server, method, path, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('the route does not exist for pages, under another host name, or from another machine', async () => {
    const { server } = await start('0.0.0.0');
    expect((await send(server, 'GET', '')).status).toBe(200);
    expect((await send(server, 'GET', '', undefined, { origin: 'http://evil.example' })).status).toBe(404);
    expect(await statusFor(server, 'localhost')).toBe(200);
    expect(await statusFor(server, 'evil.example')).toBe(404);
    for (const { address, family, internal } of Object.values(networkInterfaces())
      .flat()
      .filter((one) => one !== undefined)) {
      if (internal || family !== 'IPv4') continue;
      expect((await fetch(`http://${address}:${server.port}/_sandbox`)).status).toBe(404);
    }
  });

  it('the route does not exist without a socket', async () => {
    const sandbox = createSandbox();
    expect((await sandbox.fetch('http://127.0.0.1/_sandbox')).status).toBe(404);
  });

  it('an app gets the address to which its request was sent', async () => {
    const { server } = await start();
    const apps = await Promise.all(
      ['127.0.0.1', 'localhost'].map(async (host) => {
        const response = await fetch(`http://${host}:${server.port}/apps`, { method: 'POST' });
        return (await response.json()) as Record<string, unknown>;
      }),
    ).catch(() => []);
    // `localhost` may be of another address family than the bound address.
    const all =
      apps.length > 0 ? apps : [await (await fetch(`${server.url}/apps`, { method: 'POST' })).json()];
    expect(all[0]).toMatchObject({ endpoint: '127.0.0.1', port: server.port, tls: false });
    expect(new Set(all.map((app) => (app as { appId: string }).appId)).size).toBe(all.length);
  });
});
