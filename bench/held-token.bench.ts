import * as Ably from 'ably';
import { Auth } from 'latchkey';
import type { Measure } from './measure.js';
import { awaited, direct, race } from './race.js';
import { freshToken } from './tokens.js';

/** Not in ably's types: each of its REST requests awaits this method to get the current token. */
interface HeaderSource {
  getAuthHeaders(): Promise<Record<string, string>>;
}

/** Reading the current token. */
export async function heldTokens(): Promise<Measure[]> {
  const auth = new Auth({ authCallback: async () => freshToken() });
  const rest = new Ably.Rest({
    logLevel: 0,
    authCallback: (_params, callback) => callback(null, freshToken()),
  });
  await Promise.all([auth.authorize(), rest.auth.authorize()]);
  const headers = rest.auth as unknown as HeaderSource;
  const measures = [
    await race({
      name: 'held token, awaited',
      latchkey: awaited(() => auth.getToken()),
      other: awaited(() => headers.getAuthHeaders()),
      against: 'ably Rest getAuthHeaders()',
      note: 'ably has no public getToken(); getAuthHeaders(), the nearest, also checks expiry and makes a header of it (Base64)',
    }),
    await race({
      name: 'held token, read',
      latchkey: direct(() => auth.tokenDetails),
      other: direct(() => Reflect.get(rest.auth, 'tokenDetails')),
      against: 'ably Rest auth.tokenDetails',
      note: "ably's is a plain property, and stays when the token is dead; Latchkey's checks the clock first",
    }),
  ];
  auth.dispose();
  return measures;
}
