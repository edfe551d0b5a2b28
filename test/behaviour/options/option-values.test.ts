import { describe, it } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import { Auth, type AuthOptions, type ClientOptions } from '../../../src/index.js';
import { createSandbox } from '../../../src/sandbox/index.js';
import { tokenEndpoint } from '../../../src/server/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { absent, anyTexts, expectRefusals, flags, functions, records, texts } from '../../kit/one-of-each.js';

/** The values that each option accepts, besides null and undefined, which count as absent. */
const ofAuth: Readonly<Record<keyof ClientOptions, readonly string[]>> = {
  key: [],
  token: texts,
  tokenDetails: texts,
  authCallback: functions,
  authUrl: [],
  authMethod: [],
  authHeaders: [...records, ...functions],
  authParams: [...records, ...functions],
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

/** Those of them that a call may have. */
const { token, tokenDetails, authCallback, authUrl, authMethod, authHeaders, authParams } = ofAuth;
const { authCacheParam, queryTime, useTokenAuth } = ofAuth;
const ofCall = {
  ...{ token, tokenDetails, authCallback, authUrl, authMethod, authHeaders, authParams },
  ...{ authCacheParam, queryTime, useTokenAuth },
} satisfies Partial<Record<keyof AuthOptions, readonly string[]>>;

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
  agent: anyTexts,
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
  'the option renewal.retry of new Auth()': [
    (retry) => new Auth({ key: 'a.b:c', renewal: { retry } }),
    { base: [], cap: [] },
  ],
  'the TokenParams of a call': [
    (given) => new Auth('a.b:c').createTokenRequest(given),
    { ttl: [], capability: ['{}', "''"], clientId: texts, timestamp: [], nonce: texts },
  ],
  'the AuthOptions of a call': [
    (given) =>
      new Auth({ key: 'a.b:c', fetch: async () => Response.json([1_000]) }).createTokenRequest(null, {
        ...('authCallback' in given
          ? { key: 'a.b:c' }
          : { key: 'a.b:c', authCallback: async () => 'a-token' }),
        ...given,
      }),
    ofCall,
  ],
  'the options of revokeTokens()': [
    (given) =>
      new Auth({ key: 'a.b:c', fetch: async () => Response.json({ results: [] }) }).revokeTokens(
        { type: 'clientId', value: 'ada' },
        given,
      ),
    { issuedBefore: [], allowReauthMargin: flags },
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
    ({ make, name, taken }) =>
      expectRefusals(name, [...absent, ...taken], (value) => make({ [name]: value })),
  );

  it('a clock, an inspector or an environment may be an object of a class', () => {
    const clock = new VirtualClock();
    const environment = { isOnline: () => true, watch: () => () => {} };
    const inspect = { next: () => {} };
    new Auth({ key: 'a.b:c', clock, environment, inspect }).dispose();
    new RealtimeConnection({ clock, environment, inspect }).dispose();
  });
});
