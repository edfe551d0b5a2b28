import { StopRenewing } from 'latchkey';
import type { BetterAuthClient } from './clients.js';
import { type SessionToken, signedOut } from './exchange.js';

/** The token of better-auth's plugin `jwt`. It is new each time. */
export const betterAuthToken =
  (client: BetterAuthClient): SessionToken =>
  async () => {
    const { data, error } = await client.token();
    if (error === null) return data.token;
    if (error.status === 401) throw signedOut(error);
    if (error.status === 403) throw new StopRenewing('better-auth says that the user is banned');
    throw new Error(`better-auth answered ${error.status}`, { cause: error });
  };
