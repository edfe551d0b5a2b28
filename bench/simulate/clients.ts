import * as Ably from 'ably';
import { seededChance } from '../../src/chance.js';
import { ablyJs } from '../../src/connection/ably-js/index.js';
import { RealtimeConnection } from '../../src/connection/index.js';
import {
  Auth,
  type AuthCallback,
  type ClientOptions,
  type ConnectionAdapter,
  type TokenDetails,
} from '../../src/index.js';
import { createSandbox, type Sandbox } from '../../src/sandbox/index.js';
import { Scenario } from '../../src/testing/scenario.js';
import { settle } from '../../src/testing/virtual-clock.js';
import { watched } from './sockets.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const WEEK = 7 * 24 * HOUR;
const START = Date.UTC(2026, 10, 1);

/** A client, its source and its device. */
export interface Profile {
  readonly name: string;
  /** `cached`: the source has a cache that gets another token in the last five minutes, as identity providers do. */
  readonly source: 'new tokens' | 'cached' | 'JWT with exp alone';
  readonly by: 'authCallback' | 'authUrl';
  /** How far the device's clock is ahead, minutes. */
  readonly skew: number;
  readonly connection: 'none' | 'RealtimeConnection' | 'ablyJs';
  /** Whether a clue tells the age of its tokens. */
  readonly couldTell: boolean;
}

/** A week of one client. */
export interface ClientWeek extends Profile {
  readonly seed: number;
  /** How often a token was asked for, and the minutes in which the answer was one that had expired. */
  readonly asked: number;
  readonly dead: number;
  /** The same for a token of the user before. */
  readonly ofAnother: number;
  readonly switches: number;
  readonly sourceCalls: number;
  readonly issued: number;
  /** Transports that were opened, and those with a token that had expired or was known to be given up. */
  readonly transports: number;
  readonly deadTransports: number;
  readonly knownDead: number;
  /** Minutes in which the client was connected. */
  readonly connected: number;
  readonly misses: readonly ('dead' | 'knownDead' | 'ofAnother')[];
}

const plain = { source: 'new tokens', by: 'authCallback', skew: 0, connection: 'none' } as const;

export const PROFILES: readonly Profile[] = [
  { ...plain, name: 'new tokens', couldTell: true },
  { ...plain, name: 'clock an hour ahead', skew: 60, couldTell: true },
  { ...plain, name: 'clock 20 min behind', skew: -20, couldTell: true },
  { ...plain, name: 'a cache', source: 'cached', couldTell: true },
  { ...plain, name: 'a cache, clock 20 min ahead', source: 'cached', skew: 20, couldTell: false },
  {
    ...plain,
    name: 'a cache by authUrl, 20 min ahead',
    source: 'cached',
    by: 'authUrl',
    skew: 20,
    couldTell: true,
  },
  { ...plain, name: 'exp alone', source: 'JWT with exp alone', couldTell: true },
  {
    ...plain,
    name: 'exp alone, clock 20 min behind',
    source: 'JWT with exp alone',
    skew: -20,
    couldTell: false,
  },
  {
    ...plain,
    name: 'exp alone by authUrl, 20 min behind',
    source: 'JWT with exp alone',
    by: 'authUrl',
    skew: -20,
    couldTell: true,
  },
  { ...plain, name: 'RealtimeConnection', connection: 'RealtimeConnection', couldTell: true },
  {
    ...plain,
    name: 'RealtimeConnection, a cache',
    connection: 'RealtimeConnection',
    source: 'cached',
    couldTell: true,
  },
  { ...plain, name: 'ablyJs', connection: 'ablyJs', couldTell: true },
  { ...plain, name: 'ablyJs, a cache', connection: 'ablyJs', source: 'cached', couldTell: true },
];

/** A device with a clock of its own, a service with the right one, and a source between them. */
class World {
  readonly device = new Scenario();
  readonly service: Sandbox;
  readonly key: string;
  readonly issuer: Auth;
  readonly ends = new Map<string, { readonly at: number; readonly user: string }>();
  readonly profile: Profile;
  slept = 0;
  user = 'user-1';
  isDown = false;
  calls = 0;
  issued = 0;
  #kept:
    | { readonly user: string; readonly answer: TokenDetails | string; readonly until: number }
    | undefined;

  constructor(profile: Profile) {
    this.profile = profile;
    const { clock } = this.device;
    this.device.skewBy(START + profile.skew * MINUTE - clock.now());
    const right = {
      now: () => this.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: clock.setTimeout.bind(clock),
      clearTimeout: clock.clearTimeout.bind(clock),
    };
    this.service = createSandbox({ clock: right });
    this.key = this.service.createApp().keys[0]?.keyStr ?? '';
    this.issuer = new Auth({ key: this.key, fetch: this.service.fetch, clock: right, logLevel: 'none' });
  }

  /** The right time, in whole ms as a clock shows it. */
  now(): number {
    return Math.floor(START + this.device.clock.monotonic() + this.slept);
  }

  /** Whether a token has expired, by the right time. */
  isDead(token: string): boolean {
    return (this.ends.get(token)?.at ?? Number.POSITIVE_INFINITY) <= this.now();
  }

  async give(): Promise<TokenDetails | string> {
    this.calls += 1;
    await new Promise<void>((resolve) => this.device.clock.setTimeout(resolve, 120));
    if (this.isDown) throw new TypeError('fetch failed');
    const { user } = this;
    const kept = this.#kept;
    const isGood = kept?.user === user && kept.until - this.now() > 5 * MINUTE;
    if (this.profile.source === 'cached' && isGood) return kept.answer;
    this.issued += 1;
    const answer = await this.#issue(user);
    const until = this.now() + HOUR;
    this.ends.set(typeof answer === 'string' ? answer : answer.token, { at: until, user });
    this.#kept = { user, answer, until };
    return answer;
  }

  async #issue(user: string): Promise<TokenDetails | string> {
    if (this.profile.source !== 'JWT with exp alone')
      return await this.issuer.requestToken({ clientId: user, ttl: HOUR });
    const exp = Math.floor((this.now() + HOUR) / SECOND);
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${encoded({ alg: 'HS256' })}.${encoded({ exp, jti: this.issued })}.${encoded(user)}`;
  }

  get means(): ClientOptions {
    const authCallback: AuthCallback = async () => await this.give();
    if (this.profile.by === 'authCallback') return { authCallback };
    const answer = async () => {
      const given = await this.give();
      const headers = { date: new Date(this.now()).toUTCString(), 'content-type': 'text/plain' };
      return typeof given === 'string'
        ? new Response(given, { headers })
        : Response.json(given, { headers: { date: headers.date } });
    };
    return { authUrl: 'https://example.com/token', fetch: answer };
  }

  /** The connection, on the clock of the device. */
  connection(opened: (token: string) => void, random: () => number): ConnectionAdapter | undefined {
    const { clock, environment } = this.device;
    const WebSocket = watched(this.service.WebSocket, opened);
    if (this.profile.connection === 'none') return undefined;
    if (this.profile.connection === 'RealtimeConnection')
      return new RealtimeConnection({
        clock,
        environment,
        random,
        WebSocket,
        fallbackHosts: [],
        logLevel: 'none',
      });
    // The SDK takes clock and sockets from here.
    Object.assign((Ably.Realtime as unknown as { Platform: { Config: object } }).Platform.Config, {
      WebSocket,
      setTimeout: (fn: () => void, ms = 0) => clock.setTimeout(fn, ms),
      clearTimeout: (handle: number) => clock.clearTimeout(handle),
      now: () => clock.now(),
    });
    const options = {
      endpoint: 'localhost',
      fallbackHosts: [],
      tls: false,
      useBinaryProtocol: false,
      logLevel: 0,
    };
    return ablyJs((authCallback) => new Ably.Realtime({ authCallback, ...options }), { clock });
  }
}

/**
 * Runs one client through a week, or less, with failures, cuts of its connection and other users. Meanwhile
 * `Math.random` is seeded too: Ably's SDK, which takes no random port, spreads its tries by it.
 */
export async function clientWeek(profile: Profile, seed: number, lengthMs = WEEK): Promise<ClientWeek> {
  const chance = Math.random;
  Math.random = seededChance(seed);
  try {
    return await seededWeek(profile, seed, lengthMs);
  } finally {
    Math.random = chance;
  }
}

async function seededWeek(profile: Profile, seed: number, lengthMs: number): Promise<ClientWeek> {
  const random = seededChance(seed);
  const between = (least: number, most: number) => Math.round(least + random() * (most - least));
  const world = new World(profile);
  const { device, service } = world;
  const { clock } = device;
  /** The tokens that were current and are not any more. */
  const givenUp = new Set<string>();
  const count = {
    asked: 0,
    dead: 0,
    ofAnother: 0,
    switches: 0,
    transports: 0,
    deadTransports: 0,
    knownDead: 0,
  };
  let connected = 0;
  // Loads what is loaded at first use: that takes real time.
  await world.issuer.requestToken();
  let current: string | undefined;
  const connection = world.connection((token) => {
    count.transports += 1;
    if (world.isDead(token)) count.deadTransports += 1;
    if (givenUp.has(token)) count.knownDead += 1;
  }, random);
  const auth = new Auth({
    ...world.means,
    ...device.options,
    random,
    logLevel: 'none',
    ...(connection === undefined ? {} : { connection }),
  });
  auth.token$.subscribe(({ token }) => {
    if (current !== undefined && current !== token) givenUp.add(current);
    current = token;
  });
  auth.on('expired', () => {
    if (current !== undefined) givenUp.add(current);
  });

  const ask = async () => {
    count.asked += 1;
    const [given] = await Promise.all([
      Promise.race([auth.getToken().catch(() => null), settle().then(() => null)]),
      settle(),
    ]);
    if (connection?.state === 'connected') connected += 1;
    if (given === null) return;
    if (world.isDead(given.token)) count.dead += 1;
    if (world.ends.get(given.token)?.user !== world.user) count.ofAnother += 1;
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= MINUTE) {
      await clock.advance(Math.min(MINUTE, left));
      await ask();
    }
  };
  const outage = async (ms: number) => {
    world.isDown = true;
    if (random() < 0.5) service.cutConnections();
    await pass(ms);
    world.isDown = false;
  };
  const offline = async (ms: number) => {
    device.goOffline();
    world.isDown = true;
    service.setFault({ connect: 'refuse' });
    service.cutConnections();
    await pass(ms);
    world.isDown = false;
    service.setFault(null);
    await device.goOnline();
  };
  const sleep = async (ms: number) => {
    service.cutConnections();
    world.slept += ms;
    await device.sleepFor(ms, random() < 0.5);
  };
  const changeUser = async () => {
    count.switches += 1;
    await auth.forget();
    world.user = `user-${count.switches + 1}`;
    const again = auth.authorize().catch(() => null);
    await clock.advance(SECOND);
    await again;
  };

  while (world.now() - START < lengthMs) {
    await pass(between(10 * MINUTE, 4 * HOUR));
    const kind = random();
    if (kind < 0.2) await outage(between(MINUTE, 10 * MINUTE));
    else if (kind < 0.3) await outage(between(30 * MINUTE, 3 * HOUR));
    else if (kind < 0.45) await offline(between(MINUTE, HOUR));
    else if (kind < 0.7) await sleep(between(MINUTE, 8 * HOUR));
    else if (kind < 0.9) service.cutConnections();
    else await changeUser();
  }
  auth.dispose();
  world.issuer.dispose();
  if (connection !== undefined && 'client' in connection) (connection.client as Ably.Realtime).close();
  await clock.advance(0);
  await service.dispose();
  const { dead, knownDead, ofAnother } = count;
  const misses = [
    ...(profile.couldTell && dead > 0 ? (['dead'] as const) : []),
    ...(knownDead > 0 ? (['knownDead'] as const) : []),
    ...(ofAnother > 0 ? (['ofAnother'] as const) : []),
  ];
  return { ...profile, seed, ...count, sourceCalls: world.calls, issued: world.issued, connected, misses };
}
