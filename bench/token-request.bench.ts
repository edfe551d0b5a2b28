import * as Ably from 'ably';
import { Auth } from 'latchkey';
import { ablyForBrowsers, latchkeyForBrowsers } from './browser-builds.js';
import type { Measure } from './measure.js';
import { awaited, race } from './race.js';

const KEY = 'appId.keyId:a-secret-as-long-as-those-of-ably-are-43-chr';

const params = () => ({
  clientId: 'ada',
  ttl: 3_600_000,
  capability: { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] },
});

type Params = ReturnType<typeof params>;

interface Issuer {
  createTokenRequest(given: Params): Promise<{ readonly mac: string }>;
}

/** The whole public call, from params to a signed TokenRequest, as a backend makes it for each client. */
export async function tokenRequests(): Promise<Measure[]> {
  const browser = { latchkey: await latchkeyForBrowsers(), ably: ablyForBrowsers() };
  return [
    await raceOf('createTokenRequest, Node', 1.6, [
      new Auth(KEY),
      new Ably.Rest({ key: KEY, logLevel: 0 }).auth as Issuer,
    ]),
    await raceOf(
      'createTokenRequest, browser',
      2,
      [new browser.latchkey.Auth(KEY), new browser.ably.Rest({ key: KEY, logLevel: 0 }).auth as Issuer],
      'the builds browsers get, both run in Node: latchkey bundled by browser conditions, and ably/build/ably.js',
    ),
  ];
}

async function raceOf(
  name: string,
  target: number,
  [latchkey, ably]: readonly [Issuer, Issuer],
  note?: string,
): Promise<Measure> {
  await mustAgree(latchkey, ably);
  return race({
    name,
    latchkey: awaited(() => latchkey.createTokenRequest(params())),
    other: awaited(() => ably.createTokenRequest(params())),
    against: 'ably Rest',
    target,
    ...(note === undefined ? {} : { note }),
  });
}

/** Both must sign the same: otherwise the comparison would mean nothing. */
async function mustAgree(one: Issuer, other: Issuer): Promise<void> {
  const same = { ...params(), timestamp: 1_764_000_000_000, nonce: '0123456789abcdef' };
  const [a, b] = [await one.createTokenRequest(same), await other.createTokenRequest(same)];
  if (a.mac !== b.mac) throw new Error('the two sign different texts: there is nothing to compare');
}
