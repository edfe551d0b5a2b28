import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LoadClient } from './client.js';
import type { Command, Report } from './server.js';

/** The time within which all connections must be re-authenticated, ms. */
const TARGET_MS = 10_000;

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '2000' }, json: { type: 'boolean', default: false } },
});
const count = Number(values.connections);
if (!Number.isInteger(count) || count < 1) {
  console.error('--connections takes how many there shall be, such as 2000');
  process.exit(2);
}

const server = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), {
  execArgv: ['--expose-gc', '--conditions=latchkey-source', '--import', 'tsx'],
});
const order = (command: Command) => server.send(command);
const report = async <T extends Report['type']>(type: T): Promise<Extract<Report, { readonly type: T }>> => {
  for (;;) {
    const [told] = (await once(server, 'message')) as [Report];
    if (told.type === type) return told as Extract<Report, { readonly type: T }>;
  }
};
const memory = () => {
  order('memory');
  return report('memory');
};

const place = await report('ready');
const before = await memory();

const clients = Array.from({ length: count }, (_one, index) => new LoadClient(place, `client-${index}`));
const connectingSince = performance.now();
await Promise.all(clients.map((client) => client.connect()));
const connectMs = performance.now() - connectingSince;
const connected = await memory();

const all = Promise.all(clients.map((client) => client.nextConnected()));
const askedAt = performance.now();
order('ask');
await all;
const reauthMs = performance.now() - askedAt;
const after = await memory();

for (const client of clients) client.close();
order('end');
await once(server, 'exit');

const mebibytes = (bytes: number) => Math.round((bytes / 2 ** 20) * 10) / 10;
const figures = {
  node: process.version,
  cores: cpus().length,
  connections: after.connections,
  connectMs: Math.round(connectMs),
  reauthenticateMs: Math.round(reauthMs),
  targetMs: TARGET_MS,
  serverRssMiB: {
    before: mebibytes(before.rss),
    connected: mebibytes(connected.rss),
    after: mebibytes(after.rss),
  },
  heapBytesPerConnection: Math.round((after.heap - before.heap) / count),
};
if (values.json) console.log(JSON.stringify(figures));
else {
  console.log(`${after.connections} live connections to one sandbox, in a process of its own`);
  console.log(`connected, each with a token of its own       ${figures.connectMs} ms`);
  console.log(
    `asked, and all re-authenticated               ${figures.reauthenticateMs} ms (at most ${TARGET_MS})`,
  );
  console.log(
    `memory of the service                         ${figures.serverRssMiB.after} MiB (${figures.serverRssMiB.before} before)`,
  );
  console.log(`heap for one connection and its two tokens    ${figures.heapBytesPerConnection} bytes`);
  console.log(`Node ${figures.node}, ${figures.cores} cores, clients and service on the same machine`);
}
if (after.connections !== count || reauthMs > TARGET_MS) process.exitCode = 1;
