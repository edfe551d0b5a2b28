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

  it('shows that authorize() opens a connection, and then upgrades it', async () => {
    const { auth, connection, pushes } = client();
    await auth.authorize();
    await auth.authorize();
    expect(connection.state).toBe('connected');
    expect(pushes()).toEqual(['connection.open token 1', 'connection.upgrade token 2']);
  });

  it('lets authorize() wait for a verdict', async () => {
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

  it('shows the new token at the Auth from the moment it reports that the server accepted it', async () => {
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

  it('shows the token before once the server refuses one that it reported as accepted', async () => {
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

  it('makes authorize() fail with the error of its verdict', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40102 });
    await settle();
    connection.refuse(new ErrorInfo({ code: 40102, statusCode: 401, message: 'not for you' }));
    await rejection;
    expect(connection.state).toBe('failed');
  });

  it('is given another token for one that was refused', async () => {
    const { connection, pushes } = client({ autoAccept: false });
    connection.connect();
    await settle();
    connection.refuse(expired);
    await settle();
    connection.accept();
    expect(pushes()).toEqual(['connection.open token 1', 'connection.open token 2']);
    expect(connection.state).toBe('connected');
  });

  it('keeps a live connection on its token when the next one is no good', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code: 40142 });
    await settle();
    connection.refuse(expired);
    await rejection;
    expect(connection.state).toBe('connected');
  });

  it('tells what it is told to tell', async () => {
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
  ] as const)('ends the wait for a verdict when it is %s', async (state, code) => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const rejection = expect(auth.authorize()).rejects.toMatchObject({ code });
    await settle();
    connection.setState(state);
    await rejection;
  });

  it('goes on waiting when it is disconnected', async () => {
    const { auth, connection } = client({ state: 'connected', autoAccept: false });
    const promise = auth.authorize();
    await settle();
    connection.setState('disconnected');
    connection.accept();
    await promise;
    expect(connection.state).toBe('connected');
  });

  it('reports each state once, with its reason', () => {
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

  it('refuses a second Auth, and verdicts that nobody waits for', () => {
    const connection = fakeConnection();
    connection.attach(() => {});
    expect(() => connection.attach(() => {})).toThrow(expect.objectContaining({ code: 40003 }));
    expect(() => connection.accept()).toThrow(TypeError);
    expect(() => connection.refuse(expired)).toThrow(TypeError);
  });

  it('records what was pushed, and no token', async () => {
    const { auth, connection } = client();
    await auth.authorize();
    expect(connection.pushes).toEqual([
      { type: 'connection.open', token: { keyName: 'token 1', clientId: 'ada' } },
    ]);
    expect(inspect(connection, { depth: 9 })).not.toContain('secret');
  });
});
