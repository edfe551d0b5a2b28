import type { AuthCallback } from 'latchkey';

/** Gives the token of an identity provider; with `isNewer` one that is not from a cache. */
export type SessionToken = (isNewer: boolean) => Promise<string>;

/** The error for a provider that has no user: the client waits until a user signs in. */
export const signedOut = (cause?: unknown): Error =>
  Object.assign(new Error('no user is signed in', { cause }), { statusCode: 401 });

/**
 * Exchanges the token of an identity provider for a token of the service, at your backend. A backend that refuses it is
 * asked once more, with a newer one: the first may be from a cache of the provider.
 */
export const exchange =
  (address: string, sessionToken: SessionToken): AuthCallback =>
  async (tokenParams, { signal }) => {
    const ask = async (isNewer: boolean) => {
      const authorization = `Bearer ${await sessionToken(isNewer)}`;
      const headers = { authorization, 'content-type': 'application/json' };
      const body = JSON.stringify(tokenParams);
      return await fetch(address, { method: 'POST', headers, body, cache: 'no-store', signal });
    };
    let response = await ask(false);
    if (response.status === 401) response = await ask(true);
    const { ok, status: statusCode } = response;
    if (!ok) throw Object.assign(new Error(`the token endpoint answered ${statusCode}`), { statusCode });
    return await response.json();
  };
