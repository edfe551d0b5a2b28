import type { Auth } from '../auth.js';
import { type AuthState, isSameState } from '../auth-state.js';
import type { TokenDetails } from '../token/token-details.js';
import type { Reading } from './external-value.js';

const idle: AuthState = Object.freeze({ value: 'idle', reason: 'new', error: null, attempts: 0 });

/** A client that was disposed of stands where it stood for good: what it shows is that it is over. */
const ended: AuthState = Object.freeze({ ...idle, reason: 'the client was disposed of' });

export const stateReading: Reading<AuthState> = {
  beforehand: idle,
  read: (auth) => (isOver(auth) ? ended : auth.state),
  isSame: isSameState,
  watch(auth, changed) {
    const complete = () => {
      heardEnd.add(auth);
      changed();
    };
    const subscription = auth.state$.subscribe({ next: changed, complete });
    return () => subscription.unsubscribe();
  },
};

/** A listener may dispose of a client in the middle of a step: its actor stops after that, and says nothing. */
const heardEnd = new WeakSet<Auth>();

function isOver(auth: Auth): boolean {
  return heardEnd.has(auth) || auth.actor.getSnapshot().status === 'stopped';
}

/** Whoever shows the token needs it: subscribing to the stream gets it fetched. */
export const tokenReading: Reading<TokenDetails | null> = {
  beforehand: null,
  read: (auth) => auth.tokenDetails,
  isSame: (a, b) => a?.token === b?.token,
  watch(auth, changed) {
    const subscription = auth.token$.subscribe({ next: changed, complete: changed });
    // The stream says nothing when a token dies or is forgotten.
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
