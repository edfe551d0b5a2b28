import { createClient } from 'graphql-ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Auth } from '../../src/auth.js';
import { graphqlWs } from '../../src/connection/graphql-ws/index.js';
import { ErrorInfo } from '../../src/errors/error-info.js';
import { eventually } from '../kit/eventually.js';
import { GraphqlServer } from '../kit/graphql-server.js';

const expired = new ErrorInfo({ code: 40142, statusCode: 401, message: 'the token expired' });

describe('a client of graphql-ws on its real server', () => {
  let server: GraphqlServer;
  let calls: number;
  const ends: (() => void)[] = [];

  beforeEach(async () => {
    server = await GraphqlServer.listen();
    calls = 0;
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end();
    await server.close();
  });

  const connect = (more: { readonly clientId?: string; fetch?: () => Promise<string> } = {}) => {
    const connection = graphqlWs(createClient, { url: server.url, webSocketImpl: WebSocket });
    const fresh = async () => {
      calls += 1;
      return `token of ${calls}`;
    };
    const { fetch = fresh, ...options } = more;
    const auth = new Auth({ ...options, authCallback: fetch, connection, logLevel: 'none' });
    ends.push(() => {
      auth.dispose();
      connection.dispose();
    });
    return { auth, connection };
  };

  const subscribe = ({ connection }: ReturnType<typeof connect>) => {
    const seen = { received: 0, error: undefined as unknown, isComplete: false };
    const stop = connection.client.subscribe(
      { query: 'subscription { news }' },
      {
        next: () => {
          seen.received += 1;
        },
        error: (error) => {
          seen.error = error;
        },
        complete: () => {
          seen.isComplete = true;
        },
      },
    );
    return Object.assign(seen, { stop });
  };

  /** Publishes until the subscription gets a message. */
  const isLive = async (subscription: { readonly received: number }) => {
    const before = subscription.received;
    await eventually(() => {
      server.publish();
      expect(subscription.received).toBeGreaterThan(before);
    });
  };

  it('the first subscription connects the client, with a token of the source', async () => {
    const made = connect();
    await isLive(subscribe(made));
    expect(server.tokens).toEqual(['1']);
    expect(made.auth.clientId).toBe('ada');
  });

  it('a subscription outlives a requested token, which the server gets once', async () => {
    const made = connect();
    const subscription = subscribe(made);
    await isLive(subscription);
    await made.auth.authorize();
    await isLive(subscription);
    expect(server.tokens).toEqual(['1', '2']);
  });

  it.each([1000, 1001, 1008, 1011, 1013, 3000, 4003, 4408, 4500, 4999])(
    'a subscription outlives a close with code %i',
    async (code) => {
      const made = connect();
      const subscription = subscribe(made);
      await isLive(subscription);
      server.end(code, 'for a reason');
      await eventually(() => expect(server.tokens.length).toBe(2));
      await isLive(subscription);
      expect(subscription.error).toBeUndefined();
    },
  );

  it.each([4400, 4406, 4409, 4429])(
    'a close with code %i, after which client and server cannot go on, fails the connection with a named error',
    async (code) => {
      const made = connect();
      const subscription = subscribe(made);
      await isLive(subscription);
      server.end(code, 'for a reason');
      await eventually(() => expect(made.connection.state).toBe('failed'));
      expect(subscription.error).toMatchObject({ code: 80003, message: expect.stringContaining(`${code}`) });
    },
  );

  it('a server that refuses every token gets each token once, and the subscription waits', async () => {
    const made = connect();
    server.refuse(expired);
    const subscription = subscribe(made);
    await eventually(() => expect(server.tokens.length).toBeGreaterThan(1));
    await made.auth.authorize().catch(() => {});
    server.accept();
    await made.auth.authorize();
    await isLive(subscription);
    expect(new Set(server.tokens).size).toBe(server.tokens.length);
  });

  it('a source that returns a refused token again does not make the client present it again', async () => {
    let token = 'token of one';
    const made = connect({ fetch: async () => token });
    server.refuse(expired);
    const subscription = subscribe(made);
    await eventually(() => expect(server.tokens).toEqual(['one']));
    await made.auth.authorize().catch(() => {});
    server.accept();
    token = 'token of two';
    await made.auth.authorize();
    await isLive(subscription);
    expect(server.tokens).toEqual(['one', 'two']);
  });

  it('a server that acknowledges another client fails the connection with 40102', async () => {
    server.clientId = 'bob';
    const made = connect({ clientId: 'ada' });
    const subscription = subscribe(made);
    await eventually(() => expect(made.connection.state).toBe('failed'));
    await eventually(() => expect(subscription.error).toMatchObject({ code: 40102 }));
  });

  it('a client that is disposed of while its token is fetched presents nothing', async () => {
    let give = (_token: string) => {};
    const fetch = () => new Promise<string>((resolve) => (give = resolve));
    const made = connect({ fetch });
    const subscription = subscribe(made);
    await eventually(() => expect(made.auth.state.value).toBe('requesting'));
    made.connection.dispose();
    give('token of late');
    await eventually(() => expect(subscription.isComplete).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.tokens).toEqual([]);
    expect(() => subscribe(made)).toThrow('disposed');
  });

  it('a sign-out completes the subscriptions, and the next user starts without them', async () => {
    const made = connect();
    const subscription = subscribe(made);
    await isLive(subscription);
    made.auth.forget();
    await eventually(() => expect(subscription.isComplete).toBe(true));
    await made.auth.authorize();
    await isLive(subscribe(made));
    expect(subscription.received).toBe(1);
  });

  it('the client connects again with a token that is offered as soon as the connection asks, by a clock that is ahead', async () => {
    const connection = graphqlWs(createClient, { url: server.url, webSocketImpl: WebSocket });
    ends.push(() => connection.dispose());
    connection.attach(({ type }) => {
      if (type !== 'token.needed') return;
      calls += 1;
      const token = { token: `token of ${calls}`, expires: Date.now() - 1_000 };
      connection.push({ type: 'connection.open', token }, new AbortController().signal).catch(() => {});
    });
    connection.connect();
    await eventually(() => expect(connection.state).toBe('connected'));
    server.drop();
    await eventually(() => expect(server.tokens).toEqual(['1', '2']));
    await eventually(() => expect(connection.state).toBe('connected'));
  });

  it('a sign-out ends every subscription and closes the socket, although a sink throws', async () => {
    const made = connect();
    const subscription = subscribe(made);
    const fault = () => {
      throw new Error('a fault of the app');
    };
    made.connection.client.subscribe(
      { query: 'subscription { news }' },
      { next: () => {}, error: fault, complete: fault },
    );
    const last = subscribe(made);
    await isLive(subscription);
    made.auth.forget();
    await eventually(() => expect([subscription.isComplete, last.isComplete]).toEqual([true, true]));
    await eventually(() => expect(server.clients).toBe(0));
  });

  it('iterate() gives the results, and ends when its consumer leaves it', async () => {
    const made = connect();
    const results = made.connection.client.iterate({ query: 'subscription { news }' });
    const publishing = setInterval(() => server.publish(), 2);
    expect(await results.next()).toEqual({ done: false, value: { data: { news: 1 } } });
    clearInterval(publishing);
    const waiting = results.next();
    await results.return?.(undefined);
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('iterate() gives the results that came while its consumer was busy', async () => {
    const made = connect();
    const seen: unknown[] = [];
    const publishing = setInterval(() => server.publish(), 2);
    for await (const result of made.connection.client.iterate({ query: 'subscription { news }' })) {
      seen.push(result);
      if (seen.length === 2) break;
      await isLive(subscribe(made));
      clearInterval(publishing);
      server.end(4400, 'nothing follows');
      await eventually(() => expect(made.connection.state).toBe('failed'));
    }
    expect(seen).toHaveLength(2);
  });

  it('an iteration ends with the error of a connection that fails', async () => {
    const made = connect();
    const results = made.connection.client.iterate({ query: 'subscription { news }' });
    const next = results.next().catch(({ code }) => code);
    await eventually(() => expect(made.connection.state).toBe('connected'));
    server.end(4400, 'for a reason');
    expect(await next).toBe(80003);
  });

  it('a client of an older library is refused by name', () => {
    const old = () => ({ subscribe: () => () => {}, on: () => () => {}, dispose: () => {} });
    expect(() => graphqlWs(old as never, { url: server.url })).toThrow(
      'the client of createClient() is not a client of graphql-ws 6 or newer: it has no terminate',
    );
  });

  it.each([
    ['createClient', () => graphqlWs(1 as never, { url: '' }), 'createClient is 1, not a function'],
    ['options', () => graphqlWs(createClient, 1 as never), 'options is 1, not an object'],
    [
      'answerTimeoutMs',
      () => graphqlWs(createClient, { url: '' }, { answerTimeoutMs: '1h' as never }),
      'answerTimeoutMs is a string, not a whole number',
    ],
    [
      'refusalCodes',
      () => graphqlWs(createClient, { url: '' }, { refusalCodes: 4401 as never }),
      'refusalCodes must be a list',
    ],
  ])('an invalid %s is refused by name', (_name, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 40003 }));
  });
});
