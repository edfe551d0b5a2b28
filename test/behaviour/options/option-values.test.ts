import { describe, it } from 'vitest';
import { RealtimeConnection, type RealtimeConnectionOptions } from '../../../src/connection/index.js';
import {
  Auth,
  type AuthOptions,
  type ClientOptions,
  type RenewalOptions,
  type TokenParams,
  type TokenRevocationOptions,
} from '../../../src/index.js';
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/index.js';
import { type CorsOptions, type TokenEndpointOptions, tokenEndpoint } from '../../../src/server/index.js';
import { VirtualClock } from '../../../src/testing/index.js';
import { absent, anyTexts, expectRefusals, flags, functions, records, texts } from '../../kit/one-of-each.js';

/** The values that each option accepts, besides null and undefined, which count as absent. */
type Names<Options> = Readonly<Record<keyof Options, readonly string[]>>;

const ofAuth: Names<ClientOptions> = {
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
  clientType: [],
  agents: records,
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
  sharing: [],
  fetch: functions,
  fetchOrigins: [],
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
const { key, authCacheParam, authCredentials, queryTime, useTokenAuth } = ofAuth;
const ofCall: Names<AuthOptions> = {
  ...{ key, token, tokenDetails, authCallback, authUrl, authMethod, authHeaders, authParams },
  ...{ authCacheParam, authCredentials, queryTime, useTokenAuth },
};

const ofRenewal: Names<RenewalOptions> = {
  lead: [],
  share: ['0'],
  jitter: ['0'],
  spread: ['0'],
  retry: records,
};
const ofTokenParams: Names<TokenParams> = {
  ttl: [],
  capability: ['{}', "''"],
  clientId: texts,
  timestamp: [],
  nonce: texts,
};
const { ttl, capability, clientId } = ofTokenParams;
const ofRevocation: Names<TokenRevocationOptions> = { issuedBefore: [], allowReauthMargin: flags };
const ofEndpoint: Names<Omit<TokenEndpointOptions, 'auth' | 'grant'>> = {
  format: [],
  cors: [],
  timeout: [],
  checkClock: flags,
  randomBytes: functions,
  onError: functions,
};
const ofCors: Names<Omit<CorsOptions, 'origins'>> = { credentials: flags, headers: ['[]'], maxAge: [] };
const ofSandbox: Names<SandboxOptions> = {
  clock: [],
  random: functions,
  basicNeedsTls: flags,
  reauthByAnyKey: flags,
  pricing: [],
};

const ofRealtime: Names<RealtimeConnectionOptions> = {
  endpoint: texts,
  restHost: texts,
  realtimeHost: texts,
  fallbackHosts: ['[]'],
  port: [],
  tlsPort: [],
  tls: flags,
  clientId: texts,
  clientType: [],
  echoMessages: flags,
  agent: anyTexts,
  transportParams: records,
  key: [],
  recover: anyTexts,
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
  'the option renewal of new Auth()': [(renewal) => new Auth({ key: 'a.b:c', renewal }), ofRenewal],
  'the option defaultTokenParams of new Auth()': [
    (defaultTokenParams) => new Auth({ key: 'a.b:c', defaultTokenParams }),
    { ttl, capability, clientId },
  ],
  'the option renewal.retry of new Auth()': [
    (retry) => new Auth({ key: 'a.b:c', renewal: { retry } }),
    { base: [], cap: [] },
  ],
  'the TokenParams of a call': [(given) => new Auth('a.b:c').createTokenRequest(given), ofTokenParams],
  'the AuthOptions of a call': [
    (given) => {
      const auth = new Auth({ key: 'a.b:c', fetch: async () => Response.json([1_000]) });
      const authCallback = async () => 'a-token';
      if ('key' in given) return auth.requestToken(null, { authCallback, ...(given as AuthOptions) });
      const other = 'authCallback' in given ? {} : { authCallback };
      return auth.createTokenRequest(null, { key: 'a.b:c', ...other, ...given });
    },
    ofCall,
  ],
  'the options of revokeTokens()': [
    (given) =>
      new Auth({ key: 'a.b:c', fetch: async () => Response.json({ results: [] }) }).revokeTokens(
        { type: 'clientId', value: 'ada' },
        given,
      ),
    ofRevocation,
  ],
  'tokenEndpoint()': [(given) => tokenEndpoint({ auth: issuer, grant, ...given }), ofEndpoint],
  'the option cors of tokenEndpoint()': [
    (cors) => tokenEndpoint({ auth: issuer, grant, cors: { origins: [], ...cors } }),
    ofCors,
  ],
  'createSandbox()': [(given) => createSandbox(given), ofSandbox],
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

  it.each<[string, string, (value: never) => unknown, readonly string[]]>([
    ['tokenEndpoint()', 'auth', (auth) => tokenEndpoint({ auth, grant }), []],
    ['tokenEndpoint()', 'grant', (value) => tokenEndpoint({ auth: issuer, grant: value }), functions],
    [
      'the option cors of tokenEndpoint()',
      'origins',
      (origins) => tokenEndpoint({ auth: issuer, grant, cors: { origins } }),
      ['[]'],
    ],
  ])('%s needs %s, and refuses any other value by its name', (_entry, name, make, taken) =>
    expectRefusals(name, taken, make as (value: unknown) => unknown),
  );

  it('a clock, an inspector or an environment may be an object of a class', () => {
    const clock = new VirtualClock();
    const environment = { isOnline: () => true, watch: () => () => {} };
    const inspect = { next: () => {} };
    new Auth({ key: 'a.b:c', clock, environment, inspect }).dispose();
    new RealtimeConnection({ clock, environment, inspect }).dispose();
  });
});
