import { expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';

it('an update of a RealtimeConnection finds the new token at the Auth', async () => {
  const sandbox = createSandbox();
  const { host, port } = await sandbox.listen();
  const issuer = new Auth({ key: sandbox.createApp().keys[0]?.keyStr ?? '', fetch: sandbox.fetch });
  const connection = new RealtimeConnection({ endpoint: host, port, tls: false });
  const at: (readonly [event: string, token: string | undefined])[] = [];
  connection.onStateChange(({ event }) => at.push([event, auth.tokenDetails?.token]));
  const auth = new Auth({ authCallback: () => issuer.requestToken({ clientId: 'ada' }), connection });
  onTestFinished(async () => {
    auth.dispose();
    connection.dispose();
    await sandbox.dispose();
  });
  const first = await auth.authorize();
  const second = await auth.authorize();
  expect(second.token).not.toBe(first.token);
  expect(at).toContainEqual(['connected', first.token]);
  expect(at.at(-1)).toEqual(['update', second.token]);
});
