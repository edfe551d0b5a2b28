import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Encryption } from '../../src/sharing/redis/encryption.js';
import { placeOf } from '../../src/sharing/redis/redis-store.js';
import { numberOf } from './counting-source.js';
import type { RedisServer } from './redis-server.js';

interface Write {
  readonly name: string;
  readonly epoch: number;
  readonly encrypted: string;
}

/** Sees each write that a Redis accepts, in the order of the store, and what was written. */
export class StoreWatch {
  readonly #encryption: Encryption;
  readonly #writes: Write[] = [];
  #close = () => {};

  constructor(secret: string) {
    this.#encryption = new Encryption(secret);
  }

  /** Starts a Redis without a port, watches it, and opens the port: no member comes before. */
  async open(server: RedisServer): Promise<void> {
    await server.run(0);
    const [monitor, admin] = [connect(server.path), connect(server.path)];
    this.#close = () => {
      for (const socket of [monitor, admin]) socket.destroy();
    };
    for (const socket of [monitor, admin]) socket.setEncoding('latin1').on('error', () => {});
    await answerTo(monitor, 'MONITOR');
    let rest = '';
    monitor.on('data', (text: string) => {
      const lines = (rest + text).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#note(line);
    });
    await answerTo(admin, `CONFIG SET port ${server.port}`);
    admin.destroy();
  }

  /** A script of ours writes with one command. The lines of all others are many, so they are not taken apart. */
  #note(line: string): void {
    const [, name = '', epoch = '', encrypted = ''] =
      /^\S+ \[0 lua\] "SET" "[^"]*\{(\w+)\}:value" "(\d+) \d+ ([^"]*)"/.exec(line.slice(0, 20_000)) ?? [];
    if (name !== '') this.#writes.push({ name, epoch: Number(epoch), encrypted });
  }

  close(): void {
    this.#close();
  }

  /** @returns the accepted writes since the last time, and how many of them replaced a newer token */
  async take(): Promise<{ readonly accepted: number; readonly late: number }> {
    const latest = new Map<string, number>();
    const writes = this.#writes.splice(0);
    let late = 0;
    for (const { name, epoch, encrypted } of writes) {
      const value = (await this.#encryption.decrypt(encrypted, placeOf(name, epoch))) ?? '';
      const number = numberOf(JSON.parse(value).details.token);
      if (!(number > (latest.get(name) ?? 0))) late += 1;
      else latest.set(name, number);
    }
    return { accepted: writes.length, late };
  }
}

async function answerTo(socket: Socket, command: string): Promise<void> {
  socket.write(`${command}\r\n`);
  const [answer] = await once(socket, 'data');
  if (!String(answer).startsWith('+OK')) throw new Error(`Redis answered ${command} with ${answer}`);
}
