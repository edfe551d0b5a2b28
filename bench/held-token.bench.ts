import * as Ably from 'ably';
import { Auth } from 'latchkey';
import { type SharingPort, shareTokens } from 'latchkey/sharing';
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
  const sharing = shareTokens(inMemory(), { session: () => 'ada' });
  const member = new Auth({ authCallback: async () => freshToken(), sharing });
  await Promise.all([auth.authorize(), rest.auth.authorize(), member.authorize()]);
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
    await race({
      name: 'held token of a client that shares, awaited',
      latchkey: awaited(() => member.getToken()),
      other: awaited(() => auth.getToken()),
      against: 'the same without sharing',
      target: 1,
    }),
  ];
  for (const one of [auth, member]) one.dispose();
  return measures;
}

/** A store for one client. */
function inMemory(): SharingPort {
  const values = new Map<string, { readonly epoch: number; readonly value: string }>();
  return {
    port: 1,
    read: async (name) => {
      const stored = values.get(name);
      return stored === undefined ? null : { ...stored, ageMs: 0 };
    },
    async write(name, { after, value }) {
      values.set(name, { epoch: after + 1, value });
      return true;
    },
    subscribe: () => () => {},
    lease: async () => () => {},
  };
}
