// What an app does with the package, once. `floors` runs it in a folder where one version of a dependency is installed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

// So the connection uses `ws`, as in Node 20.
delete globalThis.WebSocket;

const { Auth, isErrorInfo } = await import('latchkey');
const { RealtimeConnection } = await import('latchkey/connection');
const { createSandbox } = await import('latchkey/sandbox');
const { tokenEndpoint } = await import('latchkey/server');
const { VirtualClock } = await import('latchkey/testing');
const { connectionMachine } = await import('latchkey/machines');
const { hmacSigner: nobleSigner } = await import('./node_modules/latchkey/dist/src/signing/hmac.noble.js');
const { hmacSigner: nodeSigner } = await import('./node_modules/latchkey/dist/src/signing/hmac.node.js');

// Signing, both ways, short and longer than a block of SHA-256.
for (const text of ['a', 'text '.repeat(200)])
  assert.equal(nobleSigner('secret')(text), nodeSigner('secret')(text));

// A connection on real sockets: connect, then re-authorize in place; messages and tokens on streams.
const sandbox = createSandbox();
const [key] = sandbox.createApp().keys;
const service = await sandbox.listen();
const endpoint = { endpoint: '127.0.0.1', port: service.port, tls: false };
const connection = new RealtimeConnection(endpoint);
const auth = new Auth({ key: key.keyStr, ...endpoint, useTokenAuth: true, clientId: 'ada', connection });
const seen = [];
auth.token$.subscribe(({ token }) => seen.push(token));
auth.state$.subscribe(({ value }) => seen.push(value));
await auth.authorize();
assert.equal(connection.state, 'connected');
const { id } = connection;
const upgraded = await auth.authorize({ ttl: 60_000 });
assert.deepEqual([connection.state, connection.id, seen.includes(upgraded.token)], ['connected', id, true]);
assert.ok(seen.includes('authorized'));
auth.dispose();
connection.close();

// A failure, then renewals in virtual time, one of them at the second attempt; events, and the numbers on a stream.
const clock = new VirtualClock();
let calls = 0;
const authCallback = async () => {
  calls += 1;
  if (calls === 1 || calls === 3) throw new Error('out of order');
  return { token: `token ${calls}`, issued: clock.now(), expires: clock.now() + 600_000 };
};
const renewing = new Auth({ authCallback, clock, logLevel: 'none' });
const events = [];
renewing.on('failed', ({ error }) => events.push(isErrorInfo(error)));
renewing.on('renewed', ({ expires }) => events.push(typeof expires));
await assert.rejects(renewing.authorize(), (error) => isErrorInfo(error));
await renewing.authorize();
await clock.advance(2_000_000);
assert.deepEqual(events.slice(0, 3), [true, 'number', 'number']);
assert.equal((await renewing.getToken()).token, `token ${calls}`);
renewing.dispose();

// A JWT of a token endpoint, which the service takes.
const grant = () => ({ clientId: 'bob', capability: { 'chat:*': ['subscribe'] } });
const handle = tokenEndpoint({ auth: new Auth(key.keyStr), format: 'jwt', grant });
const socket = new RealtimeConnection({ WebSocket: sandbox.WebSocket });
const client = new Auth({
  authUrl: 'https://app.example/token',
  fetch: async (url, init) => handle(new Request(url, init)),
  connection: socket,
});
const { token } = await client.authorize();
assert.deepEqual([client.state.next?.step, socket.state], ['renew', 'connected']);
const program = ['node_modules/latchkey/dist/src/cli/latchkey.js', 'decode', '--json', token];
const env = { ...process.env, LATCHKEY_KEY: key.keyStr };
const decoded = JSON.parse(execFileSync(process.execPath, program, { env, encoding: 'utf8' }));
assert.equal(decoded.signature, 'right', JSON.stringify(decoded));
socket.close();
client.dispose();

assert.equal(typeof connectionMachine.provide, 'function');
await service.close();
