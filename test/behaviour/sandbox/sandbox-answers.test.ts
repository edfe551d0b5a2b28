import { describe, expect, it } from 'vitest';
import { SandboxHarness } from '../../kit/sandbox-harness.js';

const ATTACH = { action: 10, channel: 'chat' };
const [MESSAGE, ERROR, ATTACHED] = [15, 9, 11];
const publish = (msgSerial: number, data: string) => ({
  action: MESSAGE,
  channel: 'chat',
  msgSerial,
  messages: [{ data }],
});
const enter = (msgSerial: number, clientId: string) => ({
  action: 14,
  channel: 'chat',
  msgSerial,
  presence: [{ action: 2, clientId }],
});
const messages = '/channels/chat/messages';
const dataOf = (body: unknown) => (body as readonly { data: string }[]).map(({ data }) => data);
const clientsOf = (body: unknown) =>
  (body as readonly { clientId: string }[]).map(({ clientId }) => clientId);

describe('what a request asks for', () => {
  it('presence is filtered by client and connection, and comes in pages (RSP3a)', async () => {
    const harness = new SandboxHarness();
    const [one, two] = [
      await harness.connect({ key: harness.key.keyStr }),
      await harness.connect({ key: harness.key.keyStr }),
    ];
    for (const client of [one, two]) await client.send(ATTACH);
    for (const [index, name] of ['ada', 'bob', 'cleo'].entries()) await one.send(enter(index, name));
    await two.send(enter(0, 'ada'));
    const get = async (query: string) => await harness.get(`/channels/chat/presence${query}`, harness.basic);
    expect(clientsOf((await get('')).body)).toEqual(['ada', 'bob', 'cleo', 'ada']);
    expect(clientsOf((await get('?clientId=ada')).body)).toEqual(['ada', 'ada']);
    const ofTwo = await get(`?connectionId=${two.connected.connectionId}`);
    expect(clientsOf(ofTwo.body)).toEqual(['ada']);
    expect(clientsOf((await get('?clientId=nobody')).body)).toEqual([]);
    const first = await get('?clientId=ada&limit=1');
    expect(clientsOf(first.body)).toEqual(['ada']);
    const [, next = ''] = /<\.\/presence(\?[^>]*)>; rel="next"/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await get(next);
    expect(second.body).toMatchObject([{ connectionId: two.connected.connectionId }]);
    expect(second.headers.get('link')).not.toContain('rel="next"');
    expect(await get('?limit=0')).toMatchObject({ status: 400, body: { error: { code: 40003 } } });
    expect(await get(`?clientId=${'x'.repeat(251)}`)).toMatchObject({ body: { error: { code: 40003 } } });
  });

  it('a history until the attach ends where the channel was attached (RTL10b)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send(publish(0, 'before'));
    const [attached] = await client.ask(ATTACH);
    await client.send(publish(1, 'after'));
    const get = (query: string) => harness.get(`${messages}?${query}`, harness.basic);
    expect(dataOf((await get(`from_serial=${attached?.channelSerial}`)).body)).toEqual(['before']);
    expect(dataOf((await get('')).body)).toEqual(['after', 'before']);
    for (const query of ['from_serial=1&direction=forwards', 'from_serial=x'])
      expect(await get(query)).toMatchObject({ status: 400, body: { error: { code: 40003 } } });
  });

  it('a message with a connectionKey comes from that connection', async () => {
    const harness = new SandboxHarness();
    const ada = await harness.connect({ key: harness.key.keyStr, clientId: 'ada' });
    const bob = await harness.connect({ key: harness.key.keyStr });
    await bob.send(ATTACH);
    const { connectionId, connectionKey } = ada.connected;
    const post = (body: unknown, headers = {}) =>
      harness.post(messages, body, { ...harness.basic, ...headers });
    expect(await post({ data: 'hi', connectionKey, clientId: 'ada' })).toMatchObject({ status: 201 });
    expect(bob.last).toMatchObject({
      connectionId,
      messages: [{ data: 'hi', connectionId, clientId: 'ada' }],
    });
    const header = { 'x-ably-connectionkey': connectionKey };
    expect(await post({ data: 'by header', clientId: 'ada' }, header)).toMatchObject({ status: 201 });
    expect(bob.last).toMatchObject({ connectionId, messages: [{ data: 'by header' }] });
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    const otherApp = { authorization: `Basic ${btoa(other)}` };
    for (const [body, headers] of [
      [{ data: 'x', connectionKey: `${connectionId}!guess`, clientId: 'ada' }, {}],
      [{ data: 'x', connectionKey, clientId: 'eve' }, {}],
      [{ data: 'x', connectionKey }, {}],
      [{ data: 'x', connectionKey, clientId: 'ada' }, otherApp],
      [{ data: 'x', connectionId }, {}],
      [[{ data: 'x', connectionKey, clientId: 'ada' }, { data: 'y' }], {}],
    ] as const)
      expect(await post(body, headers)).toMatchObject({ status: 400, body: { error: { code: 40006 } } });
  });

  it('a batch has a result for each channel, with counts from version 3 on', async () => {
    const harness = new SandboxHarness({ capability: { 'a*': ['publish'], a: ['publish', 'subscribe'] } });
    const specs = { channels: ['a', 'b'], messages: [{ data: 'hi' }] };
    const v3 = { ...harness.basic, 'x-ably-version': '3' };
    const done = { channel: 'a', messageId: expect.any(String), serials: [expect.any(String)] };
    const failed = { channel: 'b', error: { code: 40160, statusCode: 401 } };
    const batch = { successCount: 1, failureCount: 1, results: [done, failed] };
    expect(await harness.post('/messages', specs, v3)).toMatchObject({ status: 201, body: batch });
    expect(await harness.post('/messages', [specs], v3)).toMatchObject({ status: 201, body: [batch] });
    const old = await harness.post('/messages', specs, harness.basic);
    expect(old).toMatchObject({
      status: 400,
      body: { error: { code: 40020 }, batchResponse: [done, failed] },
    });
    expect(old.headers.get('x-ably-errorcode')).toBe('40020');
    const presence = await harness.get('/presence?channels=a,b', v3);
    const empty = { channel: 'a', presence: [] };
    expect(presence).toMatchObject({ status: 200, body: { ...batch, results: [empty, failed] } });
    for (const body of [
      [],
      'text',
      { channels: [], messages: [{}] },
      { channels: [7], messages: [{}] },
      { channels: ['a'] },
    ])
      expect(await harness.post('/messages', JSON.stringify(body), v3)).toMatchObject({ status: 400 });
    expect(await harness.post('/messages', specs)).toMatchObject({ status: 401 });
    const many = { channels: Array.from({ length: 101 }, () => 'a'), messages: [{}] };
    expect(await harness.post('/messages', many, v3)).toMatchObject({ status: 429 });
  });

  it('the state of a channel counts its connections by what they may do (CHD2)', async () => {
    const harness = new SandboxHarness();
    const reader = await harness.connect({
      accessToken: await harness.token({ capability: '{"*":["subscribe"]}' }),
    });
    const member = await harness.connect({ key: harness.key.keyStr, clientId: 'ada' });
    for (const client of [reader, member]) await client.send(ATTACH);
    await member.send(enter(0, 'ada'));
    const get = (headers: Record<string, string>) => harness.get('/channels/chat', headers);
    const metrics = {
      connections: 2,
      presenceConnections: 1,
      presenceMembers: 1,
      presenceSubscribers: 2,
      publishers: 1,
      subscribers: 2,
    };
    expect(await get(harness.basic)).toMatchObject({
      status: 200,
      body: { channelId: 'chat', status: { isActive: true, occupancy: { metrics } } },
    });
    expect(await harness.get('/channels/none', harness.basic)).toMatchObject({
      body: { status: { isActive: false, occupancy: { metrics: { connections: 0 } } } },
    });
    const token = await harness.token({ capability: '{"*":["subscribe"]}' });
    expect(await get({ authorization: `Bearer ${token}` })).toMatchObject({
      body: { error: { code: 40160 } },
    });
  });
});

describe('the parameter envelope', () => {
  it('an answer has its status and its headers in the body too', async () => {
    const harness = new SandboxHarness();
    const get = (query: string) => harness.get(`${messages}?envelope=json${query}`, harness.basic);
    expect(await get('')).toMatchObject({
      status: 200,
      body: { statusCode: 200, response: [], headers: { link: expect.stringContaining('rel="first"') } },
    });
    expect(await get('&limit=0')).toMatchObject({
      status: 400,
      body: { statusCode: 400, response: { error: { code: 40003 } } },
    });
  });
});

describe('what the service has not', () => {
  it.each([
    ['GET', '/channels', 40000],
    ['GET', '/stats', 40000],
    ['POST', '/stats', 40000],
    ['GET', '/channels/chat/presence/history', 40000],
    ['GET', '/channels/chat/messages/1:0', 40000],
    ['GET', '/channels/chat/messages/1:0/versions', 40000],
    ['PATCH', '/channels/chat/messages/1:0', 93002],
    ['POST', '/channels/chat/messages/1:0/annotations', 93002],
    ['GET', '/channels/chat/messages/1:0/annotations', 93002],
    ['GET', '/channels/chat/object', 40000],
    ['GET', '/channels/chat/objects', 40000],
    ['POST', '/chat/v4/rooms/chat/messages', 40000],
    ['GET', '/channels/[meta]log/messages', 40000],
    ['POST', '/channels/chat/object', 40000],
    ['POST', '/push/publish', 40000],
    ['PUT', '/push/deviceRegistrations/one', 40000],
    ['GET', '/sse', 40000],
    ['GET', '/comet/connect', 40000],
  ])('%s %s is refused by name, after the credentials', async (method, path, code) => {
    const harness = new SandboxHarness();
    const answer = await harness.get(path, harness.basic, method);
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect(answer.body.error.message).toMatch(/^the sandbox does not (offer this: \w|change or annotate)/);
    expect(await harness.get(path, {}, method)).toMatchObject({
      status: 401,
      body: { error: { code: 40101 } },
    });
  });

  it('an answer as a script is refused', async () => {
    const harness = new SandboxHarness();
    const { status, body } = await harness.get(`${messages}?callback=answer`, harness.basic);
    expect(status).toBe(400);
    expect(body.error.message).toMatch(/^the sandbox does not offer this: the parameter callback/);
  });

  it.each([
    [
      'a push notification in its extras',
      { extras: { push: {} } },
      40000,
      /^the sandbox does not offer this: push/,
    ],
    ['extras that are not an object', { extras: 'x' }, 40000, /extras must be an object/],
  ])('a message with %s is refused', async (_title, fields, code, text) => {
    const harness = new SandboxHarness();
    const answer = await harness.post(messages, { data: 'x', ...fields }, harness.basic);
    expect(answer).toMatchObject({ status: 400, body: { error: { code } } });
    expect(answer.body.error.message).toMatch(text);
    expect(await harness.get(messages, harness.basic)).toMatchObject({ body: [] });
  });

  it('a message over a connection in the name of another connection is refused', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    const named = [{ data: 'x', connectionKey: client.connected.connectionKey }];
    expect(await client.ask({ ...publish(0, 'x'), messages: named })).toMatchObject([
      { action: 2, error: { code: 40000 } },
    ]);
  });

  it.each(['echo', 'heartbeats'])('a connection whose parameter %s is unknown is refused', async (name) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, [name]: 'no' });
    expect(client.last).toMatchObject({ action: ERROR, error: { code: 40003 } });
  });

  it('a history that asks for nonsense is refused after the credentials', async () => {
    const harness = new SandboxHarness();
    const path = `${messages}?limit=0`;
    expect(await harness.get(path, harness.basic)).toMatchObject({ body: { error: { code: 40003 } } });
    expect(await harness.get(path)).toMatchObject({ body: { error: { code: 40101 } } });
  });

  it.each([
    [{ key: [{}] }, /key is unknown; the fields are keys, namespaces, channels/],
    [{ keys: [{ capabilities: {} }] }, /capabilities is unknown; the fields are capability, revocableTokens/],
  ])(
    'an app with the unknown field in %j is refused, and not created with every right',
    async (init, text) => {
      const harness = new SandboxHarness();
      const { status, body } = await harness.post('/apps', init);
      expect(status).toBe(400);
      expect(body.error.message).toMatch(text);
      const commented = await harness.post('/apps', {
        _about: 'a fixture',
        keys: [{ _comment: 'all rights' }],
      });
      expect(commented.status).toBe(201);
    },
  );

  it('statistics need the right to read them', async () => {
    const harness = new SandboxHarness();
    const bearer = async (capability: string) => ({
      authorization: `Bearer ${await harness.token({ capability })}`,
    });
    const refused = await harness.get('/stats', await bearer('{"*":["subscribe"]}'));
    expect(refused).toMatchObject({ status: 401, body: { error: { code: 40160 } } });
    const allowed = await harness.get('/stats', await bearer('{"*":["stats"]}'));
    expect(allowed).toMatchObject({ body: { error: { code: 40000 } } });
  });
});

describe('identities and credentials', () => {
  it('the name * stands for any client, and identifies none (40012)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, clientId: '*' });
    expect(client.last).toMatchObject({ action: ERROR, error: { code: 40012, statusCode: 400 } });
    const headers = { ...harness.basic, 'x-ably-clientid': btoa('*') };
    expect(await harness.get(messages, headers)).toMatchObject({ body: { error: { code: 40012 } } });
  });

  it('tokens are revoked by a key only: other requests are refused by what they lack', async () => {
    const harness = new SandboxHarness({ revocableTokens: true });
    const path = `/keys/${harness.key.keyName}/revokeTokens`;
    const body = { targets: ['clientId:ada'] };
    const bearer = { authorization: `Bearer ${await harness.token()}` };
    for (const [given, headers, code] of [
      [body, {}, 40101],
      [body, bearer, 40162],
      [body, { authorization: 'Bearer app.unknown' }, 40143],
      [{}, harness.basic, 40001],
      [{ targets: 'clientId:ada' }, harness.basic, 40001],
    ] as const)
      expect(await harness.post(path, given, headers)).toMatchObject({ body: { error: { code } } });
  });
});

describe('a connection that sets the time between heartbeats', () => {
  it('a heartbeat comes after that time', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeatInterval: '5000' });
    expect(client.connected.maxIdleInterval).toBe(5_000);
    await harness.clock.advance(4_999);
    expect(client.actions).toEqual([4]);
    await harness.clock.advance(1);
    expect(client.actions).toEqual([4, 0]);
  });

  it('a client that bounces is pinged, and its transport breaks when a PONG does not come (RTN23c)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeats: 'bounce' });
    const [PING, PONG] = [22, 23];
    for (const id of ['1', '2']) {
      await harness.clock.advance(15_000);
      expect(client.last).toEqual({ action: PING, id });
      await client.send({ action: PONG, id });
    }
    await harness.clock.advance(15_000);
    expect(client.last).toEqual({ action: PING, id: '3' });
    await client.send({ action: PONG, id: '2' });
    await harness.clock.advance(9_999);
    expect(client.isOpen).toBe(true);
    await harness.clock.advance(1);
    expect(client.isOpen).toBe(false);
    const back = await harness.connect({ key: harness.key.keyStr, resume: client.connected.connectionKey });
    expect(back.connected.connectionId).toBe(client.connected.connectionId);
    expect(client.actions.filter((action) => action === 0)).toEqual([]);
  });

  it('a client that does not bounce needs to answer no PING', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeats: 'true' });
    await client.send({ action: 23, id: '0' });
    await harness.clock.advance(60_000);
    expect([client.isOpen, client.actions.includes(22)]).toEqual([true, false]);
  });

  it.each(['4999', '1800001', 'x', ''])('the time %j is refused', async (heartbeatInterval) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, heartbeatInterval });
    expect(client.last).toMatchObject({ action: ERROR, error: { code: 40003 } });
  });
});

describe('a connection whose messages are lost', () => {
  it.each([
    ['silence', { realtime: 'silence' }],
    ['a delay', { realtimeDelayMs: 60_000 }],
  ] as const)('after %s, they follow when the connection is resumed', async (_title, fault) => {
    const harness = new SandboxHarness();
    const [reader, writer] = [
      await harness.connect({ key: harness.key.keyStr }),
      await harness.connect({ key: harness.key.keyStr }),
    ];
    await reader.send(ATTACH);
    harness.sandbox.setFault(fault);
    await harness.post(messages, { data: 'lost' }, harness.basic);
    await reader.close();
    await harness.clock.advance(0);
    harness.sandbox.setFault(null);
    const back = await harness.connect({ key: harness.key.keyStr, resume: reader.connected.connectionKey });
    const [attached, missed] = await back.ask({ ...ATTACH, channelSerial: '0' });
    expect(attached).toMatchObject({ action: ATTACHED });
    expect(Number(attached?.flags) & 4).toBe(4);
    expect(missed).toMatchObject({ action: MESSAGE, messages: [{ data: 'lost' }] });
    expect(writer.isOpen).toBe(true);
  });

  it('a client that says what it has, and has not all, is not told that it was resumed (RTL4c1)', async () => {
    const harness = new SandboxHarness();
    const reader = await harness.connect({ key: harness.key.keyStr });
    await reader.send(ATTACH);
    await harness.post(messages, { data: 'one' }, harness.basic);
    const { channelSerial } = reader.last as { channelSerial?: string };
    for (const [has, resumed] of [
      [channelSerial, 4],
      ['0', 0],
      ['nonsense', 0],
    ] as const) {
      const back = await harness.connect({ key: harness.key.keyStr, resume: reader.connected.connectionKey });
      const [attached] = await back.ask({ ...ATTACH, channelSerial: has });
      expect(Number(attached?.flags) & 4).toBe(resumed);
    }
  });

  it('messages that a client did not fetch in time do not follow, and the channel is not resumed', async () => {
    const harness = new SandboxHarness();
    const lose = async (passedMs: number) => {
      const reader = await harness.connect({ key: harness.key.keyStr });
      await reader.send(ATTACH);
      harness.sandbox.setFault({ realtime: 'silence' });
      await harness.post(messages, { data: 'lost' }, harness.basic);
      harness.sandbox.setFault(null);
      await harness.clock.advance(passedMs);
      const resume = reader.connected.connectionKey;
      const back = await harness.connect({ key: harness.key.keyStr, resume });
      const [attached, ...missed] = await back.ask(ATTACH);
      return [Number(attached?.flags) & 4, missed.length];
    };
    // The longest silence, the margin of the client, and the time in which it can resume.
    const kept = 15_000 + 10_000 + 120_000;
    expect(await lose(kept)).toEqual([4, 1]);
    expect(await lose(kept + 1)).toEqual([0, 0]);
  });

  it('what is kept for a long connection shrinks: by number, by age, and with each channel it leaves', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    for (let count = 0; count < 300; count += 1) {
      const channel = `chat-${count}`;
      await client.send({ ...ATTACH, channel });
      await client.send({ ...publish(count, 'text'), channel });
      await client.send({ action: 12, channel });
    }
    // The last answers, which may have been lost.
    expect(harness.sandbox.sizes.undelivered).toBe(250);
    await harness.clock.advance(160_000);
    expect(harness.sandbox.sizes.undelivered).toBe(0);
  });

  it('too many messages of one channel leave the messages of another channel', async () => {
    const harness = new SandboxHarness();
    const reader = await harness.connect({ key: harness.key.keyStr });
    for (const channel of ['chat', 'calm']) await reader.send({ ...ATTACH, channel });
    await reader.close();
    for (let count = 0; count < 1_001; count += 1) await harness.post(messages, { data: 'x' }, harness.basic);
    await harness.post('/channels/calm/messages', { data: 'kept' }, harness.basic);
    const back = await harness.connect({ key: harness.key.keyStr, resume: reader.connected.connectionKey });
    const [chat, ...none] = await back.ask(ATTACH);
    expect([Number(chat?.flags) & 4, none]).toEqual([0, []]);
    const [calm, ...missed] = await back.ask({ ...ATTACH, channel: 'calm' });
    expect(Number(calm?.flags) & 4).toBe(4);
    expect(missed).toMatchObject([{ action: MESSAGE, messages: [{ data: 'kept' }] }]);
  });

  it('an ephemeral message is delivered and not stored: neither in the history, nor for a client that is away', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const [reader, away] = [await harness.connect({ key }), await harness.connect({ key })];
    for (const client of [reader, away]) await client.send(ATTACH);
    await away.close();
    const extras = { ephemeral: true };
    await harness.post(messages, [{ data: 'typing', extras }, { data: 'text' }], harness.basic);
    await harness.post(messages, { data: 'typing', extras }, harness.basic);
    expect(reader.last).toMatchObject({ action: MESSAGE, messages: [{ data: 'typing' }] });
    expect(dataOf((await harness.get(messages, harness.basic)).body)).toEqual(['text']);
    const back = await harness.connect({ key, resume: away.connected.connectionKey });
    const [attached, ...missed] = await back.ask({ ...ATTACH, channelSerial: '0' });
    expect(Number(attached?.flags) & 4).toBe(4);
    expect(missed).toMatchObject([{ messages: [{ data: 'text' }] }]);
    expect(missed.flatMap(({ messages: all }) => all)).toHaveLength(1);
  });

  it.each([
    ['15 s', {}, 15_000],
    ['the time of remainPresentFor', { remainPresentFor: '2000' }, 2_000],
    ['at least 1 s', { remainPresentFor: '0' }, 1_000],
    ['at most 15 s', { remainPresentFor: '60000' }, 15_000],
  ])('its members stay for %s', async (_title, params, ms) => {
    const harness = new SandboxHarness();
    const ada = await harness.connect({ key: harness.key.keyStr, clientId: 'ada', ...params });
    await ada.send(ATTACH);
    await ada.send(enter(0, 'ada'));
    await ada.close();
    const present = async () => clientsOf((await harness.get('/channels/chat/presence', harness.basic)).body);
    await harness.clock.advance(ms - 1);
    expect(await present()).toEqual(['ada']);
    await harness.clock.advance(1);
    expect(await present()).toEqual([]);
    const wrong = await harness.connect({ key: harness.key.keyStr, remainPresentFor: 'long' });
    expect(wrong.last).toMatchObject({ action: ERROR, error: { code: 40003 } });
  });
});
