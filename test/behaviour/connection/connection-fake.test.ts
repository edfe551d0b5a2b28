import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { Auth } from '../../../src/auth.js';
import type { ConnectionReport } from '../../../src/connection/port.js';
import { ErrorInfo } from '../../../src/errors/error-info.js';
import { type FakeConnectionOptions, fakeConnection } from '../../../src/testing/fake-connection.js';
import { settle, VirtualClock } from '../../../src/testing/virtual-clock.js';

const expired = new ErrorInfo({ code: 40142, statusCode: 401, message: 'token expired' });

describe('a fake connection', () => {
  const made: Auth[] = [];

  const client = (options: FakeConnectionOptions = {}) => {
    let count = 0;
    const connection = fakeConnection(options);
    const auth = new Auth({
      authCallback: async () => {
        count += 1;
        return { token: `secret-${count}`, keyName: `token ${count}`, clientId: 'ada' };
      },
      clock: new VirtualClock(),
      connection,
    });
    made.push(auth);
    const pushes = () =>
      connection.pushes.map((push) =>
        'token' in push ? `${push.type} ${push.token.keyName}` : `${push.type} ${push.error.code}`,
      );
    return { auth, connection, pushes };
  };

  afterEach(() => {
    for (const auth of made.splice(0)) auth.dispose();
  });

  it('authorize() opens a fake connection, and then upgrades it', async () => {
    const { auth, connection, pushes } = client();
    await auth.authorize();
    await auth.authorize();
    expect(connection.state).toBe('connected');
    expect(pushes()).toEqual(['connection.open token 1', 'connection.upgrade token 2']);
  });

  it('authorize() waits until the test accepts the token', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    let isDone = false;
    const promise = auth.authorize().then(() => {
      isDone = true;
    });
    await settle();
    expect([isDone, connection.isWaiting]).toEqual([false, true]);
    connection.accept();
    await promise;
    expect([isDone, connection.isWaiting]).toEqual([true, false]);
  });

  it('the Auth shows the new token from the moment a report says that the server accepted it', async () => {
    const { auth, connection } = client({ state: 'connected' });
    const first = await auth.authorize();
    connection.autoAccept = false;
    const promise = auth.authorize();
    await settle();
    expect(auth.tokenDetails).toEqual(first);
    connection.report({ type: 'token.accepted' });
    expect(auth.tokenDetails?.token).toBe('secret-2');
    expect((await auth.getToken()).token).toBe('secret-2');
    connection.accept();
    expect((await promise).token).toBe('secret-2');
    expect(auth.tokenDetails?.token).toBe('secret-2');
  });

  it('the Auth shows the previous token again if the server refuses a reported token', async () => {
    const { auth, connection } = client({ state: 'connected' });
    const first = await auth.authorize();
    connection.autoAccept = false;
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40142 });
    await settle();
    connection.report({ type: 'token.accepted' });
    connection.refuse(expired);
    await rejection;
    expect(auth.tokenDetails).toEqual(first);
  });

  it('authorize() rejects with the error of a refusal', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    await settle();
    connection.refuse(new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' }));
    await rejection;
    expect(connection.state).toBe('failed');
  });

  it('the Auth pushes another token after a refusal', async () => {
    const { connection, pushes } = client({ autoAccept: false });
    connection.connect();
    await settle();
    connection.refuse(expired);
    await settle();
    connection.accept();
    expect(pushes()).toEqual(['connection.open token 1', 'connection.open token 2']);
    expect(connection.state).toBe('connected');
  });

  it('a connected fake connection keeps its token when the next one is refused', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40142 });
    await settle();
    connection.refuse(expired);
    await rejection;
    expect(connection.state).toBe('connected');
  });

  it('report() passes any report to the Auth', async () => {
    const { auth, connection, pushes } = client();
    await auth.authorize();
    connection.report({ type: 'token.asked' });
    await settle();
    expect(pushes()).toEqual(['connection.open token 1', 'connection.upgrade token 2']);
  });

  it.each([
    ['closing', 80017],
    ['closed', 80017],
    ['suspended', 80014],
    ['failed', 80003],
  ] as const)('a pending push ends when the connection is %s', async (state, code) => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code });
    await settle();
    connection.setState(state);
    await rejection;
  });

  it('a pending push continues when the connection is disconnected', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const promise = auth.authorize();
    await settle();
    connection.setState('disconnected');
    connection.accept();
    await promise;
    expect(connection.state).toBe('connected');
  });

  it('each state is reported once, with its reason', () => {
    const connection = fakeConnection();
    const reports: ConnectionReport[] = [];
    const detach = connection.attach((report) => reports.push(report));
    connection.setState('suspended', expired);
    connection.setState('suspended', expired);
    expect(reports).toEqual([{ type: 'connection.changed', state: 'suspended', reason: expired }]);
    expect(connection.attached).toBe(true);
    detach();
    connection.setState('connected');
    expect([reports.length, connection.attached]).toEqual([1, false]);
  });

  it('a second Auth is refused, and so is a verdict without a pending push', () => {
    const connection = fakeConnection();
    connection.attach(() => {});
    expect(() => connection.attach(() => {})).toThrow(expect.objectContaining({ code: 40003 }));
    expect(() => connection.accept()).toThrow(TypeError);
    expect(() => connection.refuse(expired)).toThrow(TypeError);
  });

  it('the fake connection records what was pushed, without the token', async () => {
    const { auth, connection } = client();
    await auth.authorize();
    expect(connection.pushes).toEqual([
      { type: 'connection.open', token: { keyName: 'token 1', clientId: 'ada' } },
    ]);
    expect(inspect(connection, { depth: 9 })).not.toContain('secret');
  });
});
