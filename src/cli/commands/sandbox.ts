import type { Command } from 'commander';
import { createSandbox } from '../../sandbox/index.js';
import type { Io } from '../io.js';
import { portFrom } from '../port.js';
import { placeLines } from '../service-place.js';
import { onPort, stopped } from './serving.js';

interface SandboxFlags {
  readonly port: string;
  readonly mau?: boolean;
  readonly json?: boolean;
}

export function addSandbox(program: Command, io: Io): void {
  program
    .command('sandbox')
    .description('start an Ably-compatible service, and print its address and a key, for your own app')
    .option('--port <port>', 'the port of the service; 0 for any free port', '4821')
    .option('--mau', 'as an account that is billed by monthly active users')
    .option('--json', 'print the address and the key as JSON')
    .action(async ({ port, mau = false, json = false }: SandboxFlags) => {
      const sandbox = createSandbox({ clock: io.clock, pricing: mau ? 'mau' : 'per-minute' });
      const service = await onPort(portFrom(port, 0), (free) => sandbox.listen({ port: free }));
      const { key } = sandbox.createApp({ keys: [{ revocableTokens: true }] });
      const place = { endpoint: service.host, port: service.port, tls: false, key } as const;
      io.out(json ? JSON.stringify(place) : [...placeLines(place), 'Press Ctrl+C to stop.'].join('\n'));
      await stopped(io);
      await sandbox.dispose();
    });
}
