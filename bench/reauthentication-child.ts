import * as Ably from 'ably';
import { Auth } from 'latchkey';
import { RealtimeConnection } from 'latchkey/connection';
import { createSandbox, type Listening } from 'latchkey/sandbox';

export type Peer = 'latchkey' | 'ably';

export interface Reauthentication {
  /** From the first client to the last connection, ms. */
  readonly connectMs: number;
  /** From the server's request to the last re-authentication, ms. */
  readonly reauthenticateMs: number;
  /** The processor's time for the same. Other programs do not change it much. */
  readonly connectCpuMs: number;
  readonly reauthenticateCpuMs: number;
  /** The memory of both ends of a connection and of its client, on and off the heap. */
  readonly bytesPerConnection: number;
  /** How many connections kept their id. */
  readonly sameIds: number;
  /** How many transports were lost. */
  readonly dropped: number;
}

/** A client and its connection. */
interface Client {
  readonly connected: Promise<void>;
  id(): string | null | undefined;
  close(): void;
}

type Make = (server: Listening, authCallback: () => Promise<string>) => Client;

const makers: Readonly<Record<Peer, Make>> = {
  latchkey({ host, port }, authCallback) {
    const connection = new RealtimeConnection({ endpoint: host, port, tls: false });
    const auth = new Auth({ authCallback, connection });
    return {
      connected: new Promise<void>((resolve) => connection.whenState('connected', () => resolve())),
      id: () => connection.id,
      close: () => {
        auth.dispose();
        connection.dispose();
      },
    };
  },
  ably({ host, port }, authCallback) {
    const client = new Ably.Realtime({
      endpoint: host,
      port,
      tls: false,
      useBinaryProtocol: false,
      logLevel: 0,
      authCallback: (_params, callback) => {
        authCallback().then(
          (token) => callback(null, token),
          (error) => callback(error, null),
        );
      },
    });
    return {
      connected: client.connection.whenState('connected').then(() => {}),
      id: () => client.connection.id,
      close: () => client.close(),
    };
  },
};

/** Prints how the clients of one process perform when the server asks all of them for a token at once. */
async function main(peer: Peer, count: number): Promise<void> {
  const sandbox = createSandbox();
  const server = await sandbox.listen();
  const [key] = sandbox.createApp().keys;
  const issuer = new Auth({ key: key?.keyStr ?? '', fetch: sandbox.fetch });
  const authCallback = async () => (await issuer.requestToken()).token;
  const counts = { reauthenticated: 0, dropped: 0 };
  let done = () => {};
  sandbox.subscribe(({ type }) => {
    if (type === 'dropped') counts.dropped += 1;
    if (type !== 'reauthenticated') return;
    counts.reauthenticated += 1;
    if (counts.reauthenticated === count) done();
  });

  const before = await bytesInUse();
  const start = now();
  const clients = Array.from({ length: count }, () => makers[peer](server, authCallback));
  await Promise.all(clients.map(({ connected }) => connected));
  const connect = since(start);
  const bytesPerConnection = ((await bytesInUse()) - before) / count;

  const ids = clients.map(({ id }) => id());
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const asked = now();
  sandbox.askForReauth();
  await all;
  const reauthenticate = since(asked);
  // The last messages may still be on their way.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const sameIds = clients.filter(({ id }, index) => typeof ids[index] === 'string' && id() === ids[index]);
  const { dropped } = counts;
  const told: Reauthentication = {
    connectMs: connect.ms,
    reauthenticateMs: reauthenticate.ms,
    connectCpuMs: connect.cpuMs,
    reauthenticateCpuMs: reauthenticate.cpuMs,
    bytesPerConnection,
    sameIds: sameIds.length,
    dropped,
  };
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
}

interface Moment {
  readonly ms: number;
  readonly cpuMs: number;
}

function now(): Moment {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1000 };
}

function since(earlier: Moment): Moment {
  const { ms, cpuMs } = now();
  return { ms: ms - earlier.ms, cpuMs: cpuMs - earlier.cpuMs };
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

await main(process.argv[2] as Peer, Number(process.argv[3]));
