import { describe, expect, it } from 'vitest';
import { SandboxHarness } from '../../kit/sandbox-harness.js';

const PATH = '/channels/chat/messages';
const [CONNECTED, ERROR] = [4, 9];
const mau = () => new SandboxHarness({}, { pricing: 'mau' });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const refused = (code: number) => ({ body: { error: { code } } });

describe('an account that is billed by monthly active users', () => {
  it.each([
    ['the parameter', '?clientType=server', {}],
    ['the agent of an SDK', '', { 'ably-agent': 'ably-js/3.0.0 ably-pubsub-server nodejs/20' }],
    ['the agent with a version', '', { 'ably-agent': 'ably-pubsub-server/3.0.0' }],
  ])('a request by key is declared with %s', async (_title, query, agent: Record<string, string>) => {
    const harness = mau();
    expect(await harness.get(PATH + query, { ...harness.basic, ...agent })).toMatchObject({ status: 200 });
  });

  it.each(['', '?clientType=robot', '?clientType='])('a request with %j is undeclared', async (query) => {
    const harness = mau();
    expect(await harness.get(PATH + query, harness.basic)).toMatchObject(refused(40168));
    const other = {
      ...harness.basic,
      'ably-agent': 'ably-js/2.28.0 my-ably-pubsub-server ably-pubsub-servers',
    };
    expect(await harness.get(PATH + query, other)).toMatchObject(refused(40168));
  });

  it('a request by token is a server’s by the signed claim only', async () => {
    const harness = mau();
    const server = bearer(harness.jwt({ 'x-ably-clientType': 'server' }));
    for (const query of ['', '?clientType=server', '?clientType=device'])
      expect(await harness.get(PATH + query, server)).toMatchObject({ status: 200 });
    for (const claims of [{}, { 'x-ably-clientType': 'device' }, { 'x-ably-clientType': 7 }])
      expect(await harness.get(`${PATH}?clientType=server`, bearer(harness.jwt(claims)))).toMatchObject(
        refused(40167),
      );
    const device = bearer(harness.jwt({ 'x-ably-clientType': 'device' }));
    expect(await harness.get(PATH, device)).toMatchObject({ status: 200 });
  });

  it('wrong credentials are refused first', async () => {
    const harness = mau();
    expect(await harness.get(PATH)).toMatchObject(refused(40101));
    const client = await harness.connect({ accessToken: 'app.unknown' });
    expect(client.last).toMatchObject({ action: ERROR, error: { code: 40143 } });
  });

  it('a live connection keeps its type: a token without the claim ends that of a server', async () => {
    const harness = mau();
    const claims = { 'x-ably-clientType': 'server', 'x-ably-clientId': 'ada' };
    const client = await harness.connect({ accessToken: harness.jwt(claims), clientType: 'server' });
    const auth = (accessToken: string) => ({ action: 17, auth: { accessToken } });
    expect(await client.ask(auth(harness.jwt(claims)))).toMatchObject([{ action: CONNECTED }]);
    const next = auth(harness.jwt({ 'x-ably-clientId': 'ada' }));
    expect(await client.ask(next)).toMatchObject([{ action: ERROR, error: { code: 40167 } }]);
  });

  it('the limit of connections counts the live devices of one client of one app', async () => {
    const harness = mau();
    const key = harness.key.keyStr;
    const ada = { key, clientType: 'device', clientId: 'ada' };
    const clients = [];
    for (let count = 0; count < 10; count += 1) clients.push(await harness.connect(ada));
    expect((await harness.connect(ada)).last).toMatchObject({ action: ERROR, error: { code: 80030 } });
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    for (const allowed of [
      { ...ada, clientId: 'bob' },
      { ...ada, clientType: 'server' },
      { ...ada, key: other },
    ])
      expect((await harness.connect(allowed)).last).toMatchObject({ action: CONNECTED });
    await clients[0]?.close();
    expect((await harness.connect(ada)).last).toMatchObject({ action: CONNECTED });
  });

  it('another account asks for nothing', async () => {
    const harness = new SandboxHarness({}, { pricing: 'per-minute' });
    expect(await harness.get(PATH, harness.basic)).toMatchObject({ status: 200 });
    expect((await harness.connect({ key: harness.key.keyStr })).last).toMatchObject({ action: CONNECTED });
    expect(() => new SandboxHarness({}, { pricing: 'free' as never })).toThrow(
      /pricing must be 'per-minute' or 'mau'/,
    );
  });
});
