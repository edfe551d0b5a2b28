import { describe, expect, it, onTestFinished } from 'vitest';
import type { RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { RealtimeConnection } from '../../../src/connection/index.js';
import { Auth } from '../../../src/index.js';
import { ConnectionHarness } from '../../kit/connection-harness.js';
import { wireError } from '../../kit/connection-server.js';

const ATTACH = { action: 10, channel: 'lobby' };
const attached = { action: 11, channel: 'lobby', channelSerial: 'place-1' };
const message = (channelSerial: string, channel = 'lobby') => ({ action: 15, channel, channelSerial });
const published = (msgSerial: number) => ({ action: 15, channel: 'lobby', msgSerial });

const SECRET = 'connection!secret-part-of-the-key';
const keyOf = (more: object = {}) =>
  JSON.stringify({
    connectionKey: SECRET,
    msgSerial: 42,
    channelSerials: { lobby: 'place-7', 'größer 世界': 'place-8' },
    ...more,
  });

/** A connection, and the lines of its log. */
function harness(options: RealtimeConnectionOptions = {}) {
  const logged: string[] = [];
  const one = new ConnectionHarness({
    logHandler: (line, level, record) => logged.push(`${level} ${line} ${JSON.stringify(record)}`),
    ...options,
  });
  onTestFinished(() => one.connection.dispose());
  const { changes, clock, connection, server } = one;
  const params = (index = 0) => Object.fromEntries(server.lines[index]?.url.searchParams ?? []);
  const recoveryKey = () => JSON.parse(connection.createRecoveryKey() ?? 'null');
  return { changes, clock, connection, logged, one, params, push: one.push.bind(one), recoveryKey, server };
}

async function connected(options: RealtimeConnectionOptions = {}) {
  const made = harness(options);
  await made.one.connected();
  return made;
}

describe('the recovery key of a connection', () => {
  it('the key has the key of the connection, the next number, and the place in each attached channel (RTN16g)', async () => {
    const { connection, recoveryKey, server } = await connected();
    expect(recoveryKey()).toEqual({ connectionKey: 'key-1', msgSerial: 0, channelSerials: {} });
    connection.send(ATTACH);
    expect(recoveryKey().channelSerials).toEqual({});
    server.line.send(attached);
    connection.send({ ...ATTACH, channel: 'größer 世界' });
    server.line.send({ ...attached, channel: 'größer 世界', channelSerial: 'place-2' });
    connection.send(published(0));
    connection.send(published(1));
    connection.send(published(0));
    server.line.send(message('place-3'));
    expect(recoveryKey()).toEqual({
      connectionKey: 'key-1',
      msgSerial: 2,
      channelSerials: { lobby: 'place-3', 'größer 世界': 'place-2' },
    });
  });

  it.each([
    ['ATTACHED', 11, 'place-2'],
    ['PRESENCE', 14, 'place-2'],
    ['MESSAGE', 15, 'place-2'],
    ['OBJECT', 19, 'place-2'],
    ['ANNOTATION', 21, 'place-2'],
    ['SYNC, which has a serial of another kind,', 16, 'place-1'],
    ['DETACHED', 13, undefined],
    ['an ERROR of the channel', 9, undefined],
  ])('after %s the key has the place %3$s (RTL15b)', async (_what, action, place) => {
    const { connection, recoveryKey, server } = await connected();
    connection.send(ATTACH);
    server.line.send(attached);
    server.line.send({ action, channel: 'lobby', channelSerial: 'place-2', error: wireError(40160) });
    expect(recoveryKey().channelSerials.lobby).toBe(place);
  });

  it('channels that the application did not attach, and serials that are not texts, do not count', async () => {
    const { connection, recoveryKey, server } = await connected();
    connection.send(ATTACH);
    server.line.send(attached);
    for (const channel of ['other', 7, null, '__proto__']) server.line.send({ ...attached, channel });
    for (const channelSerial of [7, null, {}]) server.line.send({ ...attached, channelSerial });
    expect(recoveryKey().channelSerials).toEqual({ lobby: 'place-1' });
  });

  it('there is a key while the connection comes back, and none before, suspended, or at the end (RTN16g2)', async () => {
    const { changes, clock, connection, push, server } = harness();
    expect(connection.createRecoveryKey()).toBeNull();
    push('connection.open', 'token-1');
    expect([connection.state, connection.createRecoveryKey()]).toEqual(['connecting', null]);
    await clock.advance(0);
    server.onOpen = 'break';
    server.line.break();
    expect(connection.createRecoveryKey()).toContain('"key-1"');
    await clock.advance(120_000);
    expect([connection.state, connection.createRecoveryKey()]).toEqual(['suspended', null]);
    server.onOpen = 'accept';
    await clock.advance(30_000);
    expect(connection.createRecoveryKey()).not.toBeNull();
    server.onClose = 'silence';
    connection.close();
    expect([connection.state, connection.createRecoveryKey()]).toEqual(['closing', null]);
    await clock.advance(10_000);
    expect([connection.state, connection.createRecoveryKey()]).toEqual(['closed', null]);
    push('connection.open', 'token-2');
    await clock.advance(0);
    server.line.send({ action: 9, error: wireError(40000) });
    expect([connection.state, connection.createRecoveryKey()]).toEqual(['failed', null]);
    expect(changes.at(-1)).toBe('failed 40000');
    connection.dispose();
    expect(connection.createRecoveryKey()).toBeNull();
  });

  it('a resumed connection keeps the numbers, and one that could not be resumed begins with 0 (RTN15c6, RTN15c7)', async () => {
    const { clock, connection, recoveryKey, server } = await connected();
    connection.send(ATTACH);
    server.line.send(attached);
    connection.send(published(0));
    server.line.break();
    await clock.advance(0);
    expect(recoveryKey()).toEqual({
      connectionKey: 'key-2',
      msgSerial: 1,
      channelSerials: { lobby: 'place-1' },
    });
    server.resumes = false;
    server.line.break();
    await clock.advance(1_000);
    expect(recoveryKey()).toEqual({
      connectionKey: 'key-3',
      msgSerial: 0,
      channelSerials: { lobby: 'place-1' },
    });
  });

  it.each([
    ['close()', ({ connection }: RealtimeHarness) => connection.close()],
    ['forget()', ({ connection }: RealtimeHarness) => connection.forget()],
    ['another user', ({ push }: RealtimeHarness) => void push('connection.replace', 'token-2')],
  ])('after %s the key has nothing of the earlier connection', async (_what, end) => {
    const one = await connected();
    const { clock, connection, push, recoveryKey, server } = one;
    connection.send(ATTACH);
    server.line.send(attached);
    connection.send(published(5));
    end(one);
    await clock.advance(0);
    if (connection.state !== 'connected') push('connection.open', 'token-2');
    await clock.advance(0);
    expect(connection.id).toBe('connection-2');
    expect(recoveryKey()).toMatchObject({ msgSerial: 0, channelSerials: {} });
  });
});

type RealtimeHarness = ReturnType<typeof harness>;

describe('a connection with the option recover', () => {
  it('the first transport recovers, and the later ones resume (RTN16k)', async () => {
    const { clock, connection, params, server } = await connected({ recover: keyOf() });
    expect(params()).toMatchObject({ recover: SECRET });
    expect(params()).not.toHaveProperty('resume');
    server.line.break();
    await clock.advance(0);
    expect(params(1)).toMatchObject({ resume: 'key-1' });
    expect(params(1)).not.toHaveProperty('recover');
    expect([connection.errorReason, connection.key]).toEqual([null, 'key-2']);
  });

  it('connect() recovers too, and each try until the first connection does', async () => {
    const { clock, connection, params, push, server } = harness({ recover: keyOf() });
    server.onOpen = 'break';
    connection.connect();
    push('connection.open', 'token-1');
    await clock.advance(15_000);
    expect(server.lines).toHaveLength(2);
    expect([params(0), params(1)]).toEqual([
      expect.objectContaining({ recover: SECRET }),
      expect.objectContaining({ recover: SECRET }),
    ]);
    expect([connection.key, connection.createRecoveryKey()]).toEqual([null, null]);
  });

  it('a try that was given up sends no CLOSE, which would end the connection to recover', async () => {
    const { clock, push, server } = harness({ recover: keyOf() });
    server.onOpen = 'silence';
    push('connection.open', 'token-1');
    await clock.advance(10_000);
    expect([server.lines[0]?.isOver, server.lines[0]?.received]).toEqual([true, []]);
  });

  it('numbers and places of the earlier client are kept (RTN16f, RTN16j)', async () => {
    const { connection, logged, recoveryKey, server } = await connected({ recover: keyOf() });
    expect(recoveryKey()).toEqual({
      connectionKey: 'key-1',
      msgSerial: 42,
      channelSerials: { lobby: 'place-7', 'größer 世界': 'place-8' },
    });
    connection.send(published(42));
    server.line.send(message('place-9'));
    expect(recoveryKey()).toMatchObject({ msgSerial: 43, channelSerials: { lobby: 'place-9' } });
    expect(logged).toEqual([]);
  });

  it('a failed recovery is a new connection with the error as reason, and numbers from 0 (RTN16l, RTN15c7)', async () => {
    const { changes, clock, connection, push, recoveryKey, server } = harness({ recover: keyOf() });
    server.onOpen = 'silence';
    push('connection.open', 'token-1');
    await clock.advance(0);
    server.sayConnected(server.line, { error: wireError(80018, 400) });
    expect(changes).toEqual(['connecting', 'connected 80018']);
    expect([connection.id, connection.errorReason?.code]).toEqual(['connection-1', 80018]);
    expect(recoveryKey().msgSerial).toBe(0);
  });

  it('a fatal error ends it, and the next connection is a new one (RTN15c4)', async () => {
    const { changes, clock, connection, params, push, server } = harness({ recover: keyOf() });
    server.onOpen = wireError(40102);
    push('connection.open', 'token-1');
    await clock.advance(0);
    expect(changes).toEqual(['connecting', 'failed 40102']);
    server.onOpen = 'accept';
    connection.connect();
    push('connection.open', 'token-1');
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(params(1)).not.toHaveProperty('recover');
  });

  it('a refused token changes nothing: the next one recovers (RTN15c5)', async () => {
    const { clock, connection, params, push, server } = harness({ recover: keyOf() });
    server.onOpen = wireError(40142, 401);
    push('connection.open', 'token-1');
    await clock.advance(0);
    server.onOpen = 'accept';
    push('connection.open', 'token-2');
    await clock.advance(0);
    expect(connection.state).toBe('connected');
    expect(params(1)).toMatchObject({ recover: SECRET });
  });

  it.each([
    ['forget()', ({ connection }: RealtimeHarness) => connection.forget()],
    ['close()', ({ connection }: RealtimeHarness) => connection.close()],
    ['another user', ({ push }: RealtimeHarness) => void push('connection.replace', 'token-2')],
  ])('after %s nothing of the key is used', async (_what, end) => {
    const one = harness({ recover: keyOf() });
    end(one);
    one.push('connection.open', 'token-2');
    await one.clock.advance(0);
    expect(one.connection.state).toBe('connected');
    expect(one.params()).not.toHaveProperty('recover');
    expect(one.recoveryKey()).toEqual({ connectionKey: 'key-1', msgSerial: 0, channelSerials: {} });
  });

  it('forget() of the Auth drops the key before the first connection', async () => {
    const { clock, connection, params, one, server } = harness({ recover: keyOf() });
    one.detach();
    const auth = new Auth({ clock, connection, authCallback: async () => 'a.token' });
    onTestFinished(() => auth.dispose());
    auth.forget();
    await auth.authorize();
    expect([connection.state, server.lines.length]).toEqual(['connected', 1]);
    expect(params()).not.toHaveProperty('recover');
  });

  it.each([
    ['text that is not JSON', 'this-is-not-json!!!', 'recover is not JSON'],
    ['a key that was cut in half', keyOf().slice(0, keyOf().length / 2), 'recover is not JSON'],
    ['a key of version 1', `${SECRET}:17:3`, 'recover is not JSON'],
    ['an empty text', '', 'recover is not JSON'],
    ['a list', `["${SECRET}"]`, 'recover is an array, not an object'],
    ['null', 'null', 'recover is null, not an object'],
    ['an object without a key', '{}', 'recover has no connectionKey'],
    ['a key that is a number', keyOf({ connectionKey: 7 }), 'recover has no connectionKey'],
    ['an empty key', keyOf({ connectionKey: '' }), 'recover has no connectionKey'],
    ['a key that is a list', keyOf({ connectionKey: [SECRET] }), 'recover has no connectionKey'],
    ['a key that is too long', keyOf({ connectionKey: SECRET.repeat(200) }), 'recover has no connectionKey'],
  ])('%s: an error in the log, and a new connection (RTN16f1)', async (_what, recover, why) => {
    const { changes, logged, params, push, clock, recoveryKey } = harness({ recover });
    push('connection.open', 'token-1');
    await clock.advance(0);
    expect(changes).toEqual(['connecting', 'connected']);
    expect(Object.keys(params())).not.toContain('recover');
    expect(recoveryKey()).toEqual({ connectionKey: 'key-1', msgSerial: 0, channelSerials: {} });
    expect(logged).toEqual([expect.stringContaining(`error the connection is not recovered: ${why}`)]);
    expect(logged[0]).not.toMatch(/secret-part|this-is/);
  });

  it.each([
    ['a number that is not whole', { msgSerial: 1.5 }, 'msgSerial of recover is 1.5, not a whole number'],
    ['a number below 0', { msgSerial: -1 }, 'msgSerial of recover is -1, not a whole number'],
    ['no places', { channelSerials: undefined }, 'channelSerials of recover is undefined, not an object'],
    ['a place that is not a text', { channelSerials: { a: 1 } }, 'a serial of recover is 1, not a string'],
  ])('%s: an error in the log, and the rest is not used', async (_what, more, why) => {
    const { logged, recoveryKey } = await connected({ recover: keyOf(more) });
    expect(recoveryKey()).toEqual({ connectionKey: 'key-1', msgSerial: 0, channelSerials: {} });
    expect(logged).toEqual([expect.stringContaining(why)]);
  });

  it('what a later version adds to a key is ignored', async () => {
    const { logged, params, recoveryKey } = await connected({ recover: keyOf({ version: 9, more: {} }) });
    expect(params()).toMatchObject({ recover: SECRET });
    expect([logged, recoveryKey().msgSerial]).toEqual([[], 42]);
  });

  it('null is accepted, because createRecoveryKey() returns it', async () => {
    const { logged, params } = await connected({ recover: null });
    expect([logged, 'recover' in params()]).toEqual([[], false]);
  });

  it.each([7, {}, () => {}, true])('%j is refused (40003)', (recover) => {
    expect(() => new RealtimeConnection({ recover } as never)).toThrow(
      expect.objectContaining({ code: 40003, message: expect.stringMatching(/^recover is /) }),
    );
  });

  it('no error, log line, snapshot or printed connection shows the key', async () => {
    const { connection, changes, clock, logged, push, server } = harness({
      recover: keyOf(),
      logLevel: 'debug',
    });
    server.onOpen = { code: 40102, statusCode: 401, message: `${SECRET} is of another app` };
    push('connection.open', 'token-1');
    const shown = [
      connection.actor.getPersistedSnapshot(),
      connection.actor.getSnapshot().context,
      connection,
    ];
    await clock.advance(0);
    const text = JSON.stringify([shown, logged, connection.errorReason, String(connection.errorReason)]);
    expect(changes).toEqual(['connecting', 'failed 40102']);
    expect(text).toContain('is of another app');
    expect(text).not.toContain('secret-part');
  });
});
