import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { next, nextOf, protocols, reaches, Witness } from './ably-harness.js';

/** A live connection whose token changes or ends. */
describe.each(protocols)('a connection of the real ably package, in %s', (_name, binary) => {
  const start = (app = {}) => Witness.start(binary, app);
  /** With a clock of the service that stands still until the test moves it. */
  const startStill = async () => {
    const clock = new VirtualClock(Date.now());
    return { clock, witness: await Witness.start(binary, {}, { clock }) };
  };

  it('the server asks for a new token 30 s before the expiry, and the connection stays the same (RTN22, RTC8)', async () => {
    const { clock, witness } = await startStill();
    const client = await witness.connected(witness.issuing({ ttl: 60_000, clientId: 'ada' }));
    const { id } = client.connection;
    const update = next(client, 'update');
    await clock.advance(30_000);
    expect(await update).toMatchObject({ current: 'connected', previous: 'connected' });
    expect(client.connection.id).toBe(id);
    expect(witness.sandbox.connections).toMatchObject([{ clientId: 'ada', isConnected: true }]);
    expect(witness.sandbox.connections[0]?.tokenExpires).toBe(clock.now() + 60_000);
  });

  it('the connection is disconnected when its token expires, and resumes with the next one (RTN15h, RTN22a)', async () => {
    const { clock, witness } = await startStill();
    const client = await witness.connected(witness.issuing({ ttl: 1_000 }, {}));
    const { id } = client.connection;
    const disconnected = next(client, 'disconnected');
    await clock.advance(1_000);
    expect((await disconnected).reason).toMatchObject({ code: 40142, statusCode: 401 });
    await reaches(client, 'connected');
    expect(client.connection.id).toBe(id);
    expect(client.connection.errorReason).toBeNull();
  });

  it('the connection works with a real clock: a token of 2 s, and the next one (RTN15h)', async () => {
    const witness = await start();
    const codes: unknown[] = [];
    const client = witness.realtime(witness.issuing({ ttl: 2_000 }, {}));
    client.connection.on('disconnected', ({ reason }) => codes.push(reason?.code));
    await expect
      .poll(() => witness.sandbox.connections[0]?.tokenExpires ?? 0, { timeout: 20_000 })
      .toBeGreaterThan(Date.now() + 60_000);
    await reaches(client, 'connected');
    for (const code of codes) expect(code).toBe(40142);
  });

  it('the connection fails when its token expires and there is no source of another one (RSA4a2)', async () => {
    const { clock, witness } = await startStill();
    const { token } = await witness.rest().auth.requestToken({ ttl: 1_000 });
    const client = await witness.connected({ token });
    const failed = next(client, 'failed');
    await clock.advance(1_000);
    expect((await failed).reason).toMatchObject({ code: 40171 });
  });

  it('the connection gets a new token if its first one has expired (RTN14b)', async () => {
    const witness = await start();
    const expired = await witness.rest().auth.requestToken({ ttl: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const client = await witness.connected({ ...witness.issuing({}), token: expired.token });
    expect(client.connection.errorReason).toBeNull();
    expect(witness.sandbox.connections[0]?.tokenExpires).toBeGreaterThan(Date.now());
  });

  it('the connection is resumed after its transport broke, with nothing lost (RTN15b, RTN15c6)', async () => {
    const witness = await start();
    const client = await witness.connected();
    const channel = client.channels.get('chat');
    const heard: unknown[] = [];
    await channel.subscribe(({ data }) => heard.push(data));
    const { id } = client.connection;
    const away = next(client, 'disconnected');
    witness.sandbox.cutConnections();
    await away;
    await witness.rest().channels.get('chat').publish('greeting', 'while you were away');
    await reaches(client, 'connected');
    expect(client.connection.id).toBe(id);
    await expect.poll(() => heard).toEqual(['while you were away']);
  });

  it('a connection that cannot be resumed is replaced by a new one: 80018 (RTN15c7)', async () => {
    const witness = await start();
    const client = witness.realtime({
      key: witness.key.keyStr,
      recover: '{"connectionKey":"no!key","msgSerial":0,"channelSerials":{}}',
    });
    await reaches(client, 'connected');
    expect(client.connection.errorReason).toMatchObject({ code: 80018, statusCode: 400 });
  });

  it('authorize() upgrades the connection in place to more rights (RTC8a)', async () => {
    const witness = await start();
    const narrow = { capability: { chat: ['subscribe' as const] } };
    const client = await witness.connected(witness.issuing(narrow, {}));
    const channel = client.channels.get('chat');
    await expect(channel.publish('greeting', 'no')).rejects.toMatchObject({ code: 40160 });
    const { id } = client.connection;
    await client.auth.authorize();
    await channel.publish('greeting', 'yes');
    expect(client.connection.id).toBe(id);
  });

  it('authorize() downgrades the connection in place: a channel without rights fails with 40160 (RTC8a1)', async () => {
    const witness = await start();
    const client = await witness.connected(witness.issuing({}, { capability: { other: ['*'] } }));
    const channel = client.channels.get('chat');
    await channel.attach();
    const failed = nextOf(channel, 'failed');
    await client.auth.authorize();
    expect((await failed).reason).toMatchObject({ code: 40160, statusCode: 401 });
    expect(client.connection.state).toBe('connected');
    await client.channels.get('other').attach();
  });

  it('authorize() downgrades the connection in place: a readable channel stays attached (RTC8a1)', async () => {
    const witness = await start();
    const client = await witness.connected(witness.issuing({}, { capability: { chat: ['subscribe'] } }));
    const channel = client.channels.get('chat');
    await channel.attach();
    await client.auth.authorize();
    expect(channel.state).toBe('attached');
    await expect(channel.publish('greeting', 'no')).rejects.toMatchObject({ code: 40160, statusCode: 401 });
  });

  it('the connection fails if the token is for another clientId (RSA15a, RSA15c)', async () => {
    const witness = await start();
    const { token } = await witness.rest().auth.requestToken({ clientId: 'ada' });
    const client = witness.realtime({ token, clientId: 'eve' });
    const failed = await reaches(client, 'failed');
    expect(failed?.reason).toMatchObject({ code: 40102, statusCode: 401 });
  });

  it('the connection can choose its clientId with a token for any client (RSA15b, RSA7b4)', async () => {
    const witness = await start();
    const { token } = await witness.rest().auth.requestToken({ clientId: '*' });
    const client = await witness.connected({ token, clientId: 'ada' });
    expect(client.auth.clientId).toBe('ada');
    const anybody = await witness.connected({ token });
    expect(anybody.auth.clientId).toBe('*');
  });

  it('the connection fails when its next token is of another key (code 40102), unless that is allowed', async () => {
    for (const reauthByAnyKey of [false, true]) {
      const witness = await Witness.start(binary, { keys: [{}, {}] }, { reauthByAnyKey });
      const [one, other] = await Promise.all(
        witness.keys.map((key) => witness.rest({ key: key.keyStr }).auth.requestToken()),
      );
      const tokens = [one, other];
      const client = await witness.connected({
        authCallback: (_params, callback) => callback(null, tokens.shift() ?? null),
      });
      const authorized = client.auth.authorize();
      if (reauthByAnyKey) await authorized;
      else await expect(authorized).rejects.toMatchObject({ code: 40102, statusCode: 401 });
      expect(client.connection.state).toBe(reauthByAnyKey ? 'connected' : 'failed');
    }
  });

  it('the connection fails when its next token is for another client (RTC8a2)', async () => {
    const witness = await start();
    const client = await witness.connected(witness.issuing({ clientId: 'ada' }, { clientId: 'eve' }));
    const failed = next(client, 'failed');
    await expect(client.auth.authorize()).rejects.toMatchObject({ code: 40102 });
    expect((await failed).reason).toMatchObject({ code: 40102 });
  });

  describe('a connection whose token is revoked (auth/revocation, RSA17)', () => {
    const revocable = { keys: [{ revocableTokens: true }] };

    it('the connection is disconnected with 40141, and returns with a new token', async () => {
      const witness = await start(revocable);
      const client = await witness.connected(witness.issuing({ clientId: 'ada' }));
      const { id } = client.connection;
      const disconnected = next(client, 'disconnected');
      const result = await witness.revoke(witness.key, { type: 'clientId', value: 'ada' });
      expect(result).toMatchObject({ successCount: 1, failureCount: 0 });
      expect((await disconnected).reason).toMatchObject({ code: 40141, statusCode: 401 });
      await reaches(client, 'connected');
      expect(client.connection.id).toBe(id);
    });

    it('the connection is asked for a new token if there is a margin, and stays connected', async () => {
      const witness = await start(revocable);
      const client = await witness.connected(witness.issuing({ clientId: 'ada' }));
      const update = next(client, 'update');
      const result = await witness.revoke(witness.key, { type: 'clientId', value: 'ada' }, true);
      expect((await update).current).toBe('connected');
      const [told] = result.results as { appliesAt: number }[];
      expect(Number(told?.appliesAt)).toBeGreaterThan(Date.now() + 20_000);
    });

    it('the connection is selected by the revocation key of its JWT', async () => {
      const witness = await start(revocable);
      const [one, two] = await Promise.all(
        ['one', 'two'].map(async (group) =>
          witness.connected({ token: await witness.jwt({ 'x-ably-revocation-key': group }) }),
        ),
      );
      const failed = next(one as NonNullable<typeof one>, 'failed');
      await witness.revoke(witness.key, { type: 'revocationKey', value: 'one' });
      // There is no source of another token: the SDK reports that, with the reason.
      expect((await failed).reason).toMatchObject({ code: 40171 });
      expect(two?.connection.state).toBe('connected');
    });

    it('tokens of a key without revocable tokens cannot be revoked: 40163', async () => {
      const witness = await start();
      await expect(witness.revoke(witness.key, { type: 'clientId', value: 'ada' })).rejects.toMatchObject({
        code: 40163,
      });
    });
  });

  it('the connection fails with its key: 40131', async () => {
    const witness = await start();
    const client = await witness.connected();
    const failed = next(client, 'failed');
    witness.sandbox.revokeKey(witness.key.keyName);
    expect((await failed).reason).toMatchObject({ code: 40131, statusCode: 401 });
  });

  it('ping() measures its duration (RTN13)', async () => {
    const witness = await start();
    const client = await witness.connected();
    expect(await client.connection.ping()).toBeGreaterThan(0);
  });

  it('the connection closes with close() (RTN12)', async () => {
    const witness = await start();
    const client = await witness.connected();
    const closed = next(client, 'closed');
    client.close();
    await closed;
    await expect.poll(() => witness.sandbox.connections).toEqual([]);
  });
});
