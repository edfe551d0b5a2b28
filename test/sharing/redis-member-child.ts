import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { systemClock } from '../../src/clock.js';
import { Auth, isErrorInfo } from '../../src/index.js';
import { type RedisClient, redisSharing } from '../../src/sharing/redis/index.js';
import type { Call, Command, Place, Report, Start } from './redis-fleet.js';

/** A process of the fleet: clients that share over one connection to Redis, and write down each call. */
const place = JSON.parse(process.argv[2] ?? '') as Place;
const report = (told: Report) => process.send?.(told);

async function connect(): Promise<RedisClient> {
  if (place.id % 2 === 1) {
    const client = new Redis(place.redisPort, '127.0.0.1', { retryStrategy: () => 100 });
    client.on('error', () => {});
    await client.ping();
    return client;
  }
  const url = `redis://127.0.0.1:${place.redisPort}`;
  const client = createClient({ url, socket: { reconnectStrategy: 100 } });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const redis = await connect();
let members: Auth[] = [];
let calls: Call[] = [];
let pending = new Set<Promise<void>>();
let timers: NodeJS.Timeout[] = [];

function start({ session, clockAheadMs, deadlineMs, left, everyMs }: Start): void {
  calls = [];
  pending = new Set();
  const sharing = redisSharing(redis, { session: () => session, secret: place.secret });
  members = Array.from({ length: place.members }, (_one, index) => {
    const member = `${place.id}.${index}`;
    const auth = new Auth({
      authUrl: place.url,
      authHeaders: { 'x-member': member },
      sharing,
      realtimeRequestTimeout: deadlineMs,
      // Early, so that a busy machine is in time.
      renewal: { share: left, jitter: 0.1, spread: 0.5 },
      clock: { ...systemClock, now: () => systemClock.now() + clockAheadMs },
      logLevel: 'none',
    });
    auth.token$.subscribe();
    let since: number | undefined;
    auth.state$.subscribe(({ value }) => {
      if (value === 'renewing') since ??= performance.now();
      else if (since !== undefined) {
        note(member, 'renewal', since, value);
        since = undefined;
      }
    });
    const ask = () => {
      const call = askOne(auth, member).finally(() => pending.delete(call));
      pending.add(call);
    };
    ask();
    timers.push(setInterval(ask, everyMs));
    return auth;
  });
}

function note(member: string, call: Call['call'], since: number, outcome: string): void {
  const waitMs = Math.round(performance.now() - since);
  calls.push({ member, call, at: Date.now() - waitMs, waitMs, outcome });
}

async function askOne(auth: Auth, member: string): Promise<void> {
  const since = performance.now();
  const outcome = await auth.getToken().then(
    ({ token }) => token,
    (error) => (isErrorInfo(error) ? `error ${error.code}` : String(error)),
  );
  note(member, 'getToken', since, outcome);
}

async function stop(graceMs: number): Promise<void> {
  for (const timer of timers) clearInterval(timer);
  timers = [];
  const isOver = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
  await Promise.race([Promise.all(pending), isOver]);
  const unsettled = pending.size;
  for (const auth of members) auth.dispose();
  report({ type: 'stopped', calls, unsettled });
}

process.on('message', (command: Command) => {
  if (command.type === 'start') start(command.start);
  else if (command.type === 'stop') stop(command.graceMs);
});
process.once('disconnect', () => process.exit());
report({ type: 'ready' });
