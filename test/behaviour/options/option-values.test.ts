import { describe, expect, it } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth, type ClientOptions } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { VirtualClock } from '../../../src/testing/index.js';

/** One value of each type, by name. */
const values: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  true: true,
  0: 0,
  '-1': -1,
  NaN: Number.NaN,
  1.5: 1.5,
  "'443'": '443',
  "''": '',
  '{}': {},
  '[]': [],
  'a function': () => {},
  'a symbol': Symbol('secret'),
  'a bigint': 1n,
  'a Date': new Date(),
  'a Map': new Map(),
};

const texts = ["'443'"];
const flags = ['true'];
const functions = ['a function'];
const records = ['{}'];

/** The values that each option accepts, besides null and undefined, which count as absent. */
const ofAuth: Readonly<Record<keyof ClientOptions, readonly string[]>> = {
  key: [],
  token: texts,
  tokenDetails: texts,
  authCallback: functions,
  authUrl: [],
  authMethod: [],
  authHeaders: records,
  authParams: records,
  authCacheParam: texts,
  authCredentials: [],
  queryTime: flags,
  useTokenAuth: flags,
  clientId: texts,
  defaultTokenParams: records,
  endpoint: texts,
  restHost: texts,
  realtimeHost: texts,
  fallbackHosts: ['[]'],
  port: [],
  tlsPort: [],
  tls: flags,
  httpOpenTimeout: [],
  httpRequestTimeout: [],
  httpMaxRetryCount: ['0'],
  httpMaxRetryDuration: [],
  fallbackRetryTimeout: [],
  realtimeRequestTimeout: [],
  connection: [],
  renewal: records,
  keepAlive: flags,
  fetch: functions,
  clock: [],
  random: functions,
  randomBytes: functions,
  environment: [],
  inspect: functions,
  logLevel: [],
  logHandler: functions,
};

const ofRealtime: Readonly<Record<keyof RealtimeConnectionOptions, readonly string[]>> = {
  endpoint: texts,
  restHost: texts,
  realtimeHost: texts,
  fallbackHosts: ['[]'],
  port: [],
  tlsPort: [],
  tls: flags,
  clientId: texts,
  echoMessages: flags,
  agent: ["'443'", "''"],
  transportParams: records,
  key: [],
  autoConnect: flags,
  connectivityCheckUrl: [],
  fetch: functions,
  environment: [],
  realtimeRequestTimeout: [],
  disconnectedRetryTimeout: [],
  suspendedRetryTimeout: [],
  connectionStateTtl: [],
  WebSocket: functions,
  keepAlive: flags,
  clock: [],
  random: functions,
  inspect: functions,
  logLevel: [],
  logHandler: functions,
};

const issuer = new Auth('app.key:secret');
const grant = () => null;

const entries: Readonly<
  Record<string, readonly [(given: object) => unknown, Readonly<Record<string, readonly string[]>>]>
> = {
  'new Auth()': [
    (given) =>
      new Auth({
        authCallback: async () => 'a-token',
        ...given,
        ...('authCallback' in given ? { key: 'a.b:c' } : {}),
      }),
    ofAuth,
  ],
  'new RealtimeConnection()': [(given) => new RealtimeConnection(given), ofRealtime],
  'the option renewal of new Auth()': [
    (renewal) => new Auth({ key: 'a.b:c', renewal }),
    { lead: [], share: ['0'], jitter: ['0'], spread: ['0'], retry: records },
  ],
  'the option defaultTokenParams of new Auth()': [
    (defaultTokenParams) => new Auth({ key: 'a.b:c', defaultTokenParams }),
    { ttl: [], capability: ['{}', "''"], clientId: texts },
  ],
  'tokenEndpoint()': [
    (given) => tokenEndpoint({ auth: issuer, grant, ...given }),
    { format: [], cors: [], timeout: [], onError: functions },
  ],
  'the option cors of tokenEndpoint()': [
    (cors) => tokenEndpoint({ auth: issuer, grant, cors: { origins: [], ...cors } }),
    { credentials: flags, headers: ['[]'], maxAge: [] },
  ],
  'createSandbox()': [
    (given) => createSandbox(given),
    { clock: [], random: functions, basicNeedsTls: flags, reauthByAnyKey: flags },
  ],
};

const cases = Object.entries(entries).flatMap(([entry, [make, names]]) =>
  Object.entries(names).map(([name, taken]) => ({ entry, name, taken, make })),
);

describe('an option', () => {
  it.each(cases)(
    '$name of $entry is accepted, counts as absent, or is refused by its own name',
    ({ make, name, taken }) => {
      for (const [shown, value] of Object.entries(values)) {
        const call = () => {
          const made = make({ [name]: value }) as { dispose?: () => unknown };
          void made.dispose?.();
        };
        if (shown === 'null' || shown === 'undefined' || taken.includes(shown)) {
          expect(call, `${name}: ${shown}`).not.toThrow();
          continue;
        }
        expect(call, `${name}: ${shown}`).toThrow(
          expect.objectContaining({ message: expect.stringMatching(new RegExp(`(^|[.\\s])${name}\\b`)) }),
        );
      }
    },
  );

  it('a clock, an inspector or an environment may be an object of a class', () => {
    const clock = new VirtualClock();
    const environment = { isOnline: () => true, watch: () => () => {} };
    const inspect = { next: () => {} };
    new Auth({ key: 'a.b:c', clock, environment, inspect }).dispose();
    new RealtimeConnection({ clock, environment, inspect }).dispose();
  });
});
