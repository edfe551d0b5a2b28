import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/sandbox/index.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import {
  ACK,
  ATTACHED,
  basicOf,
  type Client,
  type Frame,
  MINUTE,
  NACK,
  SandboxHarness,
  SECOND,
} from '../../kit/sandbox-harness.js';

const [PRESENCE, SYNC] = [14, 16];
const [PRESENT, ENTER, LEAVE, UPDATE] = [1, 2, 3, 4];
const HAS_PRESENCE = 1;
const ATTACH = { action: 10, channel: 'chat' };
const present = (msgSerial: number, action: number, more: object = {}) => ({
  action: PRESENCE,
  channel: 'chat',
  msgSerial,
  presence: [{ action, ...more }],
});
const refused = (code: number, statusCode: number) => ({ action: NACK, error: { code, statusCode } });
const told = (frames: readonly Frame[]) =>
  frames
    .filter(({ action }) => action === PRESENCE || action === SYNC)
    .flatMap(({ presence }) => (presence as { action: number; clientId: string; data?: string }[]) ?? [])
    .map(({ action, clientId, data }) => [action, clientId, data]);

const idIn = (frame: Frame | undefined): string | undefined =>
  (frame?.presence as { id: string }[] | undefined)?.[0]?.id;

async function attached(harness: SandboxHarness, clientId?: string): Promise<Client> {
  const key = harness.key.keyStr;
  const client = await harness.connect({
    key,
    heartbeats: 'false',
    ...(clientId === undefined ? {} : { clientId }),
  });
  await client.send(ATTACH);
  return client;
}

describe('presence at the sandbox', () => {
  it('a member that enters is reported to all clients of the channel, itself included', async () => {
    const harness = new SandboxHarness();
    const [ada, bob] = [await attached(harness, 'ada'), await attached(harness)];
    const answer = await ada.ask(present(0, ENTER, { data: 'here' }));
    expect(answer).toMatchObject([
      { action: ACK, msgSerial: 0, count: 1 },
      { action: PRESENCE, channel: 'chat' },
    ]);
    await ada.send(present(1, UPDATE, { data: 'still' }));
    await ada.send(present(2, LEAVE, { data: 'gone' }));
    const all = [
      [ENTER, 'ada', 'here'],
      [UPDATE, 'ada', 'still'],
      [LEAVE, 'ada', 'gone'],
    ];
    expect(told(bob.frames)).toEqual(all);
    expect(told(ada.frames)).toEqual(all);
    expect(idIn(bob.last)).toBe(`${ada.connected.connectionId}:2:0`);
  });

  it('a client that attaches later receives all members (RTP18)', async () => {
    const harness = new SandboxHarness();
    const ada = await attached(harness, 'ada');
    expect(Number(ada.last?.flags) & HAS_PRESENCE).toBe(0);
    await ada.send(present(0, ENTER, { data: 'here' }));
    const late = await attached(harness);
    const [, attachedFrame, sync] = late.frames;
    expect(attachedFrame).toMatchObject({ action: ATTACHED });
    expect(Number(attachedFrame?.flags) & HAS_PRESENCE).toBe(HAS_PRESENCE);
    expect(sync).toMatchObject({
      action: SYNC,
      channel: 'chat',
      channelSerial: expect.stringMatching(/^\w+:$/),
    });
    expect(told(late.frames)).toEqual([[PRESENT, 'ada', 'here']]);
    const { body } = await harness.get('/channels/chat/presence', harness.basic);
    expect(body).toMatchObject([{ action: PRESENT, clientId: 'ada', data: 'here' }]);
  });

  it('a client that sends SYNC receives all members again (RTP19)', async () => {
    const harness = new SandboxHarness();
    const [ada, bob] = [await attached(harness, 'ada'), await attached(harness)];
    await ada.send(present(0, ENTER, { extras: { headers: { a: '1' } } }));
    const answer = await bob.ask({ action: SYNC, channel: 'chat' });
    expect(answer).toMatchObject([
      { action: SYNC, presence: [{ clientId: 'ada', extras: { headers: { a: '1' } } }] },
    ]);
    const stranger = await harness.connect({ key: harness.key.keyStr });
    expect(await stranger.ask({ action: SYNC, channel: 'chat' })).toEqual([]);
  });

  it.each([
    ['it detaches', (client: Client) => client.send({ action: 12, channel: 'chat' }), 0],
    ['it closes', (client: Client) => client.send({ action: 7 }), 0],
    ['it stays away for two minutes', (client: Client) => client.close(), 2 * MINUTE],
  ])('a member leaves with its connection: %s', async (_title, leave, wait) => {
    const harness = new SandboxHarness();
    const [ada, bob] = [await attached(harness, 'ada'), await attached(harness)];
    await ada.send(present(0, ENTER));
    await leave(ada);
    await harness.clock.advance(wait);
    expect(told(bob.frames)).toEqual([
      [ENTER, 'ada', undefined],
      [LEAVE, 'ada', undefined],
    ]);
    // The service sends it, so the id is not one of that connection (RTP2b1).
    expect(idIn(bob.last)).toMatch(/^service:/);
  });

  it('a member stays for 15 s without its connection', async () => {
    const harness = new SandboxHarness();
    const [ada, bob] = [await attached(harness, 'ada'), await attached(harness)];
    await ada.send(present(0, ENTER));
    await ada.close();
    await harness.clock.advance(15 * SECOND - 1);
    const back = await harness.connect({
      key: harness.key.keyStr,
      clientId: 'ada',
      resume: ada.connected.connectionKey,
    });
    await back.send(ATTACH);
    expect(told(bob.frames)).toEqual([[ENTER, 'ada', undefined]]);
  });

  it('entering needs the right, a clientId, and an attached channel', async () => {
    const harness = new SandboxHarness();
    const may = async (fields: object) => harness.connect({ accessToken: await harness.token(fields) });
    const capability = '{"chat":["subscribe"]}';
    const reader = await may({ capability, clientId: 'ada' });
    expect(await reader.ask(present(0, ENTER))).toMatchObject([refused(90001, 404)]);
    await reader.send(ATTACH);
    expect(await reader.ask(present(1, ENTER))).toMatchObject([refused(40160, 401)]);
    const nobody = await may({});
    await nobody.send(ATTACH);
    expect(await nobody.ask(present(0, ENTER))).toMatchObject([refused(91000, 400)]);
    expect(await nobody.ask(present(1, ENTER, { clientId: 'ada' }))).toMatchObject([refused(40012, 400)]);
    const ada = await may({ clientId: 'ada' });
    await ada.send(ATTACH);
    expect(await ada.ask(present(0, ENTER, { clientId: 'eve' }))).toMatchObject([refused(40012, 400)]);
    expect(await ada.ask(present(1, 9))).toMatchObject([refused(40000, 400)]);
    expect(await ada.ask(present(2, ENTER, { clientId: 'ada' }))).toMatchObject([
      { action: ACK },
      { action: PRESENCE },
    ]);
  });

  it('several clients can be present over one connection whose token is for any client', async () => {
    const harness = new SandboxHarness();
    const all = await attached(harness);
    for (const [serial, clientId] of ['ada', 'bob'].entries())
      await all.send(present(serial, ENTER, { clientId }));
    await all.send(present(2, LEAVE, { clientId: 'ada' }));
    const { body } = await harness.get('/channels/chat/presence', harness.basic);
    expect(body).toMatchObject([{ clientId: 'bob' }]);
  });

  it('presence is sent only to clients that have the right and requested it', async () => {
    const harness = new SandboxHarness();
    const ada = await attached(harness, 'ada');
    const accessToken = await harness.token({ capability: '{"chat":["presence-subscribe"]}' });
    const [listener, publisher] = [
      await harness.connect({ accessToken }),
      await harness.connect({ key: harness.key.keyStr }),
    ];
    await listener.send(ATTACH);
    await publisher.send({ ...ATTACH, flags: 1 << 17 });
    await ada.send(present(0, ENTER));
    await ada.send({ action: 15, channel: 'chat', msgSerial: 1, messages: [{ data: 'hello' }] });
    expect(listener.frames.filter(({ action }) => action === 15)).toEqual([]);
    expect(told(listener.frames)).toEqual([[ENTER, 'ada', undefined]]);
    expect(told(publisher.frames)).toEqual([]);
    const token = await harness.token({ capability: '{"chat":["publish"]}' });
    const headers = { authorization: `Bearer ${token}` };
    expect(await harness.get('/channels/chat/presence', headers)).toMatchObject({ status: 401 });
  });

  it('an app can have presence members from the start', async () => {
    const sandbox = createSandbox({ clock: new VirtualClock() });
    const presence = [{ clientId: 'client_string', data: 'fixture' }];
    const app = sandbox.createApp({ channels: [{ name: 'persisted:presence_fixtures', presence }] });
    const headers = basicOf(app.keys[0]?.keyStr ?? '');
    const address = 'https://x/channels/persisted%3Apresence_fixtures/presence';
    const response = await sandbox.fetch(address, { headers });
    expect(await response.json()).toMatchObject([
      { action: PRESENT, clientId: 'client_string', data: 'fixture' },
    ]);
  });
});
