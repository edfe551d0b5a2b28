import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../kit/imports.js';
import { Project } from '../project.js';
import type { Row } from '../row.js';
import { packages } from '../versions.js';

/** The clients of the providers' own packages are what the sources take. */
const use = `
import { type Auth0Client } from '@auth0/auth0-spa-js';
import type { Clerk } from '@clerk/shared/types';
import { createClient } from '@supabase/supabase-js';
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import type { Auth } from 'firebase/auth';
import { auth0Token } from './providers/auth0.js';
import { betterAuthToken } from './providers/better-auth.js';
import { clerkToken } from './providers/clerk.js';
import { firebaseToken } from './providers/firebase.js';
import { supabaseToken } from './providers/supabase.js';

declare const clients: { readonly clerk: Clerk; readonly auth0: Auth0Client; readonly firebase: Auth };
export const sources = [
  clerkToken(clients.clerk),
  auth0Token(clients.auth0),
  firebaseToken(clients.firebase),
  supabaseToken(createClient('https://example.com', 'key')),
  betterAuthToken(createAuthClient({ plugins: [jwtClient()] })),
];
`;

/** The checks of the sources with the errors that the packages make, and two of the real clients. */
const checks = `
import { GenericError, TimeoutError } from '@auth0/auth0-spa-js';
import { ClerkAPIResponseError, ClerkOfflineError, ClerkRuntimeError } from '@clerk/shared/error';
import * as supabase from '@supabase/supabase-js';
import { createAuthClient } from 'better-auth/client';
import { jwtClient } from 'better-auth/client/plugins';
import { FirebaseError } from 'firebase/app';
import { runSourceContract } from 'latchkey/testing';
import { betterAuthToken, identityProviders, supabaseToken } from './kit.js';

// Supabase's client asks for one, and makes no socket here.
globalThis.WebSocket ??= class {};

const made = {
  AuthSessionMissingError: () => new supabase.AuthSessionMissingError(),
  AuthRetryableFetchError: (status) => new supabase.AuthRetryableFetchError('failed', status),
  AuthUnknownError: () => new supabase.AuthUnknownError('failed', new Error('no JSON')),
  AuthRefreshDiscardedError: () => new supabase.AuthRefreshDiscardedError(),
};
const errors = {
  clerkApi: (status, code) => new ClerkAPIResponseError(code, { data: [{ code, message: code }], status }),
  clerkRuntime: (code) => new ClerkRuntimeError(code, { code }),
  clerkOffline: () => new ClerkOfflineError('offline'),
  auth0: (error) => new GenericError(error, error),
  auth0Timeout: () => new TimeoutError(),
  firebase: (code) => new FirebaseError(code, code),
  supabaseApi: (status, code) => new supabase.AuthApiError(code, status, code),
  supabase: (name, status) => made[name](status),
};
const outcome = {};
for (const { name, faults, make } of identityProviders(errors)) {
  const { failed } = await runSourceContract(make, faults, () => {});
  outcome[name] = failed.length === 0 || failed.map(({ title, error }) => title + ': ' + error).join('; ');
}

const kindOf = async (token) => {
  try {
    return 'a token: ' + (await token(false));
  } catch (error) {
    return error.statusCode ?? error.name;
  }
};
const is = (got, wanted) => got === wanted || got + ' instead of ' + wanted;
const answering = (status, body) => async () => Response.json(body, { status });

// A session whose access token is over: the client refreshes it.
const session = { access_token: 'old', refresh_token: 'refresh', expires_at: 1, expires_in: 1, token_type: 'bearer', user: { id: 'ada' } };
const supabaseWith = (fetch, kept = session) => supabaseToken(supabase.createClient('https://example.com', 'key', {
  auth: { autoRefreshToken: false, storageKey: 'session', storage: {
    getItem: () => kept && JSON.stringify(kept), setItem: (_name, value) => { kept = JSON.parse(value); }, removeItem: () => { kept = null; } } },
  global: { fetch },
}));
outcome['Supabase, no session'] = is(await kindOf(supabaseWith(fetch, null)), 401);
outcome['Supabase, a refresh that is refused'] =
  is(await kindOf(supabaseWith(answering(400, { error_code: 'refresh_token_not_found', msg: 'no' }))), 401);
outcome['Supabase, a limit'] =
  is(await kindOf(supabaseWith(answering(429, { error_code: 'over_request_rate_limit', msg: 'no' }))), 'AuthApiError');
outcome['Supabase, a new session'] =
  is(await kindOf(supabaseWith(answering(200, { ...session, access_token: 'new', expires_in: 3600 }))), 'a token: new');

const betterAuthWith = (customFetchImpl) => betterAuthToken(createAuthClient({
  baseURL: 'https://example.com', plugins: [jwtClient()], fetchOptions: { customFetchImpl, retry: 0 } }));
outcome['better-auth, a token'] = is(await kindOf(betterAuthWith(answering(200, { token: 'new' }))), 'a token: new');
outcome['better-auth, nobody'] = is(await kindOf(betterAuthWith(answering(401, { message: 'no' }))), 401);
outcome['better-auth, banned'] = is(await kindOf(betterAuthWith(answering(403, { code: 'BANNED_USER' }))), 'StopRenewing');
outcome['better-auth, down'] = is(await kindOf(betterAuthWith(answering(503, {}))), 'Error');
outcome['better-auth, no network'] = is(
  await kindOf(betterAuthWith(async () => { throw new TypeError('Failed to fetch'); })), 'TypeError');
console.log(JSON.stringify(outcome));
process.exit();
`;

/** What \`checks\` needs of the repository, as one module. */
const kit = `
export { identityProviders } from './test/kit/identity-providers.js';
export { betterAuthToken } from './examples/identity-providers/better-auth.js';
export { supabaseToken } from './examples/identity-providers/supabase.js';
`;

export const identityRows: readonly Row[] = [
  {
    name: 'Identity providers, their own packages',
    isShort: false,
    isWithoutJob: true,
    besides: ['the sources take the clients of the packages'],
    run: async () => {
      const project = await Project.make(packages.identity);
      await cp(join(root, 'examples/identity-providers'), project.path('providers'), { recursive: true });
      await project.write({ 'use.ts': use, 'checks.js': checks });
      await build({
        stdin: { contents: kit, resolveDir: root, loader: 'ts' },
        outfile: project.path('kit.js'),
        bundle: true,
        platform: 'node',
        format: 'esm',
        external: ['latchkey'],
        logLevel: 'error',
      });
      const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'esnext', '--target', 'es2022'];
      const more = ['--moduleResolution', 'bundler', '--lib', 'es2023,dom,dom.iterable', 'use.ts'];
      const compiled = await project
        .run(process.execPath, ['node_modules/typescript/bin/tsc', ...flags, ...more])
        .then(
          (): true => true,
          ({ message }: Error) => message.slice(message.indexOf('\n') + 1),
        );
      const printed = await project.run(process.execPath, ['checks.js']);
      const steps = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Record<string, true | string>;
      const { typescript: _compiler, ...versions } = packages.identity;
      return {
        version: Object.values(versions).join(', '),
        steps: { ...steps, 'the sources take the clients of the packages': compiled },
      };
    },
  },
];
