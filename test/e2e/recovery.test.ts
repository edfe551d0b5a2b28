import * as Ably from 'ably';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../src/connection/index.js';
import { Auth } from '../../src/index.js';
import { nextOf, protocols, Witness } from './ably-harness.js';

/** A client of Latchkey on the sandbox of the witness. */
async function connected(witness: Witness, options: RealtimeConnectionOptions = {}) {
  const { host, port } = witness.server;
  const service = { endpoint: host, port, tls: false } as const;
  const connection = new RealtimeConnection({ ...service, ...options });
  const auth = new Auth({
    ...service,
    connection,
    authCallback: async () => await witness.rest().auth.requestToken({ clientId: '*' }),
  });
  onTestFinished(() => {
    auth.dispose();
    connection.dispose();
  });
  await connection.whenState('connected');
  return { auth, connection };
}

const next = (connection: RealtimeConnection, action: number) =>
  new Promise<Record<string, unknown>>((resolve) => {
    const stop = connection.onMessage((message) => {
      if (message.action !== action) return;
      stop();
      resolve(message);
    });
  });

/** The client is gone without a word, and does not come back. */
async function lose(witness: Witness, leave: () => void): Promise<void> {
  witness.sandbox.setFault({ connect: 'hang' });
  witness.sandbox.cutConnections();
  leave();
  await expect.poll(() => witness.sandbox.connections[0]?.isConnected).toBe(false);
  witness.sandbox.setFault(null);
}

const [ATTACH, ATTACHED, MESSAGE, ACK] = [10, 11, 15, 1];
const RESUMED = 4;

describe.each(protocols)(
  'recovery keys of Latchkey and of the SDK, which speaks %s',
  (_protocol, isBinary) => {
    it('Latchkey recovers the connection of the SDK: id, numbers, and the missed message', async () => {
      const witness = await Witness.start(isBinary);
      const client = await witness.connected();
      const channel = client.channels.get('größer 世界');
      await channel.attach();
      await channel.publish('greeting', 'one');
      const { id } = client.connection;
      const recover = client.connection.createRecoveryKey();
      await lose(witness, () => client.close());
      witness.sandbox.setFault(null);
      await witness.rest().channels.get('größer 世界').publish('greeting', 'missed');

      const { connection } = await connected(witness, { recover });
      expect([connection.id, connection.errorReason]).toEqual([id, null]);
      const { msgSerial, channelSerials } = JSON.parse(connection.createRecoveryKey() ?? '');
      expect([msgSerial, Object.keys(channelSerials)]).toEqual([1, ['größer 世界']]);
      const missed = next(connection, MESSAGE);
      const attached = next(connection, ATTACHED);
      connection.send({
        action: ATTACH,
        channel: 'größer 世界',
        channelSerial: channelSerials['größer 世界'],
      });
      expect(Number((await attached).flags) & RESUMED).toBe(RESUMED);
      expect((await missed).messages).toEqual([expect.objectContaining({ data: 'missed' })]);
    });

    it('the SDK recovers the connection of Latchkey: id, numbers, and the missed message', async () => {
      const witness = await Witness.start(isBinary);
      const { auth, connection } = await connected(witness);
      const attached = next(connection, ATTACHED);
      connection.send({ action: ATTACH, channel: 'chat' });
      await attached;
      for (const msgSerial of [0, 1]) {
        const ack = next(connection, ACK);
        connection.send({ action: MESSAGE, channel: 'chat', msgSerial, messages: [{ data: 'one' }] });
        await ack;
      }
      const { id } = connection;
      const recover = connection.createRecoveryKey() ?? '';
      expect(JSON.parse(recover)).toMatchObject({
        msgSerial: 2,
        channelSerials: { chat: expect.any(String) },
      });
      await lose(witness, () => {
        auth.dispose();
        connection.dispose();
      });
      await witness.rest().channels.get('chat').publish('greeting', 'missed');

      const client = await witness.connected({ key: witness.key.keyStr, recover });
      expect([client.connection.id, client.connection.errorReason]).toEqual([id, null]);
      const channel = client.channels.get('chat');
      const heard: unknown[] = [];
      const isResumed = nextOf(channel, 'attached');
      await channel.subscribe(({ data }) => heard.push(data));
      expect(await isResumed).toMatchObject({ resumed: true });
      await channel.publish('greeting', 'next');
      await expect.poll(() => heard).toEqual(['missed', 'next']);
      expect(JSON.parse(client.connection.createRecoveryKey() ?? '').msgSerial).toBe(3);
    });
  },
);

describe('a recovery key that does not fit', () => {
  it.each([
    ['of Latchkey', (witness: Witness) => connected(witness).then(({ connection }) => connection)],
    ['of the SDK', (witness: Witness) => witness.connected().then(({ connection }) => connection)],
  ])('a key %s from another app fails the connection with 40102', async (_whose, make) => {
    const witness = await Witness.start(false);
    const recover = (await make(witness)).createRecoveryKey();
    const other = witness.sandbox.createApp().key;
    const { host, port } = witness.server;
    const service = { endpoint: host, port, tls: false } as const;
    const connection = new RealtimeConnection({ ...service, recover, logLevel: 'none' });
    const rest = new Ably.Rest({ ...witness.options, key: other });
    const auth = new Auth({ ...service, connection, authCallback: () => rest.auth.requestToken() });
    onTestFinished(() => {
      auth.dispose();
      connection.dispose();
    });
    await connection.whenState('failed');
    expect(connection.errorReason).toMatchObject({ code: 40102 });
    expect(JSON.stringify(connection.errorReason)).not.toContain(JSON.parse(recover ?? '').connectionKey);
  });

  it('a key that the service does not know is a new connection with 80018, as with the SDK', async () => {
    const witness = await Witness.start(false);
    const recover = '{"connectionKey":"no!key","msgSerial":7,"channelSerials":{"chat":"1"}}';
    const client = witness.realtime({ key: witness.key.keyStr, recover });
    await client.connection.whenState('connected');
    const { connection } = await connected(witness, { recover });
    for (const one of [client.connection, connection]) {
      expect(one.errorReason).toMatchObject({ code: 80018 });
      expect(JSON.parse(one.createRecoveryKey() ?? '')).toMatchObject({ msgSerial: 0 });
    }
  });
});
