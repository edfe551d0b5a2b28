import { auth0Token } from '../../examples/identity-providers/auth0.js';
import { betterAuthToken } from '../../examples/identity-providers/better-auth.js';
import { clerkToken } from '../../examples/identity-providers/clerk.js';
import { exchange, type SessionToken } from '../../examples/identity-providers/exchange.js';
import { firebaseToken } from '../../examples/identity-providers/firebase.js';
import { supabaseToken } from '../../examples/identity-providers/supabase.js';
import type { SourceHarness, SourceOutcome } from '../../src/testing/index.js';

/** Makes the errors of the providers' own packages. By default they have the same fields. */
export interface ProviderErrors {
  clerkApi(status: number, code: string): unknown;
  clerkRuntime(code: string): unknown;
  clerkOffline(): unknown;
  auth0(error: string): unknown;
  auth0Timeout(): unknown;
  firebase(code: string): unknown;
  supabaseApi(status: number, code: string): SupabaseError;
  supabase(name: SupabaseErrorName, status: number): SupabaseError;
}

interface SupabaseError {
  readonly name: string;
  readonly code?: string | undefined;
}
type SupabaseErrorName =
  | 'AuthSessionMissingError'
  | 'AuthRetryableFetchError'
  | 'AuthUnknownError'
  | 'AuthRefreshDiscardedError';

const shaped = (message: string, fields: object) => Object.assign(new Error(message), fields);

/** As the types of the packages say. `npm run runtimes` makes real ones. */
const shapes: ProviderErrors = {
  clerkApi: (status, code) => shaped(code, { name: 'ClerkAPIResponseError', status, errors: [{ code }] }),
  clerkRuntime: (code) => shaped(code, { name: 'ClerkRuntimeError', code }),
  clerkOffline: () => shaped('offline', { name: 'ClerkRuntimeError', code: 'clerk_offline' }),
  auth0: (error) => shaped(error, { error, error_description: error }),
  auth0Timeout: () => shaped('Timeout', { error: 'timeout', error_description: 'Timeout' }),
  firebase: (code) => shaped(code, { name: 'FirebaseError', code }),
  supabaseApi: (status, code) => shaped(code, { name: 'AuthApiError', status, code }),
  supabase: (name, status) => shaped(name, { name, status, code: undefined }),
};

/** A fault of a provider: it throws that, or answers with that. */
type Fault = () => unknown;
type Faults = Readonly<Record<string, readonly [SourceOutcome, Fault]>>;

/** What a fake client of a provider does now. */
interface Session {
  readonly fault: unknown;
  /** A token of the session. The client keeps one until it is asked for a newer one. */
  token(isNewer?: boolean): string;
}

interface Provider {
  readonly faults: (errors: ProviderErrors) => Faults;
  readonly source: (session: () => Session) => SessionToken;
}

/** Stands for an answer without an error. */
const answers = {
  notLoaded: Symbol('the client is not loaded'),
  noSession: Symbol('there is no session'),
  noToken: Symbol('the session has no token'),
};
const isAnswer = (fault: unknown): boolean => Object.values<unknown>(answers).includes(fault);

const retry = (fault: Fault): readonly [SourceOutcome, Fault] => ['retry', fault];
const signIn = (fault: Fault): readonly [SourceOutcome, Fault] => ['signin.required', fault];
const stop = (fault: Fault): readonly [SourceOutcome, Fault] => ['stop', fault];
const noNetwork = () => new TypeError('Failed to fetch');

const byName = (
  names: readonly string[],
  as: (fault: Fault) => readonly [SourceOutcome, Fault],
  make: (name: string) => unknown,
): Faults => Object.fromEntries(names.map((name) => [name, as(() => make(name))]));

const all: Readonly<Record<string, Provider>> = {
  Clerk: {
    faults: ({ clerkApi, clerkRuntime, clerkOffline }) => ({
      'not loaded yet': retry(() => answers.notLoaded),
      'a session without a token': retry(() => answers.noToken),
      'no session': signIn(() => answers.noSession),
      clerk_offline: retry(clerkOffline),
      network_error: retry(() => clerkRuntime('network_error')),
      'status 500': retry(() => clerkApi(500, 'internal_clerk_error')),
      'status 429': retry(() => clerkApi(429, 'too_many_requests')),
      'status 404, no such template': retry(() => clerkApi(404, 'resource_not_found')),
      'status 403, of another kind': retry(() => clerkApi(403, 'not_allowed_access')),
      'status 401': signIn(() => clerkApi(401, 'authentication_invalid')),
      'status 422': signIn(() => clerkApi(422, 'missing_expired_token')),
      user_banned: stop(() => clerkApi(403, 'user_banned')),
      user_deactivated: stop(() => clerkApi(403, 'user_deactivated')),
    }),
    source: (session) =>
      clerkToken({
        get loaded() {
          return session().fault !== answers.notLoaded;
        },
        get session() {
          if ([answers.noSession, answers.notLoaded].includes(session().fault as symbol)) return null;
          return {
            getToken: async ({ skipCache }: { skipCache?: boolean } = {}) =>
              session().fault === answers.noToken ? null : session().token(skipCache),
          };
        },
      }),
  },
  Auth0: {
    faults: ({ auth0, auth0Timeout }) => ({
      'no network': retry(noNetwork),
      timeout: retry(auth0Timeout),
      ...byName(['request_error', 'server_error', 'temporarily_unavailable'], retry, auth0),
      ...byName(['login_required', 'consent_required', 'interaction_required'], signIn, auth0),
      ...byName(['account_selection_required', 'invalid_grant', 'missing_refresh_token'], signIn, auth0),
      ...byName(['mfa_required'], signIn, auth0),
      ...byName(['access_denied', 'unauthorized'], stop, auth0),
    }),
    source: (session) =>
      auth0Token({ getTokenSilently: async ({ cacheMode } = {}) => session().token(cacheMode === 'off') }),
  },
  Firebase: {
    faults: ({ firebase }) => ({
      'no user': signIn(() => answers.noSession),
      ...byName(['auth/network-request-failed', 'auth/internal-error', 'auth/timeout'], retry, firebase),
      ...byName(['auth/too-many-requests', 'auth/quota-exceeded'], retry, firebase),
      ...byName(['auth/user-token-expired', 'auth/invalid-user-token'], signIn, firebase),
      ...byName(['auth/user-not-found', 'auth/user-signed-out', 'auth/null-user'], signIn, firebase),
      ...byName(['auth/user-disabled'], stop, firebase),
    }),
    source: (session) =>
      firebaseToken({
        authStateReady: async () => {},
        get currentUser() {
          if (session().fault === answers.noSession) return null;
          return { getIdToken: async (isNewer?: boolean) => session().token(isNewer) };
        },
      }),
  },
  Supabase: {
    faults: ({ supabase, supabaseApi }) => ({
      'no session': signIn(() => answers.noSession),
      AuthSessionMissingError: signIn(() => supabase('AuthSessionMissingError', 400)),
      'AuthRetryableFetchError, no network': retry(() => supabase('AuthRetryableFetchError', 0)),
      'AuthRetryableFetchError, status 503': retry(() => supabase('AuthRetryableFetchError', 503)),
      AuthUnknownError: retry(() => supabase('AuthUnknownError', 500)),
      AuthRefreshDiscardedError: retry(() => supabase('AuthRefreshDiscardedError', 409)),
      over_request_rate_limit: retry(() => supabaseApi(429, 'over_request_rate_limit')),
      ...byName(['session_not_found', 'session_expired', 'refresh_token_not_found'], signIn, (code) =>
        supabaseApi(400, code),
      ),
      ...byName(['refresh_token_already_used', 'user_not_found'], signIn, (code) => supabaseApi(400, code)),
      user_banned: stop(() => supabaseApi(403, 'user_banned')),
    }),
    source: (session) => {
      const answer = async (isNewer: boolean) => {
        const { fault } = session();
        if (fault === answers.noSession) return { data: { session: null }, error: null };
        if (fault !== undefined) return { data: { session: null }, error: fault as SupabaseError };
        return { data: { session: { access_token: session().token(isNewer) } }, error: null };
      };
      return supabaseToken({ auth: { getSession: () => answer(false), refreshSession: () => answer(true) } });
    },
  },
  'better-auth': {
    faults: () => ({
      'no network': retry(noNetwork),
      ...byName(['500', '502', '429', '404', '0'], retry, (status) => ({ status: Number(status) })),
      'status 401': signIn(() => ({ status: 401 })),
      'status 403': stop(() => ({ status: 403 })),
    }),
    source: (session) =>
      betterAuthToken({
        token: async () => {
          const { fault } = session();
          if (fault instanceof Error) throw fault;
          if (fault !== undefined) return { data: null, error: fault as { status: number } };
          return { data: { token: session().token(true) }, error: null };
        },
      }),
  },
};

/** What the token endpoint of the app answers with, besides tokens. */
const ofTheEndpoint: Faults = {
  'the endpoint is away': retry(noNetwork),
  ...byName(['the endpoint answers 500', 'the endpoint answers 429'], retry, (name) => name),
  'the endpoint answers 401': signIn(() => 'the endpoint answers 401'),
  'the endpoint answers 403': stop(() => 'the endpoint answers 403'),
};

/** A source of each provider, with a client of it and a token endpoint behind it that do what the contract says. */
export function identityProviders(errors: ProviderErrors = shapes): readonly IdentityProvider[] {
  return Object.entries(all).map(([name, { faults, source }]) => {
    const own = faults(errors);
    return {
      name,
      faults: Object.fromEntries(
        Object.entries({ ...own, ...ofTheEndpoint }).map(([fault, [outcome]]) => [fault, outcome]),
      ),
      make: () => new ProviderHarness(own, source),
    };
  });
}

/** A provider, for `sourceContract()`. */
export interface IdentityProvider {
  readonly name: string;
  readonly faults: Readonly<Record<string, SourceOutcome>>;
  make(): ProviderHarness;
}

/** Stands in for the platform's `fetch` until it is disposed of. */
class ProviderHarness implements SourceHarness {
  readonly authCallback: SourceHarness['authCallback'];
  /** The session tokens that the endpoint received, the oldest first. */
  readonly received: string[] = [];
  /** The session tokens that the endpoint refuses. */
  readonly refused = new Set<string>();
  readonly #faults: Faults;
  readonly #platformFetch = globalThis.fetch;
  #fault: unknown;
  #endpointFault: unknown;
  #count = 0;
  #cached: string | undefined;

  constructor(faults: Faults, source: Provider['source']) {
    this.#faults = faults;
    this.authCallback = exchange(
      'https://app.example.com/api/token',
      source(() => this.#session()),
    );
    globalThis.fetch = (_address, init) => this.#answer(init ?? {});
  }

  #session(): Session {
    const fault = this.#fault;
    return {
      fault,
      token: (isNewer = false) => {
        if (fault !== undefined && !isAnswer(fault)) throw fault;
        if (isNewer || this.#cached === undefined) {
          this.#count += 1;
          this.#cached = `session-token-${this.#count}`;
        }
        return this.#cached;
      },
    };
  }

  async #answer({ headers }: RequestInit): Promise<Response> {
    if (this.#endpointFault instanceof Error) throw this.#endpointFault;
    if (this.#endpointFault !== undefined)
      return new Response('no', { status: Number(String(this.#endpointFault).slice(-3)) });
    const token = String(new Headers(headers).get('authorization')).slice('Bearer '.length);
    this.received.push(token);
    if (this.refused.has(token)) return new Response('no', { status: 401 });
    return Response.json({ token: `token-${this.received.length}`, issued: 0, expires: 3_600_000 });
  }

  fail(name: string): void {
    const [, fault] = this.#faults[name] ?? [];
    if (fault !== undefined) this.#fault = fault();
    else this.#endpointFault = ofTheEndpoint[name]?.[1]();
  }

  recover(): void {
    this.#fault = undefined;
    this.#endpointFault = undefined;
  }

  dispose(): void {
    globalThis.fetch = this.#platformFetch;
  }
}
