import * as Ably from 'ably';
import { Auth } from 'latchkey';
import type { Measure } from './measure.js';
import { direct, race } from './race.js';
import { freshToken } from './tokens.js';

/** Making a client, without any call. */
export async function creation(): Promise<Measure[]> {
  const authCallback = async () => freshToken();
  const latchkey = direct(() => new Auth({ authCallback }));
  return [
    await race({
      name: 'making a client',
      latchkey,
      other: direct(
        () =>
          new Ably.Realtime({
            logLevel: 0,
            autoConnect: false,
            authCallback: (_params, callback) => callback(null, freshToken()),
          }),
      ),
      against: 'ably Realtime, autoConnect off',
      target: 1,
    }),
    await race({
      name: 'making a client',
      latchkey,
      other: direct(
        () =>
          new Ably.Rest({
            logLevel: 0,
            authCallback: (_params, callback) => callback(null, freshToken()),
          }),
      ),
      against: 'ably Rest',
      target: 0.5,
    }),
  ];
}
