import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { createClient, createCluster } from 'redis';
import * as redis4 from 'redis-4';
import * as redis5 from 'redis-5';
import type { RedisClient } from '../../src/sharing/redis/index.js';
import { RedisServer } from './redis-server.js';

/** A connected client of one of the packages. */
export interface Connected {
  readonly client: RedisClient;
  /** Sends any command. For a cluster, the key decides the server. */
  send(key: string, ...command: string[]): Promise<unknown>;
  close(): Promise<unknown>;
}

interface NodeRedis extends RedisClient {
  connect(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

async function nodeRedis<Client extends NodeRedis>(
  client: Client,
  send: (client: Client, key: string, command: string[]) => Promise<unknown>,
  close: (client: Client) => Promise<unknown>,
): Promise<Connected> {
  client.on('error', () => {});
  await client.connect();
  return { client, send: (key, ...command) => send(client, key, command), close: () => close(client) };
}

interface IoRedis extends RedisClient {
  on(event: 'error', listener: (error: Error) => void): unknown;
  ping(): Promise<unknown>;
  call(command: string, ...given: string[]): Promise<unknown>;
  disconnect(): void;
}

async function ioRedis(client: IoRedis): Promise<Connected> {
  client.on('error', () => {});
  await client.ping();
  return {
    client,
    send: (_key, command = '', ...given) => client.call(command, ...given),
    close: async () => client.disconnect(),
  };
}

/** Each supported client, for one Redis. */
export const clients: Readonly<Record<string, (port: number) => Promise<Connected>>> = {
  'redis 6': (port) =>
    nodeRedis(
      createClient({ url: `redis://127.0.0.1:${port}` }),
      (client, _key, command) => client.sendCommand(command),
      async (client) => client.destroy(),
    ),
  'redis 5': (port) =>
    nodeRedis(
      redis5.createClient({ url: `redis://127.0.0.1:${port}` }),
      (client, _key, command) => client.sendCommand(command),
      async (client) => client.destroy(),
    ),
  'redis 4': (port) =>
    nodeRedis(
      redis4.createClient({ url: `redis://127.0.0.1:${port}` }),
      (client, _key, command) => client.sendCommand(command),
      (client) => client.disconnect(),
    ),
  'ioredis 6': (port) => ioRedis(new Redis(port, '127.0.0.1')),
  'ioredis 5': (port) => ioRedis(new Redis5(port, '127.0.0.1')),
};

/** Each supported client, for a cluster. */
export const clusterClients: typeof clients = {
  'redis 6': (port) =>
    nodeRedis(
      createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] }),
      (client, key, command) => client.sendCommand(key, false, command),
      async (client) => client.destroy(),
    ),
  'redis 5': (port) =>
    nodeRedis(
      redis5.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] }),
      (client, key, command) => client.sendCommand(key, false, command),
      async (client) => client.destroy(),
    ),
  'redis 4': (port) =>
    nodeRedis(
      redis4.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] }),
      (client, key, command) => client.sendCommand(key, false, command),
      (client) => client.disconnect(),
    ),
  'ioredis 6': (port) => ioRedis(new Cluster([{ port, host: '127.0.0.1' }])),
  'ioredis 5': (port) => ioRedis(new Cluster5([{ port, host: '127.0.0.1' }])),
};

/** Two servers, each with half of the slots. */
export async function startCluster(): Promise<readonly RedisServer[]> {
  const servers = [
    await RedisServer.start({ isOfCluster: true }),
    await RedisServer.start({ isOfCluster: true }),
  ];
  const admins = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  const [first, second] = admins as [Redis, Redis];
  await first.call('CLUSTER', 'ADDSLOTSRANGE', 0, 8_191);
  await second.call('CLUSTER', 'ADDSLOTSRANGE', 8_192, 16_383);
  const [, { port = 0, busPort = 0 } = {}] = servers;
  await first.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  for (const admin of admins) {
    while (!String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok')) await sleep(20);
    admin.disconnect();
  }
  return servers;
}
