import { type Measure, smallerIsBetter } from './measure.js';
import { pageBytes } from './page-bytes.js';

const AUTH = "export { Auth } from 'latchkey';";
const CONNECTED = `${AUTH} export { RealtimeConnection } from 'latchkey/connection';`;

/** What a browser downloads first, minified and gzipped, dependencies included. */
export async function bundleSizes(): Promise<Measure[]> {
  const [auth, connected, whole, rest, realtime] = await Promise.all(
    [
      AUTH,
      CONNECTED,
      "export { Rest, Realtime } from 'ably';",
      "export { BaseRest, FetchRequest } from 'ably/modular';",
      "export { BaseRealtime, FetchRequest, WebSocketTransport } from 'ably/modular';",
    ].map(async (contents) => (await pageBytes(contents)).first),
  );
  return [
    sizes('Auth', auth, 'ably', whole),
    sizes('Auth', auth, 'ably/modular BaseRest', rest),
    sizes('Auth + RealtimeConnection', connected, 'ably', whole),
    sizes('Auth + RealtimeConnection', connected, 'ably/modular BaseRealtime', realtime, true),
  ];
}

function sizes(
  name: string,
  latchkey = Number.NaN,
  against: string,
  other = Number.NaN,
  isLast = false,
): Measure {
  return smallerIsBetter({
    name: `first load of ${name}, gzipped`,
    unit: 'bytes',
    latchkey,
    against,
    other,
    ...(isLast ? { note: 'ably does more than Latchkey does: channels, messages, presence' } : {}),
  });
}
