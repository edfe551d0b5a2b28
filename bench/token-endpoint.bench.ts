import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { type Measure, median, quartiles } from './measure.js';

type Contender = 'bare' | 'latchkey' | 'jwt' | 'ably';

const SERVER = fileURLToPath(new URL('token-endpoint-server.ts', import.meta.url));
const CONNECTIONS = 16;
const ROUNDS = 8;
/** Seconds; the load generator counts whole seconds. */
const TURN_S = 1;
/** The query of a client, with a lifetime to compare. */
const QUERY = 'clientId=ada&ttl=600000';

/** The order goes there and back, so that other load affects all contenders. */
const turns: readonly Contender[] = ['bare', 'latchkey', 'ably', 'jwt', 'jwt', 'ably', 'latchkey', 'bare'];

/** Each server in its own process, one load generator for all, and a signature for each answer. */
export async function tokenEndpoints(): Promise<Measure[]> {
  const server = spawn(process.execPath, ['--import', 'tsx', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const ports = JSON.parse(line.toString()) as Record<Contender, number>;
    const address = (who: Contender) => `http://127.0.0.1:${ports[who]}/token?${QUERY}`;
    await mustSign(address('latchkey'), address('ably'));
    for (const who of new Set(turns)) await rateOf(address(who));
    const rounds: Map<Contender, number>[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const rates = new Map<Contender, number>();
      for (const who of turns) rates.set(who, (rates.get(who) ?? 0) + (await rateOf(address(who))) / 2);
      rounds.push(rates);
    }
    return [
      measureOf('token endpoint', rounds, ['latchkey', 'bare'], 'bare node:http, 300 fixed bytes', 0.5),
      measureOf('token endpoint', rounds, ['latchkey', 'ably'], 'ably createTokenRequest', 1),
      measureOf('token endpoint, JWT', rounds, ['jwt', 'bare'], 'bare node:http, 300 fixed bytes', 0.45),
    ];
  } finally {
    server.kill();
  }
}

function measureOf(
  name: string,
  rounds: readonly Map<Contender, number>[],
  [ours, theirs]: readonly [Contender, Contender],
  against: string,
  target: number | null,
): Measure {
  const rates = (who: Contender) => rounds.map((round) => round.get(who) ?? Number.NaN);
  const ratios = rates(ours).map((rate, index) => rate / (rates(theirs)[index] ?? Number.NaN));
  return {
    name,
    unit: 'calls/s',
    latchkey: median(rates(ours)),
    against,
    other: median(rates(theirs)),
    ratio: median(ratios),
    spread: quartiles(ratios),
    target,
    note:
      theirs === 'ably'
        ? 'on the same listener, without a check of what is granted'
        : `signed on every hit; ${CONNECTIONS} connections, servers in one process, autocannon in another`,
  };
}

async function rateOf(url: string): Promise<number> {
  const { requests, duration, non2xx, errors } = await autocannon({
    url,
    duration: TURN_S,
    connections: CONNECTIONS,
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests failed`);
  return requests.total / duration;
}

/** Both must sign correctly: otherwise the comparison would mean nothing. */
async function mustSign(one: string, other: string): Promise<void> {
  const [a, b] = await Promise.all([one, other].map(async (url) => (await fetch(url)).json()));
  for (const name of ['keyName', 'clientId', 'ttl', 'capability'] as const) {
    const [ours, theirs] = [a, b].map((body) => (body as Record<string, unknown>)[name]);
    if (ours !== theirs) throw new Error(`the two sign different requests: ${name} is ${ours}, ${theirs}`);
  }
}
