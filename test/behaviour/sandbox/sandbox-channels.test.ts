import { describe, expect, it } from 'vitest';
import {
  ACK,
  ATTACHED,
  AUTH,
  CONNECTED,
  ERROR,
  type Frame,
  MESSAGE,
  NACK,
  SandboxHarness,
} from '../../kit/sandbox-harness.js';

const ATTACH = { action: 10, channel: 'chat' };
const DETACH = { action: 12, channel: 'chat' };
const RESUMED = 4;
const [PUBLISH, SUBSCRIBE, PRESENCE_SUBSCRIBE] = [1 << 17, 1 << 18, 1 << 19];
const message = (msgSerial: number, data: string, more: object = {}) => ({
  action: MESSAGE,
  channel: 'chat',
  msgSerial,
  messages: [{ name: 'greeting', data, ...more }],
});
const refused = (code: number, statusCode: number) => ({ error: { code, statusCode } });
const allowed = (...operations: string[]) => ({ capability: JSON.stringify({ chat: operations }) });
const dataIn = (frames: readonly Frame[]) =>
  frames
    .filter(({ action }) => action === MESSAGE)
    .flatMap(({ messages }) => (messages as { data: string }[]).map(({ data }) => data));

describe('a channel of the sandbox', () => {
  it('a channel delivers a message of one client to all other attached clients', async () => {
    const harness = new SandboxHarness();
    const [ada, bob, eve] = [
      await harness.connect({ accessToken: await harness.token({ clientId: 'ada' }) }),
      await harness.connect({ accessToken: await harness.token() }),
      await harness.connect({ accessToken: await harness.token() }),
    ];
    for (const client of [ada, bob]) await client.send(ATTACH);
    const answer = await ada.ask(message(0, 'hello'));
    expect(answer).toMatchObject([
      { action: ACK, msgSerial: 0, count: 1, res: [{ serials: [expect.any(String)] }] },
      { action: MESSAGE },
    ]);
    expect(bob.last).toMatchObject({
      action: MESSAGE,
      channel: 'chat',
      connectionId: ada.connected.connectionId,
      timestamp: harness.clock.now(),
      messages: [{ name: 'greeting', data: 'hello', clientId: 'ada' }],
    });
    expect(eve.actions).toEqual([CONNECTED]);
    await bob.send(DETACH);
    await ada.send(message(1, 'anybody there?'));
    expect(dataIn(bob.frames)).toEqual(['hello']);
  });

  it('a channel is separate from a channel of the same name in another app', async () => {
    const harness = new SandboxHarness();
    const other = harness.sandbox.createApp().keys[0]?.keyStr ?? '';
    const [here, there] = [
      await harness.connect({ key: harness.key.keyStr }),
      await harness.connect({ key: other }),
    ];
    for (const client of [here, there]) await client.send(ATTACH);
    await here.send(message(0, 'hello'));
    expect(dataIn(there.frames)).toEqual([]);
  });

  it('a channel does not return a message to a client without echo (RTN2b)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr, echo: 'false' });
    await client.send(ATTACH);
    expect(await client.ask(message(0, 'hello'))).toMatchObject([{ action: ACK }]);
  });

  it('a client without any right to a channel cannot attach to it', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({
      accessToken: await harness.token({ capability: '{"other":["*"]}' }),
    });
    expect(await client.ask(ATTACH)).toMatchObject([
      { action: ERROR, channel: 'chat', ...refused(40160, 401) },
    ]);
    expect(client.isOpen).toBe(true);
  });

  it.each(['', ':hell', '[nothing', '[]a', 'x'.repeat(2_049)])(
    'a channel with the name %j does not exist',
    async (channel) => {
      const harness = new SandboxHarness();
      const client = await harness.connect({ key: harness.key.keyStr });
      const error = { code: 40010, statusCode: 400 };
      expect(await client.ask({ action: 10, channel })).toMatchObject([{ action: ERROR, channel, error }]);
      const answer = await client.ask({ ...message(0, 'hello'), channel });
      expect(answer).toMatchObject([{ action: NACK, error }]);
    },
  );

  it('ATTACHED has the allowed modes among the requested ones', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({
      accessToken: await harness.token(allowed('publish', 'subscribe')),
    });
    expect(await client.ask(ATTACH)).toMatchObject([
      { action: ATTACHED, flags: PUBLISH | SUBSCRIBE | PRESENCE_SUBSCRIBE },
    ]);
    await client.send(DETACH);
    expect(await client.ask({ ...ATTACH, flags: SUBSCRIBE })).toMatchObject([{ flags: SUBSCRIBE }]);
  });

  it('a client without the right to publish or subscribe cannot do so', async () => {
    const harness = new SandboxHarness();
    const [reader, writer] = [
      await harness.connect({ accessToken: await harness.token(allowed('subscribe')) }),
      await harness.connect({ accessToken: await harness.token(allowed('publish')) }),
    ];
    for (const client of [reader, writer]) await client.send(ATTACH);
    expect(await reader.ask(message(0, 'no'))).toMatchObject([
      { action: NACK, msgSerial: 0, ...refused(40160, 401) },
    ]);
    await writer.send(message(0, 'yes'));
    expect(dataIn(reader.frames)).toEqual(['yes']);
    expect(dataIn(writer.frames)).toEqual([]);
  });

  it.each([
    ['another', { clientId: 'ada' }, 'eve'],
    ['somebody, by nobody', {}, 'ada'],
    ['no name', { clientId: '*' }, 7],
  ])('a channel refuses a message in the name of %s', async (_title, fields, clientId) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token(fields) });
    const answer = await client.ask(message(0, 'hello', { clientId }));
    expect(answer).toMatchObject([{ action: NACK, ...refused(40012, 400) }]);
  });

  it('a client cannot publish as another connection', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send(ATTACH);
    await client.send(message(0, 'hello', { connectionId: 'forged' }));
    expect(client.last).toMatchObject({ action: NACK, ...refused(40006, 400) });
  });

  it('a message with an id of its client is published once, however often it is sent (RSL1k5)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send(ATTACH);
    const [first] = await client.ask(message(0, 'once', { id: 'its-name' }));
    expect(await client.ask(message(1, 'once', { id: 'its-name' }))).toEqual([{ ...first, msgSerial: 1 }]);
    await client.send({ ...message(2, 'once', { id: 'its-name' }), channel: 'other' });
    expect(dataIn(client.frames)).toEqual(['once']);
    const { body } = await harness.get('/channels/other/messages', harness.basic);
    expect(body).toMatchObject([{ data: 'once', id: 'its-name' }]);
  });

  it('a channel keeps its messages, the newest first', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send(message(0, 'one'));
    await client.send(message(1, 'two'));
    const answer = await harness.get('/channels/chat/messages', harness.basic);
    expect(answer).toMatchObject({ status: 200, body: [{ data: 'two' }, { data: 'one' }] });
  });

  it('a kind of channel is not matched by *', async () => {
    const harness = new SandboxHarness();
    const attach = { action: 10, channel: '[any]log' };
    const plain = await harness.connect({ accessToken: await harness.token({ capability: '{"*":["*"]}' }) });
    expect(await plain.ask(attach)).toMatchObject([{ action: ERROR, ...refused(40160, 401) }]);
    const all = harness.sandbox.createApp({ keys: [{ capability: { '[*]*': ['*'] } }] }).keys[0];
    const everything = await harness.connect({ key: all?.keyStr ?? '' });
    expect(await everything.ask(attach)).toMatchObject([{ action: ATTACHED }]);
  });

  it.each([
    ['a filter', { channel: `[filter=${btoa('name == `a`')}]chat` }],
    ['metadata', { channel: '[meta]log' }],
    ['a parameter in its name', { channel: '[?rewind=1]chat' }],
    ['the parameter rewind', { channel: 'chat', params: { rewind: '1' } }],
    ['a mode of objects', { channel: 'chat', flags: 1 << 24 }],
    ['a mode of annotations', { channel: 'chat', params: { modes: 'subscribe,annotation_subscribe' } }],
  ])('a channel with %s is refused by name', async (_title, fields) => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token(allowed('subscribe')) });
    const [answer] = await client.ask({ action: 10, ...fields });
    expect(answer).toMatchObject({ action: ERROR, channel: fields.channel, error: { code: 40000 } });
    expect(JSON.stringify(answer)).toContain('the sandbox does not offer this');
  });

  it('the parameter modes sets the modes of a channel (RTL4k)', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    const params = { modes: 'publish,presence', agent: 'some-hook' };
    const [answer] = await client.ask({ ...ATTACH, params });
    expect(answer).toMatchObject({ action: ATTACHED, flags: (1 << 16) | (1 << 17), params });
    expect(await client.ask(message(0, 'hello'))).toMatchObject([{ action: ACK }]);
    await client.ask({ ...ATTACH, params: { modes: 'subscribe' } });
    expect(await client.ask(message(1, 'no'))).toMatchObject([{ action: NACK, ...refused(40165, 401) }]);
    const [wrong] = await client.ask({ ...ATTACH, params: { modes: 'subscribe, publish' } });
    expect(wrong).toMatchObject({ action: ERROR, ...refused(40003, 400) });
  });

  it('a message that changes another is refused, and none is published', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ key: harness.key.keyStr });
    await client.send(ATTACH);
    for (const action of [1, 2, 5]) {
      const [answer] = await client.ask(message(action, 'new text', { action, serial: '1:0' }));
      expect(answer).toMatchObject({ action: NACK, ...refused(93002, 400) });
    }
    expect(await harness.get('/channels/chat/messages', harness.basic)).toMatchObject({ body: [] });
  });
});

describe('a channel when a new token changes the rights (RTC8a1)', () => {
  const reauth = async (harness: SandboxHarness, fields: object) => ({
    action: AUTH,
    auth: { accessToken: await harness.token(fields) },
  });

  it('a token with more rights allows more operations on the channel', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token(allowed('subscribe')) });
    expect(await client.ask(message(0, 'no'))).toMatchObject([{ action: NACK }]);
    await client.send(await reauth(harness, allowed('publish')));
    expect(await client.ask(message(1, 'yes'))).toMatchObject([{ action: ACK }]);
  });

  it('a channel without any right left fails with 40160: first CONNECTED, then the channel’s error', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    await client.send(ATTACH);
    const answer = await client.ask(await reauth(harness, { capability: '{"other":["*"]}' }));
    expect(answer).toMatchObject([
      { action: CONNECTED },
      { action: ERROR, channel: 'chat', ...refused(40160, 401) },
    ]);
    const other = await harness.connect({ key: harness.key.keyStr });
    await other.send(message(0, 'hello'));
    expect(dataIn(client.frames)).toEqual([]);
    expect(client.isOpen).toBe(true);
  });

  it('a channel stays attached when only the right to publish is lost', async () => {
    const harness = new SandboxHarness();
    const client = await harness.connect({ accessToken: await harness.token() });
    await client.send(ATTACH);
    const answer = await client.ask(await reauth(harness, allowed('subscribe')));
    expect(answer).toMatchObject([{ action: CONNECTED }]);
    expect(await client.ask(message(0, 'no'))).toMatchObject([{ action: NACK, ...refused(40160, 401) }]);
    const other = await harness.connect({ key: harness.key.keyStr });
    await other.send(message(0, 'still here?'));
    expect(dataIn(client.frames)).toEqual(['still here?']);
  });
});

describe('a channel when a connection is lost for a while', () => {
  const away = async (harness: SandboxHarness) => {
    const key = harness.key.keyStr;
    const [client, other] = [await harness.connect({ key }), await harness.connect({ key })];
    await client.send(ATTACH);
    await client.close();
    const back = () => harness.connect({ key, resume: client.connected.connectionKey });
    return { client, other, back };
  };

  it('the channel keeps messages until the client attaches again, and reports that none is missing (RTN15c6)', async () => {
    const harness = new SandboxHarness();
    const { other, back } = await away(harness);
    await other.send(message(0, 'one'));
    await other.send(message(1, 'two'));
    const client = await back();
    await other.send(message(2, 'three'));
    expect(client.actions).toEqual([CONNECTED]);
    const answer = await client.ask(ATTACH);
    expect(Number(answer[0]?.flags) & RESUMED).toBe(RESUMED);
    expect(answer.map(({ action }) => action)).toEqual([ATTACHED, MESSAGE, MESSAGE, MESSAGE]);
    expect(dataIn(client.frames)).toEqual(['one', 'two', 'three']);
    await other.send(message(3, 'four'));
    expect(dataIn(client.frames).at(-1)).toBe('four');
  });

  it('the channel does not report that if more messages were published than it keeps', async () => {
    const harness = new SandboxHarness();
    const { other, back } = await away(harness);
    for (let serial = 0; serial <= 1_000; serial += 1) await other.send(message(serial, `${serial}`));
    const client = await back();
    expect(dataIn(client.frames)).toEqual([]);
    const [attached] = await client.ask(ATTACH);
    expect(Number(attached?.flags) & RESUMED).toBe(0);
  });

  it('a repeated message is answered again and not published again (RTN19a)', async () => {
    const harness = new SandboxHarness();
    const key = harness.key.keyStr;
    const client = await harness.connect({ key });
    const [first] = await client.ask(message(0, 'once'));
    harness.sandbox.cutConnections();
    const back = await harness.connect({ key, resume: client.connected.connectionKey });
    expect(await back.ask(message(0, 'once'))).toEqual([first]);
    expect(await back.ask(message(1, 'next'))).toMatchObject([{ action: ACK, msgSerial: 1 }]);
    const { body } = await harness.get('/channels/chat/messages', harness.basic);
    expect(body).toMatchObject([{ data: 'next' }, { data: 'once' }]);
  });
});
