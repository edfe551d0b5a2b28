import { StopRenewing } from 'latchkey';
import type { FirebaseAuth } from './clients.js';
import { type SessionToken, signedOut } from './exchange.js';

const OVER = ['user-token-expired', 'invalid-user-token', 'user-not-found', 'user-signed-out', 'null-user'];

/** The ID token of Firebase Authentication. */
export const firebaseToken =
  (auth: FirebaseAuth): SessionToken =>
  async (isNewer) => {
    await auth.authStateReady();
    if (auth.currentUser === null) throw signedOut();
    return await auth.currentUser.getIdToken(isNewer).catch((error) => {
      if (error.code === 'auth/user-disabled') throw new StopRenewing('the account is disabled');
      throw OVER.some((code) => error.code === `auth/${code}`) ? signedOut(error) : error;
    });
  };
