import { map } from 'rxjs';
import type { ConnectionAdapter, ConnectionReport } from '../../src/connection/index.js';
import { RealtimeConnection } from '../../src/connection/index.js';
import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';
import { hostileValues } from './hostile-values.js';

/** Programs as users would write them, whose callbacks throw at every call. */
const [scenario = '', port = '0'] = process.argv.slice(2);
const hold = setInterval(() => {}, 1_000);
const soon = () => new Promise((resolve) => setTimeout(resolve, 5));

const throws = (): never => {
  throw new Error('a fault of mine');
};
const rejects = (): Promise<never> => Promise.reject(new Error('a fault of mine'));

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  /** All listeners, streams, inspectors and log handlers. */
  async listeners() {
    for (const fails of [throws, rejects]) {
      const more = { inspect: fails as () => void, environment: { isOnline: () => true, watch: throws } };
      const connection = new RealtimeConnection({
        endpoint: '127.0.0.1',
        port: Number(port),
        tls: false,
        fallbackHosts: [],
        ...more,
      });
      const auth = new Auth({ authCallback: async () => `token ${Math.random()}`, connection, ...more });
      const names = ['state', 'authorized', 'renewed', 'connection.changed', 'connection.open'] as const;
      for (const name of names) auth.on(name, fails);
      auth.token$.subscribe(fails);
      auth.token$.subscribe({ next: fails, complete: fails });
      auth.token$.pipe(map(throws)).subscribe();
      auth.state$.pipe(map(throws)).subscribe({ error: fails });
      auth.state$.subscribe(fails);
      connection.state$.subscribe(fails);
      connection.messages$.subscribe(fails);
      connection.messages$.pipe(map(throws)).subscribe({ complete: fails });
      connection.onStateChange(fails);
      connection.on('connected', fails);
      connection.once('connecting', fails);
      connection.onMessage(fails);
      await auth.authorize();
      auth.authorize(null, fails);
      auth.authorize(fails);
      auth.createTokenRequest(fails);
      auth.requestToken({ ttl: -1 }, fails);
      await soon();
      const { token } = await auth.authorize();
      console.log(`${auth.state.value} ${connection.state} ${token.slice(0, 5)}`);
      auth.dispose();
      connection.dispose();
    }
  },

  /** An error of a log handler cannot be logged. */
  async logs() {
    for (const fails of [throws, rejects]) {
      const auth = new Auth({ authCallback: () => 't', logLevel: 'debug', logHandler: fails as () => void });
      auth.on('authorized', throws);
      await auth.authorise();
      await soon();
      console.log(auth.state.value);
      auth.dispose();
    }
  },

  /** Sources that fail in every way, and return any value. */
  async sources() {
    const ways: readonly ((value: unknown) => ClientOptions['authCallback'])[] = [
      (value) => () => Promise.reject(value),
      (value) => () => {
        throw value;
      },
      (value) => (_params, callback) => callback(value ?? 'nothing'),
      (value) => async () => (value ?? null) as string,
      (value) => async () => ({ token: value, issued: value, expires: value }) as never,
      (value) => async () => ({ keyName: value, timestamp: value, nonce: value, mac: value }) as never,
      (value) => async () => ({ token: 't', capability: value, clientId: value, issued: 1e308 }) as never,
    ];
    for (const way of ways) {
      for (const [what, make] of Object.entries(hostileValues)) {
        let isHostile = true;
        const hostile = way(make());
        const auth = new Auth({
          logLevel: 'none',
          authCallback: (params, callback) =>
            isHostile ? hostile?.(params, callback) : Promise.resolve('a good token'),
        });
        const failed: unknown[] = [];
        auth.on('failed', ({ error }) => failed.push(error));
        const errors = [
          await auth.authorize().then(
            () => null,
            (error: unknown) => error,
          ),
          await auth.requestToken().then(
            () => null,
            (error: unknown) => error,
          ),
          ...failed,
        ];
        auth.authorize(() => {});
        await soon();
        for (const error of errors) {
          if (error === null) continue;
          if (!(error instanceof ErrorInfo)) console.log(`${what}: it is no ErrorInfo`);
          if (JSON.stringify(error).length + String(error).length > 10_000)
            console.log(`${what}: it is long`);
        }
        isHostile = false;
        console.log(`${(await auth.authorize()).token} ${auth.state.value}`);
        auth.dispose();
      }
    }
  },

  /** An adapter that reports and rejects with any value. */
  async adapters() {
    for (const make of Object.values(hostileValues)) {
      let report: (report: ConnectionReport) => void = () => {};
      let state: unknown = 'connected';
      let isGood = false;
      const adapter: ConnectionAdapter = {
        get state() {
          if (state === 'a trap') throws();
          return state as 'connected';
        },
        get fallbackHost() {
          return isGood ? null : throws();
        },
        push: () => (isGood ? Promise.resolve() : Promise.reject(make())),
        attach: (listener) => {
          report = listener;
          return () => {};
        },
        halt: rejects as () => never,
        hurry: throws,
        forget: rejects as () => never,
      };
      const auth = new Auth({ authCallback: async () => `token ${Math.random()}`, connection: adapter });
      const anything = (value: unknown) => report(value as ConnectionReport);
      await auth.authorize().catch(() => {});
      // An error thrown here would end the process.
      setTimeout(() => {
        for (const value of [make(), 'connection.changed', {}, []]) {
          anything(value);
          anything({ type: value });
          for (const type of ['connection.changed', 'identity.confirmed', 'token.refused'])
            anything({ type, state: value, reason: value, error: value, clientId: value });
          anything({ type: 'connection.changed', state: 'disconnected', reason: value });
        }
      });
      await soon();
      state = 'a trap';
      await auth.authorize().catch(() => {});
      auth.forget();
      await soon();
      [state, isGood] = ['connected', true];
      console.log(`${(await auth.authorize()).token.slice(0, 5)} ${auth.state.value}`);
      auth.dispose();
    }
  },
};

await scenarios[scenario]?.();
clearInterval(hold);
