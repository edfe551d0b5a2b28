import { StopRenewing } from 'latchkey';
import type { Auth0Client } from './clients.js';
import { type SessionToken, signedOut } from './exchange.js';

const SIGN_IN = ['login_required', 'consent_required', 'interaction_required', 'account_selection_required'];
const OVER = ['invalid_grant', 'missing_refresh_token', 'mfa_required'];

/** The access token of Auth0. */
export const auth0Token =
  (auth0: Auth0Client): SessionToken =>
  async (isNewer) => {
    const token = await auth0.getTokenSilently({ cacheMode: isNewer ? 'off' : 'on' }).catch((error) => {
      if (['access_denied', 'unauthorized'].includes(error.error)) throw new StopRenewing(error.message);
      throw [...SIGN_IN, ...OVER].includes(error.error) ? signedOut(error) : error;
    });
    if (token === undefined) throw new Error('Auth0 has no token now');
    return token;
  };
