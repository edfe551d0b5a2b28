import { describe, expect, it } from 'vitest';
import { basicOf, SandboxHarness } from '../../kit/sandbox-harness.js';

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
    const wrong = basicOf(`${harness.key.keyName}:wrong`);
    expect(await harness.get(PATH, wrong)).toMatchObject(refused(40101));
    for (const [query, code] of [
      [{ accessToken: 'app.unknown' }, 40143],
      [{ key: `${harness.key.keyName}:wrong` }, 40101],
    ] as const)
      expect((await harness.connect(query)).last).toMatchObject({ action: ERROR, error: { code } });
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

  it('the limit of connections applies when one is resumed, and does not count that one twice', async () => {
    const harness = mau();
    const ada = { key: harness.key.keyStr, clientType: 'device', clientId: 'ada' };
    const clients = [];
    for (let count = 0; count < 10; count += 1) clients.push(await harness.connect(ada));
    const [first] = clients;
    const resume = first?.connected.connectionKey ?? '';
    expect((await harness.connect({ ...ada, resume })).last).toMatchObject({ action: CONNECTED });
    await clients[1]?.close();
    const last = await harness.connect(ada);
    expect(last.last).toMatchObject({ action: CONNECTED });
    const away = { ...ada, resume: clients[1]?.connected.connectionKey ?? '' };
    expect((await harness.connect(away)).last).toMatchObject({ action: ERROR, error: { code: 80030 } });
    await last.close();
    expect((await harness.connect(away)).connected.connectionId).toBe(clients[1]?.connected.connectionId);
  });

  it('the limit of connections applies when a live one becomes a device of that client', async () => {
    const harness = mau();
    const ada = { key: harness.key.keyStr, clientType: 'device', clientId: 'ada' };
    const server = { 'x-ably-clientType': 'server', 'x-ably-clientId': 'ada' };
    const becoming = await harness.connect({ accessToken: harness.jwt(server) });
    const device = await harness.connect({
      accessToken: harness.jwt({ 'x-ably-clientId': 'ada' }),
      clientType: 'device',
    });
    for (let count = 0; count < 9; count += 1) await harness.connect(ada);
    const auth = (claims: object) => ({ action: 17, auth: { accessToken: harness.jwt({ ...claims }) } });
    expect(await device.ask(auth({ 'x-ably-clientId': 'ada' }))).toMatchObject([{ action: CONNECTED }]);
    expect(await becoming.ask(auth(server))).toMatchObject([{ action: CONNECTED }]);
    expect(await becoming.ask(auth({ ...server, 'x-ably-clientType': 'device' }))).toMatchObject([
      { action: ERROR, error: { code: 80030 } },
    ]);
  });

  it('a request to revoke tokens has to say what its client is only after its key was accepted', async () => {
    const harness = new SandboxHarness({ revocableTokens: true }, { pricing: 'mau' });
    const path = `/keys/${harness.key.keyName}/revokeTokens`;
    const body = { targets: ['clientId:ada'] };
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    for (const [headers, code] of [
      [basicOf(`${harness.key.keyName}:wrong`), 40101],
      [basicOf(other), 40133],
      [bearer(harness.jwt()), 40162],
      [harness.basic, 40168],
    ] as const)
      expect(await harness.post(path, body, headers)).toMatchObject(refused(code));
    expect(await harness.post(`${path}?clientType=server`, body, harness.basic)).toMatchObject({
      status: 201,
    });
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
