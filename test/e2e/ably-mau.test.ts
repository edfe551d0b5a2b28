import type * as Ably from 'ably';
import { describe, expect, it } from 'vitest';
import { Witness } from './ably-harness.js';

const device = { transportParams: { clientType: 'device' } };
const server = { transportParams: { clientType: 'server' } };
const claim = { 'x-ably-clientType': 'server' };

type Options = (witness: Witness) => Ably.ClientOptions | Promise<Ably.ClientOptions>;
const byKey = ({ key }: Witness) => ({ key: key.keyStr });
const byJwt =
  (claims: object, more: object): Options =>
  async (witness) => ({ token: await witness.jwt({ ...claims }), ...more });

/** The code with which a connection is refused; undefined: it is connected, with this clientId. */
const connections: readonly [title: string, options: Options, code: number | undefined, clientId?: string][] =
  [
    ['that declares nothing', (witness) => ({ ...byKey(witness), clientId: 'ada' }), 40168],
    [
      'by key of a device with a clientId',
      (w) => ({ ...byKey(w), ...device, clientId: 'ada' }),
      undefined,
      'ada',
    ],
    ['by key of a device without a clientId', (w) => ({ ...byKey(w), ...device }), 40012],
    ['by JWT of a device with a clientId', byJwt({ 'x-ably-clientId': 'ada' }, device), undefined, 'ada'],
    ['by JWT of a device without a clientId', byJwt({}, device), 40012],
    [
      'by JWT for any clientId, of a device that names none',
      byJwt({ 'x-ably-clientId': '*' }, device),
      40012,
    ],
    [
      'by JWT for any clientId, of a device that names its own',
      byJwt({ 'x-ably-clientId': '*' }, { ...device, clientId: 'ada' }),
      undefined,
      'ada',
    ],
    ['by key of a server', (w) => ({ ...byKey(w), ...server }), undefined, '*'],
    [
      'by key of a server, declared by its agent',
      (w) => ({ ...byKey(w), agents: { 'ably-pubsub-server': '' } }),
      undefined,
      '*',
    ],
    ['by JWT of a server with the claim', byJwt(claim, server), undefined],
    ['by JWT of a server with nothing but the claim', byJwt(claim, {}), undefined],
    ['by JWT of a server without the claim', byJwt({}, server), 40167],
    [
      'by an Ably token of a server, which cannot have the claim',
      (w) => ({ ...w.issuing(), ...server }),
      40167,
    ],
  ];

describe('the real ably package at an account billed by monthly active users', () => {
  it.each(connections)('a connection %s', async (_title, options, code, clientId) => {
    const witness = await Witness.start(false, {}, { pricing: 'mau' });
    const client = witness.realtime(await options(witness));
    if (code === undefined) {
      await client.connection.whenState('connected');
      expect(witness.sandbox.connections).toMatchObject([{ clientId: clientId ?? null }]);
      return;
    }
    // A refused token that the SDK cannot renew leads to failed, too.
    await client.connection.whenState('failed');
    expect(client.connection.errorReason).toMatchObject({ code, statusCode: code === 40167 ? 401 : 400 });
  });

  it.each([
    ['that declares nothing', byKey, 40168],
    [
      'by key of a server',
      (w: Witness) => ({ ...byKey(w), agents: { 'ably-pubsub-server': '' } }),
      undefined,
    ],
    ['by JWT of a server with the claim', byJwt(claim, { agents: { 'ably-pubsub-server': '' } }), undefined],
    ['by JWT of a server without the claim', byJwt({}, { agents: { 'ably-pubsub-server': '' } }), 40167],
    ['by JWT of a device', byJwt({}, { agents: { 'ably-pubsub-device': '' } }), undefined],
  ] as const)('a request %s', async (_title, options: Options, code) => {
    const witness = await Witness.start(false, {}, { pricing: 'mau' });
    const published = witness
      .rest(await options(witness))
      .channels.get('chat')
      .publish('greeting', 'hello');
    if (code === undefined) expect((await published).serials).toHaveLength(1);
    else await expect(published).rejects.toMatchObject({ code });
  });

  it('a clientId has a limit of connections of devices', async () => {
    const witness = await Witness.start(false, {}, { pricing: 'mau' });
    const options = { ...byKey(witness), ...device, clientId: 'ada' };
    for (let count = 0; count < 10; count += 1) await witness.connected(options);
    const client = witness.realtime(options);
    await client.connection.whenState('failed');
    expect(client.connection.errorReason).toMatchObject({ code: 80030 });
    await witness.connected({ ...options, clientId: 'bob' });
  });
});
