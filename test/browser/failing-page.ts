import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';

/** The options that the test can set from outside the page. */
export type Asking = Pick<
  ClientOptions,
  'authUrl' | 'authMethod' | 'authHeaders' | 'key' | 'endpoint' | 'port' | 'fallbackHosts'
>;

export interface Failed {
  readonly code: number;
  readonly message: string;
}

const holder = { fetch };

const outcome = (work: Promise<unknown>): Promise<Failed | string> =>
  work.then(
    (value) => typeof value,
    (error: unknown) => {
      if (!(error instanceof ErrorInfo)) throw error;
      return { code: error.code, message: error.message };
    },
  );

const clientOf = (asking: Asking, more: ClientOptions = {}) =>
  new Auth({ tls: false, useTokenAuth: true, ...asking, ...more });

/** The functions that the tests call. */
export const failingPage = {
  token: (asking: Asking) => outcome(clientOf(asking).requestToken()),
  time: (asking: Asking) => outcome(clientOf(asking).time()),
  /** With a `fetch` that is called as a method of another object than the window. */
  tokenRudely: (asking: Asking) =>
    outcome(clientOf(asking, { fetch: (input, init) => holder.fetch(input, init) }).requestToken()),
  timeRudely: (asking: Asking) =>
    outcome(clientOf(asking, { fetch: (input, init) => holder.fetch(input, init) }).time()),
};

export type FailingPage = typeof failingPage;

Object.assign(globalThis, { failingPage });
