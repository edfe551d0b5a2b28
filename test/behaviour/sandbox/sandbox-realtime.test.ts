import { describe, expect, it } from 'vitest';
import {
  AUTH,
  CLOSED,
  CONNECTED,
  DISCONNECTED,
  ERROR,
  HEARTBEAT,
  HOUR,
  MINUTE,
  SandboxHarness,
  SECOND,
} from '../../kit/sandbox-harness.js';

const error = (code: number, statusCode: number) => ({ error: { code, statusCode } });
const auth = (accessToken: string) => ({ action: AUTH, auth: { accessToken } });

describe('a connection to the sandbox', () => {
  it('CONNECTED has the identity of the client and the limits of the service', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ access_token: await harness.token({ clientId: 'ada' }) });
    expect(client.frames).toEqual([
      {
        action: CONNECTED,
        connectionId: expect.any(String),
        connectionKey: expect.any(String),
        connectionDetails: expect.objectContaining({
          clientId: 'ada',
          maxIdleInterval: 15_000,
          connectionStateTtl: 120_000,
        }),
      },
    ]);
  });

  it.each(['access_token', 'accessToken'])('a connection accepts a token as %s', async (name) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ [name]: await harness.token() });
    expect(client.actions).toEqual([CONNECTED]);
    expect(client.connected).not.toHaveProperty('clientId');
  });

  it('a connection accepts a key, for any client or for a named one', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    expect((await harness.connect({ key })).connected.clientId).toBe('*');
    expect((await harness.connect({ key, clientId: 'ada' })).connected.clientId).toBe('ada');
  });

  it('a connection accepts a JWT', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: harness.jwt({ 'x-ably-clientId': 'ada' }) });
    expect(client.connected.clientId).toBe('ada');
  });

  it('a client with a token for any client can choose its clientId (RSA15b)', async () => {
    const harness = new SandboxHarness();
    const accessToken = await harness.token({ clientId: '*' });
    expect((await harness.connect({ accessToken, clientId: 'ada' })).connected.clientId).toBe('ada');
  });

  describe('a connection that is refused with ERROR and closed', () => {
    it.each([
      ['there are no credentials', {}, 40101, 401],
      ['the app is unknown', { key: 'this.is:wrong' }, 40101, 401],
      ['the key is none', { key: 'nonsense' }, 40005, 400],
      ['the token is unknown', { accessToken: 'app.unknown' }, 40143, 401],
      ['the token is empty', { accessToken: '' }, 40005, 400],
      ['XML is asked for', { key: 'a.b:c', format: 'xml' }, 40000, 400],
      ['the version is none', { key: 'a.b:c', v: 'x' }, 40017, 400],
      ['the clientId is empty', { key: 'a.b:c', clientId: '' }, 40012, 400],
    ])('a connection is refused when %s', async (_title, query, code, statusCode) => {
      const harness = new SandboxHarness();
      const client = await harness.connect(query);
      expect(client.frames).toMatchObject([{ action: ERROR, ...error(code, statusCode) }]);
      // With that key, the SDK would take the message for an error of a channel.
      expect(client.last).not.toHaveProperty('channel');
      expect(client.isOpen).toBe(false);
      expect(harness.sandbox.connections).toEqual([]);
    });

    it('a connection is refused when the token is for another client, or anonymous (RSA15a)', async () => {
      const harness = new SandboxHarness();
      for (const clientId of ['eve', undefined]) {
        const accessToken = await harness.token({ clientId });
        const client = await harness.connect({ accessToken, clientId: 'ada' });
        expect(client.frames).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
      }
    });

    it('a connection is refused when the token has expired', async () => {
      const harness = new SandboxHarness();
      const accessToken = await harness.token({ ttl: 1 });
      await harness.clock.advance(1);
      const client = await harness.connect({ accessToken });
      expect(client.frames).toMatchObject([{ action: ERROR, ...error(40142, 401) }]);
    });
  });

  it('a HEARTBEAT is answered with its id, and not in the same millisecond', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    expect(await client.ask({ action: HEARTBEAT, id: 'ping' })).toEqual([]);
    await harness.clock.advance(2);
    expect(client.last).toEqual({ action: HEARTBEAT, id: 'ping' });
  });

  it('a HEARTBEAT is answered although the connection is re-authenticated meanwhile', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    await client.send({ action: HEARTBEAT, id: 'ping' });
    await client.send(auth(await harness.token()));
    await harness.clock.advance(2);
    expect(client.last).toEqual({ action: HEARTBEAT, id: 'ping' });
  });

  it('a connection receives something at least every maxIdleInterval', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await harness.clock.advance(15 * SECOND - 1);
    expect(client.actions).toEqual([CONNECTED]);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([CONNECTED, HEARTBEAT]);
    await harness.clock.advance(45 * SECOND);
    expect(client.actions).toEqual([CONNECTED, ...Array(4).fill(HEARTBEAT)]);
  });

  it('a connection that sees pings receives no HEARTBEAT (RTN23b)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeats: 'false' });
    await harness.clock.advance(HOUR);
    expect(client.actions).toEqual([CONNECTED]);
  });

  it('a connection that sends CLOSE gets CLOSED, and cannot be resumed', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const client = await harness.connect({ key });
    expect(await client.ask({ action: 7 })).toEqual([{ action: CLOSED }]);
    expect(client.isOpen).toBe(false);
    const next = await harness.connect({ key, resume: client.connected.connectionKey });
    expect(next.last).toMatchObject(error(80018, 400));
    expect(next.connected.connectionId).not.toBe(client.connected.connectionId);
  });
});

describe('a token on a live connection', () => {
  const EXPIRES = 10 * MINUTE;

  it('the server asks for a new token 30 s before the expiry, and disconnects with 40142 at the expiry', async () => {
    const harness = new SandboxHarness();
    const accessToken = await harness.token({ ttl: EXPIRES });
    const client = await harness.connect({ accessToken, heartbeats: 'false' });
    await harness.clock.advance(EXPIRES - 30 * SECOND - 1);
    expect(client.actions).toEqual([CONNECTED]);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([CONNECTED, AUTH]);
    await harness.clock.advance(30 * SECOND - 1);
    expect(client.isOpen).toBe(true);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([CONNECTED, AUTH, DISCONNECTED]);
    expect(client.last).toMatchObject(error(40142, 401));
    expect(client.isOpen).toBe(false);
  });

  it.each([5 * SECOND, 30 * SECOND])(
    'the server does not ask for a token that has only %i ms left at connect',
    async (ttl) => {
      const harness = new SandboxHarness();
      const client = await harness.connect({
        accessToken: await harness.token({ ttl }),
        heartbeats: 'false',
      });
      await harness.clock.advance(ttl);
      expect(client.actions).toEqual([CONNECTED, DISCONNECTED]);
    },
  );

  it('a token is replaced in place: same connection, new expiry', async () => {
    const harness = new SandboxHarness();
    const accessToken = await harness.token({ ttl: EXPIRES });
    const client = await harness.connect({ accessToken, heartbeats: 'false' });
    const { connectionId, connectionKey } = client.connected;
    await harness.clock.advance(EXPIRES - SECOND);
    const answer = await client.ask(auth(await harness.token({ ttl: EXPIRES })));
    expect(answer).toMatchObject([{ action: CONNECTED, connectionId, connectionDetails: { connectionKey } }]);
    await harness.clock.advance(EXPIRES - 30 * SECOND - 1);
    expect(client.actions).toEqual([CONNECTED, AUTH, CONNECTED]);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([CONNECTED, AUTH, CONNECTED, AUTH]);
  });

  it('the server can ask for a token at any time', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    harness.sandbox.askForReauth();
    await harness.clock.advance(0);
    expect(client.last).toEqual({ action: AUTH });
  });

  it.each([
    ['is for another client', { clientId: 'eve' }],
    ['is for nobody', {}],
  ])('a connection fails with 40102 when its next token %s', async (_title, fields) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token({ clientId: 'ada' }) });
    const answer = await client.ask(auth(await harness.token(fields)));
    expect(answer).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
    expect(answer[0]).not.toHaveProperty('channel');
    expect(client.isOpen).toBe(false);
    expect(harness.sandbox.connections).toEqual([]);
  });

  it('a connection fails with 40102 when it changes its client by a token for any client in between', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token({ clientId: '*' }) });
    for (const clientId of ['ada', '*', 'ada', '*']) {
      const answer = await client.ask(auth(await harness.token({ clientId })));
      expect(answer).toMatchObject([{ action: CONNECTED }]);
    }
    const answer = await client.ask(auth(await harness.token({ clientId: 'bob' })));
    expect(answer).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
  });

  it('a connection fails when its next token is of another app', async () => {
    const [harness, other] = [new SandboxHarness(), new SandboxHarness()];
    const client = await harness.connect({ accessToken: await harness.token() });
    const { appId, keys } = harness.sandbox.createApp();
    const { keyName = '', keyStr = '' } = keys[0] ?? {};
    const { body } = await harness.post(
      `/keys/${keyName}/requestToken`,
      { keyName, timestamp: harness.clock.now() },
      { authorization: `Basic ${btoa(keyStr)}` },
    );
    expect(appId).not.toBe(other.appId);
    expect(await client.ask(auth(body.token))).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
  });

  it.each([
    ['is unknown', 'app.unknown', 40143, 401],
    ['is no token', 'nonsense', 40005, 400],
  ])('a connection fails when its next token %s', async (_title, token, code, status) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    expect(await client.ask(auth(token))).toMatchObject([{ action: ERROR, ...error(code, status) }]);
    expect(client.isOpen).toBe(false);
  });

  it('a test can expire or revoke tokens, and connections with a key are not affected', async () => {
    const harness = new SandboxHarness();
    const [ada, bob] = [
      await harness.connect({ accessToken: await harness.token({ clientId: 'ada' }) }),
      await harness.connect({ accessToken: await harness.token({ clientId: 'bob' }) }),
    ];
    const byKey = await harness.connect({ key: harness.key.keyStr });
    harness.sandbox.revokeTokens('ada');
    await harness.clock.advance(0);
    expect(ada.last).toMatchObject({ action: DISCONNECTED, ...error(40141, 401) });
    expect(bob.isOpen).toBe(true);
    harness.sandbox.expireTokens();
    await harness.clock.advance(0);
    expect(bob.last).toMatchObject({ action: DISCONNECTED, ...error(40142, 401) });
    expect(byKey.isOpen).toBe(true);
  });

  it('a token revoked with a margin has 30 s, also on a connection made or renewed with it since', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const accessToken = await harness.token({ clientId: 'ada' });
    const early = await harness.connect({ accessToken, heartbeats: 'false' });
    const body = { targets: ['clientId:ada'], allowReauthMargin: true };
    await harness.post(`/keys/${harness.key.keyName}/revokeTokens`, body, harness.basic);
    await harness.clock.advance(0);
    expect(early.actions).toEqual([CONNECTED, AUTH]);
    const late = await harness.connect({ accessToken, heartbeats: 'false' });
    await early.send(auth(accessToken));
    await harness.clock.advance(30 * SECOND - 1);
    expect([early.isOpen, late.isOpen]).toEqual([true, true]);
    await harness.clock.advance(1);
    expect(early.last).toMatchObject({ action: DISCONNECTED, ...error(40141, 401) });
    expect(late.last).toMatchObject({ action: DISCONNECTED, ...error(40141, 401) });
  });

  it('a token can be replaced in the millisecond in which it was revoked', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const client = await harness.connect({ accessToken: await harness.token({ clientId: 'ada' }) });
    const path = `/keys/${harness.key.keyName}/revokeTokens`;
    await harness.post(path, { targets: ['clientId:ada'] }, harness.basic);
    await harness.clock.advance(0);
    expect(client.last).toMatchObject({ action: DISCONNECTED, ...error(40141, 401) });
    const accessToken = await harness.token({ clientId: 'ada' });
    const back = await harness.connect({ accessToken, resume: client.connected.connectionKey });
    expect(back.connected.connectionId).toBe(client.connected.connectionId);
  });

  it('a connection ends with its app', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    await harness.get(`/apps/${harness.appId}`, harness.basic, 'DELETE');
    await harness.clock.advance(0);
    expect(client.last).toMatchObject({ action: ERROR, ...error(40400, 404) });
  });
});

describe('a connection that is resumed', () => {
  it('a resumed connection keeps its id after its transport broke', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const client = await harness.connect({ key });
    harness.sandbox.cutConnections();
    await harness.clock.advance(0);
    expect(client.events.map(({ type, code }) => [type, code])).toEqual([
      ['open', undefined],
      ['error', undefined],
      ['close', 1006],
    ]);
    expect(harness.sandbox.connections).toMatchObject([{ isConnected: false }]);
    const back = await harness.connect({ key, resume: client.connected.connectionKey });
    expect(back.connected.connectionId).toBe(client.connected.connectionId);
    expect(back.last).not.toHaveProperty('error');
    expect(harness.sandbox.connections).toMatchObject([{ isConnected: true }]);
  });

  it.each(['resume', 'recover'])('the connection to resume is named by %s', async (name) => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const client = await harness.connect({ key });
    await client.close();
    const back = await harness.connect({ key, [name]: client.connected.connectionKey });
    expect(back.connected.connectionId).toBe(client.connected.connectionId);
  });

  it('a resumed connection ignores the end of its old transport', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const old = await harness.connect({ key });
    const back = await harness.connect({ key, resume: old.connected.connectionKey });
    await old.close();
    expect(old.isOpen).toBe(false);
    expect(harness.sandbox.connections).toMatchObject([{ isConnected: true }]);
    harness.sandbox.askForReauth();
    await harness.clock.advance(0);
    expect(back.last).toEqual({ action: AUTH });
  });

  it('a connection resumes with a new token after the old one expired', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token({ ttl: MINUTE }) });
    await harness.clock.advance(MINUTE);
    const back = await harness.connect({
      accessToken: await harness.token(),
      resume: client.connected.connectionKey,
    });
    expect(back.connected.connectionId).toBe(client.connected.connectionId);
  });

  it('a lost connection is kept for two minutes', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const [one, two] = [await harness.connect({ key }), await harness.connect({ key })];
    harness.sandbox.cutConnections();
    await harness.clock.advance(2 * MINUTE - 1);
    const back = await harness.connect({ key, resume: one.connected.connectionKey });
    expect(back.connected.connectionId).toBe(one.connected.connectionId);
    await harness.clock.advance(1);
    const late = await harness.connect({ key, resume: two.connected.connectionKey });
    expect(late.connected.connectionId).not.toBe(two.connected.connectionId);
    expect(late.last).toMatchObject({ action: CONNECTED, ...error(80018, 400) });
  });

  it('a wrong connection key leads to a new connection, and credentials of another app to 40102', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const client = await harness.connect({ key });
    const { connectionId, connectionKey } = client.connected;
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    for (const resume of ['malformed', `${connectionId}!guess`]) {
      const answer = await harness.connect({ key, resume });
      expect(answer.connected.connectionId).not.toBe(connectionId);
      expect(answer.last).toMatchObject(error(80018, 400));
    }
    const foreign = await harness.connect({ key: other, resume: connectionKey });
    expect(foreign.frames).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
    expect(client.isOpen).toBe(true);
  });

  it('a connection cannot be resumed by another client, and stays as it was', async () => {
    const harness = new SandboxHarness();
    const ada = await harness.connect({ accessToken: await harness.token({ clientId: 'ada' }) });
    const accessToken = await harness.token({ clientId: 'eve' });
    const eve = await harness.connect({ accessToken, resume: ada.connected.connectionKey });
    expect(eve.frames).toMatchObject([{ action: ERROR, ...error(40102, 401) }]);
    expect(ada.isOpen).toBe(true);
    expect(harness.sandbox.connections).toMatchObject([{ clientId: 'ada', isConnected: true }]);
  });

  it('resuming needs valid credentials', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    const key = `${harness.key.keyName}:wrong`;
    const answer = await harness.connect({ key, resume: client.connected.connectionKey });
    expect(answer.frames).toMatchObject([{ action: ERROR, ...error(40101, 401) }]);
  });
});
