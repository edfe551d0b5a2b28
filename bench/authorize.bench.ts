import * as Ably from 'ably';
import { Auth } from 'latchkey';
import type { Measure } from './measure.js';
import { awaited, race } from './race.js';
import { freshToken } from './tokens.js';

/** One `authorize()` from the call to the token: the source answers at once, without a network. */
export async function authorizeCycles(): Promise<Measure[]> {
  const auth = new Auth({ authCallback: async () => freshToken() });
  const rest = new Ably.Rest({
    logLevel: 0,
    authCallback: (_params, callback) => callback(null, freshToken()),
  });
  const measure = await race({
    name: 'authorize cycle',
    latchkey: awaited(() => auth.authorize()),
    other: awaited(() => rest.auth.authorize()),
    against: 'ably Rest',
    note: 'Latchkey also runs its statechart, keeps the old token on failure, and plans the renewal; ably Rest stores the token',
  });
  auth.dispose();
  return [measure];
}
