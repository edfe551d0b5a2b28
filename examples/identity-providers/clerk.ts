import { StopRenewing } from 'latchkey';
import type { ClerkClient } from './clients.js';
import { type SessionToken, signedOut } from './exchange.js';

const GONE = /^user_(banned|deactivated)$/;

/** The session token of Clerk. A session that gives none is one whose network is away. */
export const clerkToken =
  (clerk: ClerkClient): SessionToken =>
  async (isNewer) => {
    if (clerk.loaded && !clerk.session) throw signedOut();
    const token = await clerk.session?.getToken({ skipCache: isNewer }).catch((error) => {
      if (error.errors?.some(({ code = '' }) => GONE.test(code))) throw new StopRenewing('no such user');
      throw [401, 422].includes(error.status) ? signedOut(error) : error;
    });
    if (!token) throw new Error('Clerk has no token now');
    return token;
  };
