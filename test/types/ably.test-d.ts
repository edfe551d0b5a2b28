import type * as Ably from 'ably';
import {
  Auth,
  type AuthOptions,
  type CallbackResult,
  type ClientOptions,
  type ConnectionReport,
  ErrorInfo,
  type ErrorInfoInit,
  isTokenError,
  type RequestedTokenParams,
  StopRenewing,
  type TokenDetails,
  type TokenParams,
  type TokenRequest,
} from 'latchkey';
import type { RealtimeConnection } from 'latchkey/connection';
import { ablyJs } from 'latchkey/connection/ably-js';
import { describe, expectTypeOf, it } from 'vitest';

/** The members of `To` that a `From` does not fit: of another type, or missing although they are required. */
type Misfits<From, To> = {
  [Name in keyof To]-?: Name extends keyof From
    ? Pick<From, Name> extends Pick<To, Name>
      ? never
      : Name
    : object extends Pick<To, Name>
      ? never
      : Name;
}[keyof To] &
  string;

/** What cannot be passed on, by members. The page about migrating has the same rows, with the reasons. */
interface Refused {
  'Ably.AuthOptions → AuthOptions': never;
  'Ably.TokenParams → TokenParams': never;
  'Ably.TokenDetails → TokenDetails': never;
  'Ably.TokenRequest → TokenRequest': never;
  'Ably.ErrorInfo → ErrorInfoInit': never;
  'Ably.ErrorInfo → ConnectionReport': never;
  'Ably.ClientOptions → ClientOptions': 'environment' | 'logLevel' | 'logHandler';
  'Ably.ErrorInfo → ErrorInfo':
    | 'href'
    | 'name'
    | 'origin'
    | 'original'
    | 'reason'
    | 'requestId'
    | 'retryAfterMs'
    | 'detail'
    | 'remediation'
    | 'toJSON';
  'RequestedTokenParams → Ably.TokenParams': never;
  'TokenParams → Ably.TokenParams': 'clientId' | 'capability' | 'nonce' | 'timestamp' | 'ttl';
  'TokenRequest → Ably.TokenRequest': 'capability';
  'TokenDetails → Ably.TokenDetails': 'capability' | 'clientId' | 'expires' | 'issued';
  'ErrorInfo → Ably.ErrorInfo': 'cause' | 'detail' | 'remediation';
  'AuthOptions → Ably.AuthOptions':
    | 'authCallback'
    | 'authHeaders'
    | 'authMethod'
    | 'authParams'
    | 'authUrl'
    | 'key'
    | 'queryTime'
    | 'token'
    | 'tokenDetails'
    | 'useTokenAuth';
  'ClientOptions → Ably.ClientOptions':
    | 'authCallback'
    | 'authHeaders'
    | 'authMethod'
    | 'authParams'
    | 'authUrl'
    | 'clientId'
    | 'defaultTokenParams'
    | 'environment'
    | 'fallbackHosts'
    | 'key'
    | 'logHandler'
    | 'logLevel'
    | 'queryTime'
    | 'token'
    | 'tokenDetails'
    | 'useTokenAuth';
  'RealtimeConnection → Ably.Connection':
    | 'errorReason'
    | 'id'
    | 'key'
    | 'listeners'
    | 'on'
    | 'once'
    | 'whenState';
}

interface Types {
  'Ably.AuthOptions': Ably.AuthOptions;
  'Ably.ClientOptions': Ably.ClientOptions;
  'Ably.Connection': Ably.Connection;
  'Ably.ErrorInfo': Ably.ErrorInfo;
  'Ably.TokenDetails': Ably.TokenDetails;
  'Ably.TokenParams': Ably.TokenParams;
  'Ably.TokenRequest': Ably.TokenRequest;
  AuthOptions: AuthOptions;
  ClientOptions: ClientOptions;
  ConnectionReport: Pick<
    Extract<ConnectionReport, { type: 'token.refused' }>['error'],
    'code' | 'message' | 'statusCode'
  >;
  ErrorInfo: ErrorInfo;
  ErrorInfoInit: ErrorInfoInit;
  RealtimeConnection: RealtimeConnection;
  RequestedTokenParams: RequestedTokenParams;
  TokenDetails: TokenDetails;
  TokenParams: TokenParams;
  TokenRequest: TokenRequest;
}

/** The members that do not fit, as the compiler finds them. */
type Found = {
  [Row in keyof Refused]: Row extends `${infer From extends keyof Types} → ${infer To extends keyof Types}`
    ? Misfits<Types[From], Types[To]>
    : 'not two types';
};

declare const theirs: {
  readonly options: Ably.AuthOptions;
  readonly authCallback: NonNullable<Ably.AuthOptions['authCallback']>;
  readonly params: Ably.TokenParams;
  readonly token: Ably.TokenDetails;
  readonly request: Ably.TokenRequest;
  readonly error: Ably.ErrorInfo;
};
declare const auth: Auth;
declare const rest: Ably.Rest;

describe("the types of Latchkey and of Ably's SDK", () => {
  it('the members that do not fit are those of the list, and no others', () => {
    expectTypeOf<Found>().toEqualTypeOf<Refused>();
  });

  it("Ably's values compile where those of Latchkey are asked for", () => {
    new Auth(theirs.options);
    new Auth({ ...theirs.options, clientId: 'ada', defaultTokenParams: theirs.params });
    new Auth({ authCallback: theirs.authCallback, tokenDetails: theirs.token });
    new Auth({ token: theirs.request });
    auth.authorize(theirs.params, theirs.options);
    auth.createTokenRequest(theirs.params, theirs.options);
    new ErrorInfo(theirs.error);
    isTokenError(theirs.error);
    new StopRenewing('signed out', { cause: theirs.error });
    expectTypeOf<Ably.TokenDetails | Ably.TokenRequest | string>().toExtend<CallbackResult>();
    new Auth({ authCallback: (_params, callback) => callback(theirs.error, null) });
    new Auth({ authCallback: (params) => rest.auth.createTokenRequest(params) });
    expectTypeOf<Ably.Realtime>().toExtend<Parameters<typeof ablyJs>[0]>();
  });

  it("Latchkey's values compile where those of Ably are asked for", () => {
    const own: Ably.AuthOptions = {
      authCallback: (params, callback) => {
        auth.createTokenRequest(params).then(
          (request) => callback(null, { capability: '', ...request }),
          (error) => callback(String(error), null),
        );
      },
    };
    rest.auth.authorize({ ttl: 1 }, own);
    ablyJs((authCallback) => new (0 as never as typeof Ably.Realtime)({ authCallback }));
  });

  it('a source with the types of Ably cannot answer with another type', () => {
    // @ts-expect-error a ttl is a number
    new Auth({ authCallback: (_params: { ttl: string }, callback) => callback(null, 'a token') });
    // @ts-expect-error the params may have no ttl
    new Auth({ authCallback: (_params: { ttl: number }, callback) => callback(null, 'a token') });
    const numbers = (_: object, callback: (error: null, token: number) => void) => callback(null, 7);
    // @ts-expect-error its callback takes a number as the token
    new Auth({ authCallback: numbers });
  });
});
