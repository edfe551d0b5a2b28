import * as Ably from 'ably';
import { Auth } from 'latchkey';
import { freshToken } from './tokens.js';

export type Population = 'latchkey' | 'latchkey-streams' | 'ably-rest' | 'ably-realtime';

// One callback for all: a function belongs to the application, and one that tsx names takes 300 bytes.
const authCallback = async () => freshToken();
const ablyCallback: Ably.AuthOptions['authCallback'] = (_params, callback) => callback(null, freshToken());

const makers: Readonly<Record<Population, () => Promise<object>>> = {
  latchkey: async () => {
    const auth = new Auth({ authCallback });
    await auth.authorize();
    return auth;
  },
  'latchkey-streams': async () => {
    const auth = (await makers.latchkey()) as Auth;
    const { token$, state$ } = auth;
    // The client keeps its streams. A list of them here would count as part of the client.
    if (token$ !== auth.token$ || state$ !== auth.state$) throw new Error('streams are made anew');
    return auth;
  },
  'ably-rest': async () => {
    const rest = new Ably.Rest({
      logLevel: 0,
      authCallback: ablyCallback,
    });
    await rest.auth.authorize();
    return rest;
  },
  'ably-realtime': async () =>
    new Ably.Realtime({
      logLevel: 0,
      autoConnect: false,
      authCallback: ablyCallback,
    }),
};

/** Prints the bytes for each client of a population, after garbage collection. */
async function main(kind: Population, count: number): Promise<void> {
  const warm = await many(kind, 100);
  const clients: object[] = new Array(count);
  const before = await bytesInUse();
  for (let index = 0; index < count; index += 1) clients[index] = await makers[kind]();
  const after = await bytesInUse();
  if (clients.length !== count || warm.length !== 100) throw new Error('clients were lost');
  process.stdout.write(`${(after - before) / count}\n`, () => process.exit(0));
}

async function many(kind: Population, count: number): Promise<object[]> {
  const made: object[] = [];
  for (let index = 0; index < count; index += 1) made.push(await makers[kind]());
  return made;
}

async function bytesInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  for (let time = 0; time < 4; time += 1) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await main(process.argv[2] as Population, Number(process.argv[3]));
