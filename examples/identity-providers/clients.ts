/** The parts of each provider's own client that a source needs. The real clients fit; `npm run runtimes` compiles that. */

/** `window.Clerk`, or what `useClerk()` returns. */
export interface ClerkClient {
  readonly loaded: boolean;
  readonly session?:
    | { getToken(options?: { skipCache?: boolean }): Promise<string | null> }
    | null
    | undefined;
}

/** What `createAuth0Client()` resolves with. */
export interface Auth0Client {
  getTokenSilently(options?: { cacheMode?: 'on' | 'off' }): Promise<string | undefined>;
}

/** What `getAuth()` of `firebase/auth` returns. */
export interface FirebaseAuth {
  authStateReady(): Promise<void>;
  readonly currentUser: { getIdToken(forceRefresh?: boolean): Promise<string> } | null;
}

interface SupabaseAnswer {
  readonly data: { readonly session: { readonly access_token: string } | null };
  readonly error: { readonly name: string; readonly code?: string | undefined } | null;
}

/** What `createClient()` of `@supabase/supabase-js` returns. */
export interface SupabaseClient {
  readonly auth: { getSession(): Promise<SupabaseAnswer>; refreshSession(): Promise<SupabaseAnswer> };
}

type BetterAuthAnswer =
  | { readonly data: { readonly token: string }; readonly error: null }
  | { readonly data: null; readonly error: { readonly status: number } };

/** What `createAuthClient({ plugins: [jwtClient()] })` of `better-auth/client` returns. */
export interface BetterAuthClient {
  token(): Promise<BetterAuthAnswer>;
}
