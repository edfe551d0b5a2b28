import { afterEach, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { NodeChild } from './node-child.js';

const sandboxes: Sandbox[] = [];

afterEach(async () => {
  await NodeChild.endAll();
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.dispose()));
});

/** A service, and a free port where no server listens. */
async function service() {
  const sandbox = createSandbox();
  sandboxes.push(sandbox);
  const key = sandbox.createApp().keys[0]?.keyStr ?? '';
  const [listening, gone] = [await sandbox.listen(), await sandbox.listen()];
  await gone.close();
  return { sandbox, key, listening, deadPort: gone.port };
}

const imports = `
import { Auth, StopRenewing } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
`;

describe('the standard error of a Node process with default options', () => {
  it('a line names an unreachable source, the cause and the next try, and no secret', async () => {
    const { deadPort } = await service();
    const child = new NodeChild(`${imports}
      const authUrl = 'http://127.0.0.1:${deadPort}/api/token?tenant=hush-query';
      const auth = new Auth({ authUrl, authParams: { pass: 'hush-param' } });
      auth.on('failed', () => auth.dispose());
      auth.token$.subscribe();`);
    const { code, out, err } = await child.ended;
    expect(err).toMatch(
      new RegExp(
        `^latchkey: no token from http://127\\.0\\.0\\.1:${deadPort}/api/token: .*connect ECONNREFUSED 127\\.0\\.0\\.1:${deadPort} \\(\\d{5}\\)\\. Next try in \\d+ s\\.\\n$`,
      ),
    );
    expect(err).not.toContain('hush');
    expect([code, out]).toEqual([0, '']);
  });

  it('a line names the host of a refused connection, and another says when it is back', async () => {
    const { sandbox, key, listening } = await service();
    const { host, port } = listening;
    const child = new NodeChild(`${imports}
      const service = { endpoint: '${host}', port: ${port}, tls: false };
      const connection = new RealtimeConnection({ ...service, disconnectedRetryTimeout: 50 });
      const auth = new Auth({ ...service, key: '${key}', useTokenAuth: true, connection });
      auth.on('connection.changed', ({ state }) => console.log(state));`);
    await child.says('connected\n');
    await listening.close();
    await child.complains(`no connection to ws://${host}:${port}: `);
    await child.says('disconnected\n', 5);
    await sandbox.listen({ host, port });
    await child.complains(`latchkey: a connection to ws://${host}:${port} again, after `);
  });

  it('a line says why a connection cannot be opened', async () => {
    const { key, deadPort } = await service();
    const child = new NodeChild(`${imports}
      const service = { endpoint: '127.0.0.1', port: ${deadPort}, tls: false };
      const connection = new RealtimeConnection(service);
      const auth = new Auth({ authCallback: () => 'a token', connection });
      connection.on('disconnected', () => {
        auth.dispose();
        connection.dispose();
      });`);
    const { err } = await child.ended;
    expect(err).toMatch(
      new RegExp(
        `^latchkey: no connection to ws://127\\.0\\.0\\.1:${deadPort}: .* \\(80003\\)\\. Next try in 1\\d s\\.\\n$`,
      ),
    );
    expect(key).not.toBe('');
  });

  it('a line says why a client has stopped trying', async () => {
    const child = new NodeChild(`${imports}
      const authCallback = () => Promise.reject(new StopRenewing('signed out'));
      new Auth({ authCallback }).token$.subscribe();`);
    expect(await child.ended).toEqual({
      code: 0,
      out: '',
      err: expect.stringMatching(
        /^latchkey: no token from authCallback: signed out \(40300\)\. No other try follows by itself\. .*\n$/,
      ),
    });
  });

  it('no line is written at level none, nor without a failure', async () => {
    const { key, listening } = await service();
    const { host, port } = listening;
    const child = new NodeChild(`${imports}
      const fails = new Auth({ authCallback: () => Promise.reject(new Error('no')), logLevel: 'none' });
      await fails.getToken().catch(() => {});
      const service = { endpoint: '${host}', port: ${port}, tls: false };
      const connection = new RealtimeConnection(service);
      const auth = new Auth({ ...service, key: '${key}', useTokenAuth: true, connection });
      connection.on('connected', () => connection.close());`);
    expect(await child.ended).toEqual({ code: 0, out: '', err: '' });
  });
});
