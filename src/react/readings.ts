import { type AuthState, isSameState } from '../client/auth-state.js';
import type { ConnectionAdapter, ConnectionState } from '../connection/port.js';
import type { TokenDetails } from '../token/token-details.js';
import type { Reading } from './external-value.js';

/** The state of a client that was never used. */
export const idle: AuthState = Object.freeze({ value: 'idle', reason: 'new', error: null, attempts: 0 });

export const stateReading: Reading<AuthState> = {
  beforehand: idle,
  read: (auth) => auth.state,
  isSame: isSameState,
  watch(auth, changed) {
    const subscription = auth.state$.subscribe({ next: changed, complete: changed });
    return () => subscription.unsubscribe();
  },
};

/** The token. A component that shows the token needs it, so subscribing to the stream fetches one. */
export const tokenReading: Reading<TokenDetails | null> = {
  beforehand: null,
  read: (auth) => auth.tokenDetails,
  isSame: (a, b) => a?.token === b?.token,
  watch(auth, changed) {
    const subscription = auth.token$.subscribe({ next: changed, complete: changed });
    // The stream does not emit when a token expires or is dropped.
    const unwatch = auth.on('state', changed);
    return () => {
      subscription.unsubscribe();
      unwatch();
    };
  },
};

export const clientIdReading: Reading<string | null> = {
  beforehand: null,
  read: (auth) => auth.clientId,
  isSame: Object.is,
  watch: (auth, changed) => auth.on('identity.changed', changed),
};

/** The connection exists as soon as the client exists, and never changes. */
export const connectionReading: Reading<ConnectionAdapter | null> = {
  beforehand: null,
  read: (auth) => auth.connection,
  isSame: Object.is,
  watch(auth) {
    // Makes the client; React looks again after this.
    Reflect.get(auth, 'connection');
    return () => {};
  },
};

export const connectionStateReading: Reading<ConnectionState | null> = {
  beforehand: null,
  read: (auth) => auth.connection?.state ?? null,
  isSame: Object.is,
  watch: (auth, changed) => auth.on('connection.changed', changed),
};
