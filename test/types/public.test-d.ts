import {
  Auth,
  type AuthState,
  type ClientOptions,
  type ConnectionAdapter,
  type ErrorInfo,
  type TokenDetails,
  type TokenFacts,
  type TokenRequest,
} from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, it } from 'vitest';

declare const auth: Auth;

describe('the public types', () => {
  it('give promises without a callback, and nothing with one', () => {
    expectTypeOf(auth.authorize()).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.authorize({ ttl: 1 }, { key: 'a.b:c' })).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.requestToken(null, null)).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.createTokenRequest()).resolves.toEqualTypeOf<TokenRequest>();
    expectTypeOf(auth.authorize((_error, _token) => {})).toBeVoid();
    expectTypeOf(auth.authorize({}, (_error, _token) => {})).toBeVoid();
    expectTypeOf(auth.createTokenRequest({}, {}, (_error, _request) => {})).toBeVoid();
  });

  it('give a callback an error or a result', () => {
    auth.authorize((error, token) => {
      expectTypeOf(error).toEqualTypeOf<ErrorInfo | null>();
      expectTypeOf(token).toEqualTypeOf<TokenDetails | null>();
    });
  });

  it('take a capability as an object or as text', () => {
    expectTypeOf(auth.require({ 'chat:*': ['publish'] })).resolves.toEqualTypeOf<TokenDetails>();
    expectTypeOf(auth.require('{"chat:*":["publish"]}')).resolves.toEqualTypeOf<TokenDetails>();
    // @ts-expect-error operations are a list
    auth.require({ 'chat:*': 'publish' });
    // @ts-expect-error nothing is required
    auth.require();
  });

  it('have streams of tokens and states', () => {
    expectTypeOf(auth.token$).toEqualTypeOf<Observable<TokenDetails>>();
    expectTypeOf(auth.state$).toEqualTypeOf<Observable<AuthState>>();
    expectTypeOf(auth.state.value).toEqualTypeOf<
      'idle' | 'requesting' | 'authorized' | 'renewing' | 'failed'
    >();
  });

  it('have events whose payload holds no token', () => {
    auth.on('renewed', (facts) => {
      expectTypeOf(facts).toEqualTypeOf<TokenFacts>();
      // @ts-expect-error the token itself is not in it
      facts.token;
    });
    // @ts-expect-error there is no such event
    auth.on('renew', () => {});
  });

  it('refuse what cannot be', () => {
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

  it('let a source answer by promise or callback', () => {
    const byPromise: ClientOptions = { authCallback: async (_params, { signal }) => String(signal.aborted) };
    const byCallback: ClientOptions = { authCallback: (_params, callback) => callback(null, { token: 't' }) };
    expectTypeOf(byPromise).toEqualTypeOf(byCallback);
  });

  it('let a connection be injected', () => {
    expectTypeOf<RealtimeConnection>().toExtend<ConnectionAdapter>();
    expectTypeOf(new RealtimeConnection().state).toEqualTypeOf<ConnectionAdapter['state']>();
  });
});
