import type * as Ably from 'ably';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { listening, nextOf, protocols, Witness } from './ably-harness.js';

const refused = { code: 40160, statusCode: 401 };

/** What the SDK may do on channels with a token, over a connection and by REST. */
describe.each(protocols)('channels of the real ably package, in %s', (_name, binary) => {
  const start = (app = {}) => Witness.start(binary, app);
  const may = (...operations: Ably.CapabilityOp[]) => ({ capability: { chat: operations } });

  it('a message reaches the clients that may subscribe (RTL6, RTL7)', async () => {
    const witness = await start();
    const writer = await witness.connected(witness.issuing({ ...may('publish'), clientId: 'ada' }));
    const reader = await witness.connected(witness.issuing(may('subscribe')));
    const { heard } = await listening(reader.channels.get('chat'));
    await writer.channels.get('chat').publish('greeting', { hello: 'world' });
    expect(await heard).toMatchObject({
      name: 'greeting',
      data: { hello: 'world' },
      clientId: 'ada',
      connectionId: writer.connection.id,
    });
  });

  it('bytes are delivered unchanged (RSL4c)', async () => {
    const witness = await start();
    const bytes = Buffer.from([0, 1, 2, 254, 255]);
    const [writer, reader] = [await witness.connected(), await witness.connected()];
    const { heard } = await listening(reader.channels.get('chat'));
    await writer.channels.get('chat').publish('bytes', bytes);
    expect(Buffer.from((await heard).data).equals(bytes)).toBe(true);
    const { items } = await witness.rest().channels.get('chat').history();
    expect(Buffer.from(items[0]?.data).equals(bytes)).toBe(true);
  });

  it('a client without the right to publish is refused (RTL6, code 40160)', async () => {
    const witness = await start();
    const reader = await witness.connected(witness.issuing(may('subscribe')));
    await expect(reader.channels.get('chat').publish('greeting', 'no')).rejects.toMatchObject(refused);
    const rest = witness.rest(witness.issuing(may('subscribe')));
    await expect(rest.channels.get('chat').publish('greeting', 'no')).rejects.toMatchObject(refused);
  });

  it('a client without any right cannot attach (RTL4e)', async () => {
    const witness = await start();
    const client = await witness.connected(witness.issuing(may('subscribe')));
    const channel = client.channels.get('private');
    await expect(channel.attach()).rejects.toMatchObject(refused);
    expect(channel.state).toBe('failed');
    expect(client.connection.state).toBe('connected');
  });

  it('presence events reach the clients that may receive them (RTP6, RTP8–RTP10)', async () => {
    const witness = await start();
    const ada = await witness.connected(witness.issuing({ ...may('presence'), clientId: 'ada' }));
    const reader = await witness.connected(witness.issuing(may('subscribe')));
    const told: string[] = [];
    const channel = reader.channels.get('chat');
    await channel.presence.subscribe(({ action, clientId, data }) =>
      told.push(`${action} ${clientId} ${data}`),
    );
    const { presence } = ada.channels.get('chat');
    await presence.enter('here');
    await presence.update('still here');
    await expect.poll(() => told).toEqual(['enter ada here', 'update ada still here']);
    expect((await channel.presence.get()).map(({ clientId }) => clientId)).toEqual(['ada']);
    await presence.leave('gone');
    await expect.poll(() => told.at(-1)).toBe('leave ada gone');
  });

  it('a channel reports its members, and those that leave with their connection (RTP18, RTP2)', async () => {
    const witness = await start();
    const ada = await witness.connected({ key: witness.key.keyStr, clientId: 'ada' });
    await ada.channels.get('chat').presence.enter('here');
    const reader = await witness.connected();
    const { presence } = reader.channels.get('chat');
    expect((await presence.get()).map(({ clientId, data }) => [clientId, data])).toEqual([['ada', 'here']]);
    const { items } = await witness.rest().channels.get('chat').presence.get();
    expect(items.map(({ clientId, action }) => [clientId, action])).toEqual([['ada', 'present']]);
    ada.close();
    await expect.poll(async () => (await presence.get()).length).toBe(0);
  });

  it('entering without the right is refused with 40160, and without a name with 40012', async () => {
    const witness = await start();
    const reader = await witness.connected(witness.issuing({ ...may('subscribe'), clientId: 'ada' }));
    await expect(reader.channels.get('chat').presence.enter()).rejects.toMatchObject(refused);
    const nobody = await witness.connected(witness.issuing(may('presence')));
    await expect(nobody.channels.get('chat').presence.enter()).rejects.toMatchObject({ code: 40012 });
  });

  it('a client cannot publish for another one (RSA7a1, RSA8f2)', async () => {
    const witness = await start();
    const { token } = await witness.rest().auth.requestToken();
    const nobody = witness.rest({ token });
    const message = { name: 'greeting', data: 'hello', clientId: 'ada' };
    await expect(nobody.channels.get('chat').publish(message)).rejects.toMatchObject({
      code: 40012,
      statusCode: 400,
    });
    const anybody = witness.rest(witness.issuing({ clientId: '*' }));
    await anybody.channels.get('chat').publish(message);
    const { items } = await anybody.channels.get('chat').history();
    expect(items).toMatchObject([{ clientId: 'ada' }]);
  });

  it('a channel keeps its history, in pages (RSL2, TG3)', async () => {
    const witness = await start();
    const channel = witness.rest().channels.get('chat');
    for (const data of ['one', 'two', 'three']) await channel.publish('count', data);
    const page = await channel.history({ limit: 2 });
    expect(page.items.map(({ data }) => data)).toEqual(['three', 'two']);
    const rest = await page.next();
    expect(rest?.items.map(({ data }) => data)).toEqual(['one']);
    expect(rest?.isLast()).toBe(true);
    const forwards = await channel.history({ direction: 'forwards' });
    expect(forwards.items.map(({ data }) => data)).toEqual(['one', 'two', 'three']);
  });

  it('the time is the service’s (RSC16)', async () => {
    const witness = await start();
    const rest = witness.rest();
    expect(Math.abs((await rest.time()) - Date.now())).toBeLessThan(30_000);
  });

  it('a message by REST reaches connections (RSL1)', async () => {
    const witness = await start();
    const client = await witness.connected();
    const { heard } = await listening(client.channels.get('chat'));
    const { serials } = await witness.rest().channels.get('chat').publish('greeting', 'hello');
    expect(await heard).toMatchObject({ data: 'hello', serial: serials[0] });
  });

  it('messages that a fault kept back follow when the connection is resumed (RTL4j)', async () => {
    const witness = await start();
    const client = await witness.connected();
    const channel = client.channels.get('chat');
    const { heard } = await listening(channel);
    const { id } = client.connection;
    witness.sandbox.setFault({ realtime: 'silence' });
    await witness.rest().channels.get('chat').publish('greeting', 'kept');
    const attached = nextOf(channel, 'attached');
    witness.sandbox.cutConnections();
    witness.sandbox.setFault(null);
    expect((await heard).data).toBe('kept');
    expect(await attached).toMatchObject({ resumed: true });
    expect(client.connection.id).toBe(id);
  });

  it('members stay for the time of remainPresentFor when their connection is lost', async () => {
    const clock = new VirtualClock(Date.now());
    const witness = await Witness.start(binary, {}, { clock });
    const { key } = witness;
    const options = { key: key.keyStr, clientId: 'ada', transportParams: { remainPresentFor: '2000' } };
    const ada = await witness.connected(options);
    await ada.channels.get('chat').presence.enter('here');
    const present = async () => (await witness.rest().channels.get('chat').presence.get()).items.length;
    witness.sandbox.setFault({ connect: 'hang' });
    witness.sandbox.cutConnections();
    await clock.advance(1_999);
    expect(await present()).toBe(1);
    await clock.advance(1);
    expect(await present()).toBe(0);
  });
});
