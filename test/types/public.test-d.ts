import {
  type Acquired,
  Auth,
  type AuthState,
  type ClientOptions,
  type ConnectionAdapter,
  type ErrorInfo,
  type TokenDetails,
  type TokenMetadata,
  type TokenRequest,
} from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';

declare const auth: Auth;

describe('the public types', () => {
  it('a call returns a promise without a callback, and undefined with one', () => {
    expectTypeOf(auth.authorize()).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.authorize({ ttl: 1 }, { key: 'a.b:c' })).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.requestToken(null, null)).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.createTokenRequest()).resolves.toEqualTypeOf<TokenRequest>();
    expectTypeOf(auth.authorize((_error, _token) => {})).toBeVoid();
    expectTypeOf(auth.authorize({}, (_error, _token) => {})).toBeVoid();
    expectTypeOf(auth.createTokenRequest({}, {}, (_error, _request) => {})).toBeVoid();
  });

  it('a callback receives an error or a result', () => {
    auth.authorize((error, token) => {
      expectTypeOf(error).toEqualTypeOf<ErrorInfo | null>();
      expectTypeOf(token).toEqualTypeOf<TokenDetails | null>();
    });
  });

  it('a capability may be an object or a string', () => {
    expectTypeOf(auth.require({ 'chat:*': ['publish'] })).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.require('{"chat:*":["publish"]}')).resolves.toEqualTypeOf<TokenDetails>();
    // @ts-expect-error operations are a list
    auth.require({ 'chat:*': 'publish' });
    // @ts-expect-error nothing is required
    auth.require();
  });

  it('the streams emit tokens and states', () => {
    expectTypeOf(auth.token$).toEqualTypeOf<Observable<TokenDetails>>();
    expectTypeOf(auth.state$).toEqualTypeOf<Observable<AuthState>>();
    expectTypeOf(auth.state.value).toEqualTypeOf<
      'idle' | 'requesting' | 'authorized' | 'renewing' | 'failed'
    >();
  });

  it('the payload of an event has no token', () => {
    auth.on('renewed', (facts) => {
      expectTypeOf(facts).toEqualTypeOf<TokenMetadata & Acquired>();
      // @ts-expect-error the token itself is not in it
      facts.token;
    });
    // @ts-expect-error there is no such event
    auth.on('renew', () => {});
  });

  it('invalid arguments do not compile', () => {
    // @ts-expect-error a client needs options
    new Auth();
    // @ts-expect-error there is no such option
    new Auth({ authURL: 'https://example.com' });
    // @ts-expect-error a ttl is a number of ms
    auth.authorize({ ttl: '60s' });
    // @ts-expect-error a callback comes last
    auth.authorize(() => {}, {});
    // @ts-expect-error the token cannot be set
    auth.tokenDetails = null;
  });

  it('a source may answer by promise or callback', () => {
    const byPromise: ClientOptions = { authCallback: async (_params, { signal }) => String(signal.aborted) };
    const byCallback: ClientOptions = { authCallback: (_params, callback) => callback(null, { token: 't' }) };
    expectTypeOf(byPromise).toEqualTypeOf(byCallback);
  });

  it('a source that answers by callback may be async, or return a timer', () => {
    const obtain = async () => 'a-token';
    // One by one: in one array the other types would pass as one that returns nothing.
    new Auth({
      authCallback: async (_params, callback) => {
        try {
          callback(null, await obtain());
        } catch (error) {
          callback(error, null);
        }
      },
    });
    new Auth({ authCallback: (_params, callback) => obtain().then((t) => callback(null, t), callback) });
    new Auth({ authCallback: (_params, callback) => void obtain().then((t) => callback(null, t), callback) });
    new Auth({ authCallback: (_params, callback) => setTimeout(() => callback(null, 'a-token'), 1) });
  });

  it('a source cannot answer with another type', () => {
    // @ts-expect-error a number
    new Auth({ authCallback: () => 7 });
    // @ts-expect-error a promise of a number
    new Auth({ authCallback: async () => 7 });
    // @ts-expect-error null
    new Auth({ authCallback: async () => null });
    // @ts-expect-error a TokenDetails without a token
    new Auth({ authCallback: () => ({ expires: 1 }) });
    // @ts-expect-error the Response, not what is in it
    new Auth({ authCallback: () => fetch('https://example.com/api/token') });
    // @ts-expect-error a number, called back with
    new Auth({ authCallback: (_params, callback) => callback(null, 7) });
    // @ts-expect-error a third argument
    new Auth({ authCallback: (_params, _callback, _more: string) => 'a-token' });
  });

  it('a connection can be injected', () => {
    expectTypeOf<RealtimeConnection>().toExtend<ConnectionAdapter>();
    expectTypeOf(new RealtimeConnection().state).toEqualTypeOf<ConnectionAdapter['state']>();
  });
});
