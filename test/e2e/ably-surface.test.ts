import * as Ably from 'ably';
import { LiveObjects } from 'ably/liveobjects';
import Push from 'ably/push';
import { describe, expect, it } from 'vitest';
import { methodsOfAbly } from '../kit/ably-surface.js';
import { listening, nextOf, protocols, Witness } from './ably-harness.js';

type Row = (witness: Witness) => Promise<unknown>;

/** The service refuses by name. */
async function isRefused(call: () => Promise<unknown>, code = 40000): Promise<void> {
  const message = expect.stringMatching(/^the sandbox does not /);
  await expect(call()).rejects.toMatchObject({ code, statusCode: 400, message });
}

/** The SDK itself refuses, before it asks the service. */
async function isRefusedBySdk(witness: Witness, call: () => unknown, code: number): Promise<void> {
  const before = witness.sandbox.requests.length;
  await expect((async () => await call())()).rejects.toMatchObject({ code });
  expect(witness.sandbox.requests).toHaveLength(before);
}

const CHANGED = 93002;
const withPush = { plugins: { Push } };
const realtimeChannel = async (witness: Witness, options: Ably.ChannelOptions = {}) =>
  (await witness.connected({ key: witness.key.keyStr, clientId: 'ada' })).channels.get('chat', options);
const restChannel = (witness: Witness) => witness.rest().channels.get('chat');
const dataOf = ({ items }: Ably.PaginatedResult<Ably.InboundMessage>) => items.map(({ data }) => data);
const clientsOf = (items: readonly Ably.PresenceMessage[]) => items.map(({ clientId }) => clientId).sort();

/** A message that was published, and a check that nothing changed it. */
async function published(channel: Ably.Channel | Ably.RealtimeChannel) {
  const { serials } = await channel.publish('greeting', 'first');
  const message = { name: 'greeting', data: 'changed', serial: serials[0] ?? '' } as Ably.Message;
  return { message, unchanged: async () => expect(dataOf(await channel.history())).toEqual(['first']) };
}

/** A change of a message is refused, and none is published. */
const changes =
  (
    channelOf: (witness: Witness) => Promise<Ably.RealtimeChannel> | Ably.Channel,
    how: 'updateMessage' | 'deleteMessage' | 'appendMessage',
  ): Row =>
  async (witness) => {
    const channel = await channelOf(witness);
    const { message, unchanged } = await published(channel);
    await isRefused(() => channel[how](message), CHANGED);
    await unchanged();
  };

const device = {
  id: 'device',
  clientId: 'ada',
  platform: 'ios',
  formFactor: 'phone',
  push: { recipient: { transportType: 'apns' } },
} as unknown as Ably.DeviceDetails;
const subscription: Ably.PushChannelSubscription = { channel: 'chat', clientId: 'ada' };
// The SDK writes into what it is given.
const annotation = () => ({ type: 'reaction:flag.v1', name: 'like' });
const pushAdmin = (witness: Witness) => witness.rest().push.admin;
const pages = async (witness: Witness) => {
  const channel = restChannel(witness);
  for (const data of ['one', 'two', 'three']) await channel.publish('count', data);
  return await channel.history({ limit: 2 });
};
const second = async (witness: Witness) => {
  const page = await (await pages(witness)).next();
  if (page === null) throw new Error('there is no second page');
  return page;
};
const revocable = { keys: [{ revocableTokens: true }] };
const batchOf = async (client: Ably.Rest | Ably.Realtime, channel: Ably.Channel) => {
  const messages = [{ name: 'greeting', data: 'hello' }];
  const result = await client.batchPublish({ channels: ['chat', ':wrong'], messages });
  expect(result).toMatchObject({ successCount: 1, failureCount: 1 });
  expect(result.results[1]).toMatchObject({ channel: ':wrong', error: { code: 40010 } });
  expect(dataOf(await channel.history())).toEqual(['hello']);
};
const presenceBatch = async (witness: Witness, client: Ably.Rest | Ably.Realtime) => {
  await (await realtimeChannel(witness)).presence.enter('here');
  // The types of 2.28.0 say that it is a list; the SDK and Ably's pages say that it is one result (RSC24).
  const result = await client.batchPresence(['chat', 'empty']);
  const results = [{ channel: 'chat', presence: [{ clientId: 'ada' }] }, { presence: [] }];
  expect(result).toMatchObject({ successCount: 2, failureCount: 0, results });
};
const pushed = (witness: Witness) =>
  witness.rest({ key: witness.key.keyStr, clientId: 'ada', ...withPush }).channels.get('chat').push;
const request: (client: Ably.Rest | Ably.Realtime, witness: Witness) => Promise<void> = async (
  client,
  witness,
) => {
  await client.request('post', '/channels/chat/messages', 3, {}, { data: 'by hand' }, {});
  expect(dataOf(await restChannel(witness).history())).toEqual(['by hand']);
  expect(await client.request('get', '/push/channels', 3, {}, null, {})).toMatchObject({
    success: false,
    errorCode: 40000,
    errorMessage: expect.stringContaining('the sandbox does not offer this'),
  });
};
const isNow = async (client: Ably.Rest | Ably.Realtime, witness: Witness) => {
  witness.sandbox.setFault({ clockSkewMs: 3_600_000 });
  expect((await client.time()) - Date.now()).toBeGreaterThan(3_000_000);
};
const objectsOf = async (witness: Witness, more: Ably.ChannelOptions = {}) =>
  (await witness.connected({ key: witness.key.keyStr, plugins: { LiveObjects } })).channels.get('chat', more);
const restObject = (witness: Witness) =>
  witness.rest({ key: witness.key.keyStr, plugins: { LiveObjects } }).channels.get('chat').object;

/** What each public method of the SDK does at the sandbox. */
const rows: Readonly<Record<string, Row>> = {
  'AuthOptions.authCallback': async (witness) => {
    const client = await witness.connected(witness.issuing({ clientId: 'ada' }));
    expect(client.auth.clientId).toBe('ada');
  },
  'ClientOptions.logHandler': async (witness) => {
    const lines: string[] = [];
    await witness
      .rest({ key: witness.key.keyStr, logLevel: 4, logHandler: (line) => lines.push(line) })
      .time();
    expect(lines.length).toBeGreaterThan(0);
  },
  'Auth.authorize': async (witness) => {
    const client = await witness.connected(witness.issuing({ capability: { other: ['*'] } }, {}));
    await expect(client.channels.get('chat').attach()).rejects.toMatchObject({ code: 40160 });
    const { id } = client.connection;
    await client.auth.authorize();
    expect(client.connection.id).toBe(id);
    await client.channels.get('chat').attach();
  },
  'Auth.createTokenRequest': async (witness) => {
    const signed = await witness.rest().auth.createTokenRequest({ clientId: 'ada' });
    const client = await witness.connected({ authCallback: (_params, callback) => callback(null, signed) });
    expect(client.auth.clientId).toBe('ada');
  },
  'Auth.requestToken': async (witness) => {
    const token = await witness.rest().auth.requestToken({ capability: { chat: ['publish'] }, ttl: 60_000 });
    expect(token.expires - token.issued).toBe(60_000);
    const client = witness.rest({ tokenDetails: token }).channels.get('chat');
    await client.publish('greeting', 'hello');
    await expect(client.history()).rejects.toMatchObject({ code: 40160 });
  },
  'Auth.revokeTokens': async () => {
    const witness = await Witness.start(false, revocable);
    const client = await witness.connected(witness.issuing({ clientId: 'ada' }, { clientId: 'ada' }));
    const gone = new Promise<Ably.ConnectionStateChange>((resolve) =>
      client.connection.once('disconnected', resolve),
    );
    await witness.revoke(witness.key, { type: 'clientId', value: 'ada' });
    expect((await gone).reason).toMatchObject({ code: 40141 });
  },
  'Channel.publish': async (witness) => {
    const { heard } = await listening(await realtimeChannel(witness));
    const { serials } = await restChannel(witness).publish('greeting', 'hello');
    expect(await heard).toMatchObject({ data: 'hello', serial: serials[0] });
    const client = await witness.connected({ key: witness.key.keyStr, clientId: 'bob' });
    const message = { data: 'for bob', clientId: 'bob', connectionKey: client.connection.key ?? '' };
    await restChannel(witness).publish(message);
    const { items } = await restChannel(witness).history();
    expect(items[0]).toMatchObject({ clientId: 'bob', connectionId: client.connection.id });
  },
  'Channel.history': async (witness) => {
    const page = await pages(witness);
    expect(dataOf(page)).toEqual(['three', 'two']);
    const forwards = await restChannel(witness).history({ direction: 'forwards', limit: 1 });
    expect(dataOf(forwards)).toEqual(['one']);
  },
  'Channel.status': async (witness) => {
    await (await realtimeChannel(witness)).presence.enter('here');
    const { status } = await restChannel(witness).status();
    expect(status.isActive).toBe(true);
    expect(status.occupancy.metrics).toMatchObject({ connections: 1, presenceMembers: 1, subscribers: 1 });
  },
  'Channel.getMessage': async (witness) => await isRefused(() => restChannel(witness).getMessage('1:0')),
  'Channel.getMessageVersions': async (witness) =>
    await isRefused(() => restChannel(witness).getMessageVersions('1:0')),
  'Channel.updateMessage': changes(restChannel, 'updateMessage'),
  'Channel.deleteMessage': changes(restChannel, 'deleteMessage'),
  'Channel.appendMessage': changes(restChannel, 'appendMessage'),
  'Channels.get': async (witness) => {
    const rest = witness.rest();
    await rest.channels.get('chat').publish('greeting', 'hello');
    expect(dataOf(await rest.channels.get('other').history())).toEqual([]);
    const params = { modes: 'publish' };
    const channel = await realtimeChannel(witness, { params });
    await channel.attach();
    expect([channel.modes, channel.params]).toEqual([['publish'], params]);
    const rewound = (await witness.connected()).channels.get('chat', { params: { rewind: '1' } });
    await isRefused(() => rewound.attach());
  },
  'Channels.getDerived': async (witness) => {
    const channels = (await witness.connected()).channels;
    await isRefused(() => channels.getDerived('chat', { filter: 'name == `greeting`' }).attach());
    await channels.getDerived('chat', {}).attach();
  },
  'Channels.release': async (witness) => {
    const client = await witness.connected();
    const channel = client.channels.get('chat');
    await channel.attach();
    const detached = nextOf(channel, 'detached');
    client.channels.release('chat');
    await detached;
    expect((await restChannel(witness).status()).status.occupancy.metrics.connections).toBe(0);
  },
  'Connection.connect': async (witness) => {
    const client = witness.realtime({ key: witness.key.keyStr, autoConnect: false });
    client.connection.connect();
    await client.connection.whenState('connected');
    expect(witness.sandbox.connections[0]?.connectionId).toBe(client.connection.id);
  },
  'Connection.close': async (witness) => {
    const client = await witness.connected();
    client.connection.close();
    await client.connection.whenState('closed');
    await expect.poll(() => witness.sandbox.connections).toEqual([]);
  },
  'Connection.createRecoveryKey': async (witness) => {
    const client = await witness.connected();
    const { id } = client.connection;
    const recover = client.connection.createRecoveryKey() ?? '';
    witness.sandbox.setFault({ connect: 'hang' });
    witness.sandbox.cutConnections();
    await client.connection.whenState('connecting');
    witness.sandbox.setFault(null);
    const next = await witness.connected({ key: witness.key.keyStr, recover });
    expect(next.connection.id).toBe(id);
    const other = witness.sandbox.createApp().keys[0]?.keyStr ?? '';
    const foreign = witness.realtime({ key: other, recover });
    await foreign.connection.whenState('failed');
    expect(foreign.connection.errorReason).toMatchObject({ code: 40102 });
  },
  'Connection.ping': async (witness) => {
    const client = await witness.connected();
    expect(await client.connection.ping()).toBeGreaterThan(0);
  },
  'Connection.whenState': async (witness) => {
    const client = witness.realtime();
    await client.connection.whenState('connected');
    expect(client.connection.state).toBe('connected');
  },
  'Crypto.generateRandomKey': async () => {
    expect(Buffer.from((await Ably.Realtime.Crypto.generateRandomKey(128)) as Buffer)).toHaveLength(16);
  },
  'Crypto.getDefaultParams': async (witness) => {
    const key = await Ably.Rest.Crypto.generateRandomKey();
    const cipher = Ably.Rest.Crypto.getDefaultParams({ key });
    const channel = witness.rest().channels.get('chat', { cipher });
    await channel.publish('greeting', 'hidden');
    expect(dataOf(await channel.history())).toEqual(['hidden']);
    expect(JSON.stringify((await restChannel(witness).history()).items)).not.toContain('hidden');
  },
  'EventEmitter.on': async (witness) => {
    const states: string[] = [];
    const client = witness.realtime();
    client.connection.on(({ current }) => states.push(current));
    await client.connection.whenState('connected');
    expect(states).toEqual(['connecting', 'connected']);
  },
  'EventEmitter.once': async (witness) => {
    const channel = await realtimeChannel(witness);
    const attached = nextOf(channel, 'attached');
    await channel.attach();
    expect(await attached).toMatchObject({ current: 'attached', resumed: false });
  },
  'EventEmitter.off': async (witness) => {
    const channel = await realtimeChannel(witness);
    const states: string[] = [];
    channel.on(({ current }) => states.push(current));
    channel.off();
    await channel.attach();
    expect(states).toEqual([]);
  },
  'EventEmitter.listeners': async (witness) => {
    const client = await witness.connected();
    const listener = () => {};
    client.connection.on('closed', listener);
    expect(client.connection.listeners('closed')).toEqual([listener]);
  },
  'LocalDevice.listSubscriptions': async (witness) =>
    await isRefusedBySdk(
      witness,
      async () =>
        (await witness.rest({ key: witness.key.keyStr, ...withPush }).getDevice()).listSubscriptions(),
      40019,
    ),
  'MessageStatic.fromEncoded': async (witness) => {
    await restChannel(witness).publish('greeting', Buffer.from('bytes'));
    const [raw] = (await witness.rest().request('get', '/channels/chat/messages', 3, {}, null, {})).items;
    expect(Buffer.from((await Ably.Rest.Message.fromEncoded(raw)).data).toString()).toBe('bytes');
  },
  'MessageStatic.fromEncodedArray': async (witness) => {
    await restChannel(witness).publish('greeting', { hello: 'world' });
    const { items } = await witness.rest().request('get', '/channels/chat/messages', 3, {}, null, {});
    expect(await Ably.Rest.Message.fromEncodedArray(items)).toMatchObject([{ data: { hello: 'world' } }]);
  },
  'PresenceMessageStatic.fromEncoded': async (witness) => {
    await (await realtimeChannel(witness)).presence.enter({ hello: 'world' });
    const [raw] = (await witness.rest().request('get', '/channels/chat/presence', 3, {}, null, {})).items;
    expect(await Ably.Rest.PresenceMessage.fromEncoded(raw)).toMatchObject({ data: { hello: 'world' } });
  },
  'PresenceMessageStatic.fromEncodedArray': async (witness) => {
    await (await realtimeChannel(witness)).presence.enter('here');
    const { items } = await witness.rest().request('get', '/channels/chat/presence', 3, {}, null, {});
    const members = await Ably.Rest.PresenceMessage.fromEncodedArray(items);
    expect(members).toMatchObject([{ action: 'present', clientId: 'ada', data: 'here' }]);
  },
  'PresenceMessageStatic.fromValues': async () => {
    expect(Ably.Rest.PresenceMessage.fromValues({ clientId: 'ada' })).toMatchObject({ clientId: 'ada' });
  },
  // There are no annotations to decode; both work on the client only.
  'AnnotationStatic.fromEncoded': async () => {
    expect(await Ably.Rest.Annotation.fromEncoded({ action: 0, ...annotation() })).toMatchObject(
      annotation(),
    );
  },
  'AnnotationStatic.fromEncodedArray': async () => {
    expect(await Ably.Rest.Annotation.fromEncodedArray([{ action: 0, ...annotation() }])).toMatchObject([
      annotation(),
    ]);
  },
  'PaginatedResult.next': async (witness) => expect(dataOf(await second(witness))).toEqual(['one']),
  'PaginatedResult.first': async (witness) => {
    const page = await second(witness);
    expect(dataOf(await page.first())).toEqual(['three', 'two']);
  },
  'PaginatedResult.current': async (witness) =>
    expect(dataOf(await (await pages(witness)).current())).toEqual(['three', 'two']),
  'PaginatedResult.hasNext': async (witness) => {
    const page = await pages(witness);
    expect([page.hasNext(), (await page.next())?.hasNext()]).toEqual([true, false]);
  },
  'PaginatedResult.isLast': async (witness) => {
    const page = await pages(witness);
    expect([page.isLast(), (await page.next())?.isLast()]).toEqual([false, true]);
  },
  'Presence.get': async (witness) => {
    const channelOf = async () => (await witness.connected()).channels.get('chat');
    const [one, two] = [await channelOf(), await channelOf()];
    for (const name of ['bob', 'cleo']) await one.presence.enterClient(name);
    await two.presence.enterClient('bob');
    const { presence } = restChannel(witness);
    expect(clientsOf((await presence.get()).items)).toEqual(['bob', 'bob', 'cleo']);
    expect(clientsOf((await presence.get({ clientId: 'cleo' })).items)).toEqual(['cleo']);
    const connectionId = (await presence.get({ clientId: 'cleo' })).items[0]?.connectionId ?? '';
    expect(clientsOf((await presence.get({ connectionId })).items)).toEqual(['bob', 'cleo']);
    const page = await presence.get({ limit: 2 });
    expect([page.items.length, (await page.next())?.items.length]).toEqual([2, 1]);
  },
  'Presence.history': async (witness) => await isRefused(() => restChannel(witness).presence.history()),
  // The SDK has push in Node for admins only.
  'Push.activate': async (witness) =>
    await isRefusedBySdk(
      witness,
      () => witness.rest({ key: witness.key.keyStr, ...withPush }).push.activate(),
      40000,
    ),
  'Push.deactivate': async (witness) =>
    await isRefusedBySdk(
      witness,
      () => witness.rest({ key: witness.key.keyStr, ...withPush }).push.deactivate(),
      40000,
    ),
  'Push.updateToken': async (witness) =>
    await isRefusedBySdk(
      witness,
      () =>
        witness
          .rest({ key: witness.key.keyStr, ...withPush })
          .push.updateToken({ type: 'fcm', token: 'x' } as never),
      40000,
    ),
  'PushAdmin.publish': async (witness) =>
    await isRefused(() => pushAdmin(witness).publish({ clientId: 'ada' }, {})),
  'PushAdmin.createApnsBroadcast': async (witness) =>
    await isRefused(() => pushAdmin(witness).createApnsBroadcast({ messageStoragePolicy: 0 })),
  'PushLiveActivity.start': async (witness) =>
    await isRefused(() =>
      pushAdmin(witness).liveActivity.start({
        recipient: { deviceId: 'device' },
        apnsBroadcast: 'x',
        apns: {},
      }),
    ),
  'PushLiveActivity.update': async (witness) =>
    await isRefused(() => pushAdmin(witness).liveActivity.update({ apnsBroadcast: 'x', apns: {} })),
  'PushLiveActivity.end': async (witness) =>
    await isRefused(() => pushAdmin(witness).liveActivity.end({ apnsBroadcast: 'x', apns: {} })),
  'PushDeviceRegistrations.save': async (witness) =>
    await isRefused(() => pushAdmin(witness).deviceRegistrations.save(device)),
  'PushDeviceRegistrations.get': async (witness) =>
    await isRefused(() => pushAdmin(witness).deviceRegistrations.get('device')),
  'PushDeviceRegistrations.list': async (witness) =>
    await isRefused(() => pushAdmin(witness).deviceRegistrations.list({ clientId: 'ada' })),
  'PushDeviceRegistrations.remove': async (witness) =>
    await isRefused(() => pushAdmin(witness).deviceRegistrations.remove('device')),
  'PushDeviceRegistrations.removeWhere': async (witness) =>
    await isRefused(() => pushAdmin(witness).deviceRegistrations.removeWhere({ clientId: 'ada' })),
  'PushChannelSubscriptions.save': async (witness) =>
    await isRefused(() => pushAdmin(witness).channelSubscriptions.save(subscription)),
  'PushChannelSubscriptions.list': async (witness) =>
    await isRefused(() => pushAdmin(witness).channelSubscriptions.list({ channel: 'chat' })),
  'PushChannelSubscriptions.listChannels': async (witness) =>
    await isRefused(() => pushAdmin(witness).channelSubscriptions.listChannels({})),
  'PushChannelSubscriptions.remove': async (witness) =>
    await isRefused(() => pushAdmin(witness).channelSubscriptions.remove(subscription)),
  'PushChannelSubscriptions.removeWhere': async (witness) =>
    await isRefused(() => pushAdmin(witness).channelSubscriptions.removeWhere({ channel: 'chat' })),
  'PushChannel.subscribeClient': async (witness) => await isRefused(() => pushed(witness).subscribeClient()),
  'PushChannel.unsubscribeClient': async (witness) =>
    await isRefused(() => pushed(witness).unsubscribeClient()),
  'PushChannel.subscribeDevice': async (witness) =>
    await isRefusedBySdk(witness, () => pushed(witness).subscribeDevice(), 40019),
  'PushChannel.unsubscribeDevice': async (witness) =>
    await isRefusedBySdk(witness, () => pushed(witness).unsubscribeDevice(), 40019),
  'PushChannel.listSubscriptions': async (witness) =>
    await isRefused(() => pushed(witness).listSubscriptions()),
  'RealtimeAnnotations.publish': async (witness) => {
    const channel = await realtimeChannel(witness);
    const { message } = await published(channel);
    await isRefused(() => channel.annotations.publish(message.serial ?? '', annotation()), CHANGED);
  },
  'RealtimeAnnotations.delete': async (witness) => {
    const channel = await realtimeChannel(witness);
    const { message } = await published(channel);
    await isRefused(() => channel.annotations.delete(message.serial ?? '', annotation()), CHANGED);
  },
  'RealtimeAnnotations.get': async (witness) => {
    const channel = await realtimeChannel(witness);
    await isRefused(() => channel.annotations.get('1:0', null), CHANGED);
  },
  'RealtimeAnnotations.subscribe': async (witness) => {
    const plain = await realtimeChannel(witness);
    await isRefusedBySdk(witness, () => plain.annotations.subscribe(() => {}), 93001);
    const asking = await realtimeChannel(witness, { modes: ['ANNOTATION_SUBSCRIBE'] });
    await isRefused(() => asking.annotations.subscribe(() => {}));
  },
  'RealtimeAnnotations.unsubscribe': async (witness) => {
    const channel = await realtimeChannel(witness);
    expect(channel.annotations.unsubscribe()).toBeUndefined();
  },
  'RealtimeChannel.attach': async (witness) => {
    const channel = await realtimeChannel(witness);
    expect(await channel.attach()).toMatchObject({ current: 'attached' });
    expect((await restChannel(witness).status()).status.occupancy.metrics.connections).toBe(1);
  },
  'RealtimeChannel.detach': async (witness) => {
    const channel = await realtimeChannel(witness);
    await channel.attach();
    await channel.detach();
    expect((await restChannel(witness).status()).status.occupancy.metrics.connections).toBe(0);
  },
  'RealtimeChannel.history': async (witness) => {
    const channel = await realtimeChannel(witness);
    await channel.publish('count', 'before');
    await channel.attach();
    await channel.publish('count', 'after');
    expect(dataOf(await channel.history())).toEqual(['after', 'before']);
    expect(dataOf(await channel.history({ untilAttach: true }))).toEqual(['before']);
  },
  'RealtimeChannel.publish': async (witness) => {
    const { heard } = await listening((await witness.connected()).channels.get('chat'));
    const { serials } = await (await realtimeChannel(witness)).publish('greeting', 'hello');
    expect(await heard).toMatchObject({ clientId: 'ada', data: 'hello', serial: serials[0] });
  },
  'RealtimeChannel.setOptions': async (witness) => {
    const channel = await realtimeChannel(witness);
    await channel.attach();
    await channel.setOptions({ modes: ['SUBSCRIBE'] });
    expect(channel.modes).toEqual(['subscribe']);
    await expect(channel.publish('greeting', 'no')).rejects.toMatchObject({ code: 40165 });
  },
  'RealtimeChannel.subscribe': async (witness) => {
    const channel = await realtimeChannel(witness);
    const heard: string[] = [];
    await channel.subscribe('wanted', ({ data }) => heard.push(data));
    await channel.publish('other', 'no');
    await channel.publish('wanted', 'yes');
    await expect.poll(() => heard).toEqual(['yes']);
  },
  'RealtimeChannel.unsubscribe': async (witness) => {
    const channel = await realtimeChannel(witness);
    const heard: string[] = [];
    const listener = ({ data }: Ably.InboundMessage) => heard.push(data);
    await channel.subscribe(listener);
    channel.unsubscribe(listener);
    const { heard: next } = await listening(channel);
    await channel.publish('greeting', 'hello');
    await next;
    expect(heard).toEqual([]);
  },
  'RealtimeChannel.whenState': async (witness) => {
    const channel = await realtimeChannel(witness);
    void channel.attach();
    expect(await channel.whenState('attached')).toMatchObject({ current: 'attached' });
  },
  'RealtimeChannel.getMessage': async (witness) => {
    const channel = await realtimeChannel(witness);
    await isRefused(() => channel.getMessage('1:0'));
  },
  'RealtimeChannel.getMessageVersions': async (witness) => {
    const channel = await realtimeChannel(witness);
    await isRefused(() => channel.getMessageVersions('1:0'));
  },
  'RealtimeChannel.updateMessage': changes(realtimeChannel, 'updateMessage'),
  'RealtimeChannel.deleteMessage': changes(realtimeChannel, 'deleteMessage'),
  'RealtimeChannel.appendMessage': changes(realtimeChannel, 'appendMessage'),
  'RealtimeClient.connect': async (witness) => {
    const client = witness.realtime({ key: witness.key.keyStr, autoConnect: false });
    client.connect();
    await client.connection.whenState('connected');
    expect(witness.sandbox.connections).toHaveLength(1);
  },
  'RealtimeClient.close': async (witness) => {
    const client = await witness.connected();
    client.close();
    await client.connection.whenState('closed');
    await expect.poll(() => witness.sandbox.connections).toEqual([]);
  },
  'RealtimeClient.request': async (witness) => await request(await witness.connected(), witness),
  'RealtimeClient.stats': async (witness) => {
    const client = await witness.connected();
    await isRefused(() => client.stats());
  },
  'RealtimeClient.time': async (witness) => await isNow(await witness.connected(), witness),
  'RealtimeClient.batchPublish': async (witness) =>
    await batchOf(await witness.connected(), restChannel(witness)),
  'RealtimeClient.batchPresence': async (witness) => await presenceBatch(witness, await witness.connected()),
  // Devices need the Push plugin, which the SDK has for other platforms than Node.
  'RealtimeClient.device': async (witness) =>
    await isRefusedBySdk(witness, () => witness.realtime().device(), 40019),
  'RealtimeClient.getDevice': async (witness) =>
    await isRefusedBySdk(witness, () => witness.realtime().getDevice(), 40019),
  'RealtimeObject.get': async (witness) => {
    const plain = await objectsOf(witness);
    await isRefusedBySdk(witness, () => plain.object.get(), 40024);
    const asking = await objectsOf(witness, { modes: ['OBJECT_SUBSCRIBE'] });
    await isRefused(() => asking.object.get());
  },
  'RealtimeObject.on': async (witness) => {
    const channel = await objectsOf(witness);
    expect(channel.object.on('synced', () => {})).toMatchObject({ off: expect.any(Function) });
  },
  'RealtimeObject.off': async (witness) => {
    const channel = await objectsOf(witness);
    expect(channel.object.off('synced', () => {})).toBeUndefined();
  },
  'RealtimePresence.enter': async (witness) => {
    await (await realtimeChannel(witness)).presence.enter('here');
    expect((await restChannel(witness).presence.get()).items).toMatchObject([
      { clientId: 'ada', data: 'here' },
    ]);
  },
  'RealtimePresence.update': async (witness) => {
    const { presence } = await realtimeChannel(witness);
    await presence.enter('here');
    await presence.update('away');
    expect((await restChannel(witness).presence.get()).items).toMatchObject([{ data: 'away' }]);
  },
  'RealtimePresence.leave': async (witness) => {
    const { presence } = await realtimeChannel(witness);
    await presence.enter('here');
    await presence.leave();
    expect((await restChannel(witness).presence.get()).items).toEqual([]);
  },
  'RealtimePresence.enterClient': async (witness) => {
    const { presence } = (await witness.connected()).channels.get('chat');
    await presence.enterClient('bob', 'here');
    expect((await restChannel(witness).presence.get()).items).toMatchObject([{ clientId: 'bob' }]);
  },
  'RealtimePresence.updateClient': async (witness) => {
    const { presence } = (await witness.connected()).channels.get('chat');
    await presence.enterClient('bob', 'here');
    await presence.updateClient('bob', 'away');
    expect((await restChannel(witness).presence.get()).items).toMatchObject([
      { clientId: 'bob', data: 'away' },
    ]);
  },
  'RealtimePresence.leaveClient': async (witness) => {
    const { presence } = (await witness.connected()).channels.get('chat');
    await presence.enterClient('bob', 'here');
    await presence.leaveClient('bob');
    expect((await restChannel(witness).presence.get()).items).toEqual([]);
  },
  'RealtimePresence.get': async (witness) => {
    await (await realtimeChannel(witness)).presence.enter('here');
    const { presence } = (await witness.connected()).channels.get('chat');
    expect(clientsOf(await presence.get())).toEqual(['ada']);
    expect(clientsOf(await presence.get({ clientId: 'eve' }))).toEqual([]);
  },
  'RealtimePresence.history': async (witness) => {
    const { presence } = await realtimeChannel(witness);
    await isRefused(() => presence.history());
  },
  'RealtimePresence.subscribe': async (witness) => {
    const heard: string[] = [];
    const reader = (await witness.connected()).channels.get('chat');
    await reader.presence.subscribe('enter', ({ clientId }) => heard.push(clientId));
    await (await realtimeChannel(witness)).presence.enter('here');
    await expect.poll(() => heard).toEqual(['ada']);
  },
  'RealtimePresence.unsubscribe': async (witness) => {
    const [heard, others]: [string[], string[]] = [[], []];
    const reader = (await witness.connected()).channels.get('chat');
    const listener = ({ clientId }: Ably.PresenceMessage) => heard.push(clientId);
    await reader.presence.subscribe(listener);
    await reader.presence.subscribe(({ clientId }) => others.push(clientId));
    reader.presence.unsubscribe(listener);
    await (await realtimeChannel(witness)).presence.enter('here');
    await expect.poll(() => others).toEqual(['ada']);
    expect(heard).toEqual([]);
  },
  'RestAnnotations.publish': async (witness) =>
    await isRefused(() => restChannel(witness).annotations.publish('1:0', annotation()), CHANGED),
  'RestAnnotations.delete': async (witness) =>
    await isRefused(() => restChannel(witness).annotations.delete('1:0', annotation()), CHANGED),
  'RestAnnotations.get': async (witness) =>
    await isRefused(() => restChannel(witness).annotations.get('1:0', null), CHANGED),
  'RestClient.request': async (witness) => await request(witness.rest(), witness),
  'RestClient.stats': async (witness) => {
    await isRefused(() => witness.rest().stats());
    const unable = witness.rest(witness.issuing({ capability: { '*': ['subscribe'] } }));
    await expect(unable.stats()).rejects.toMatchObject({ code: 40160 });
  },
  'RestClient.time': async (witness) => await isNow(witness.rest(), witness),
  'RestClient.batchPublish': async (witness) => await batchOf(witness.rest(), restChannel(witness)),
  'RestClient.batchPresence': async (witness) => await presenceBatch(witness, witness.rest()),
  'RestClient.device': async (witness) => await isRefusedBySdk(witness, () => witness.rest().device(), 40019),
  'RestClient.getDevice': async (witness) =>
    await isRefusedBySdk(witness, () => witness.rest().getDevice(), 40019),
  'RestObject.get': async (witness) => await isRefused(() => restObject(witness).get()),
  'RestObject.publish': async (witness) =>
    await isRefused(() => restObject(witness).publish({ counterInc: { number: 1 }, path: 'count' } as never)),
  // It computes an id on the client.
  'RestObject.generateObjectId': async (witness) => {
    const id = await restObject(witness).generateObjectId({ counterCreate: { count: 1 } } as never);
    expect(id).toMatchObject({ objectId: expect.stringMatching(/^counter:/) });
  },
  'StatusSubscription.off': async (witness) => {
    const channel = await objectsOf(witness);
    expect(channel.object.on('synced', () => {}).off()).toBeUndefined();
  },
  // LiveObjects returns these, and there are none.
  'Subscription.unsubscribe': async (witness) => {
    const asking = await objectsOf(witness, { modes: ['OBJECT_SUBSCRIBE'] });
    await isRefused(() => asking.object.get());
  },
};

const methods = methodsOfAbly();

describe.each(protocols)('the real ably package, unchanged, in %s', (_name, binary) => {
  it.each(methods)('%s does what it says, or is refused by name', async (method) => {
    const row = rows[method];
    if (row === undefined) throw new Error(`the table has no row for ${method}`);
    await row(await Witness.start(binary));
  });
});

it('the table has a row for each public method, and for nothing else', () => {
  expect(Object.keys(rows).sort()).toEqual(methods);
  expect(methods.length).toBeGreaterThan(100);
});
