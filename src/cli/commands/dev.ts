import type { Command } from 'commander';
import { serveAttached } from '../attach.js';
import { runCheck } from '../check.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { type StudioDemo, serveStudio } from '../serve.js';

interface DevFlags {
  readonly port: string;
  readonly check?: boolean;
  readonly attach?: boolean;
  readonly json?: boolean;
}

/** Short enough to see a renewal soon, and under 30 s: it is the client that plans it. */
const TTL_MS = 25_000;
const LATENCY_MS = 700;

export function addDev(program: Command, io: Io, end: (code: ExitCode) => void): void {
  program
    .command('dev')
    .description('start an Ably-compatible service, a client of it, and the page that shows the client')
    .option('--port <port>', 'where the page is; 0 for any free port', '4820')
    .option('--check', 'go the whole way once without the page, and print what was observed as JSON')
    .option('--attach', 'serve the page alone, for a client in a program of yours')
    .option('--json', 'print the address as JSON, or both of them with --attach, and nothing else')
    .action(async ({ port, check, attach, json = false }: DevFlags) => {
      if (check) {
        const report = await runCheck();
        io.out(JSON.stringify(report, null, json ? undefined : 2));
        if (!report.ok) end(exitCodes.failed);
        return;
      }
      if (attach) {
        const print = json ? () => {} : io.out;
        const page = await onPort(portFrom(port), (free) => serveAttached({ port: free, print }));
        if (json) io.out(JSON.stringify({ url: page.pageAddress(), attach: page.attachAddress() }));
        await stopped(io);
        await page.close();
        return;
      }
      const studio = await serve(portFrom(port), json ? () => {} : (line) => io.out(line));
      io.out(
        json
          ? JSON.stringify({ url: studio.url })
          : `Latchkey studio: ${studio.url}\nPress Ctrl+C to stop.\n`,
      );
      await studio.recorder.perform('authorize');
      await stopped(io);
      await studio.close();
    });
}

function portFrom(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Misuse(`there is no port ${JSON.stringify(text)}`, 'Give a whole number from 0 to 65535.');
}

const stopped = ({ signal }: Io): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

const serve = (port: number, print: (line: string) => void): Promise<StudioDemo> =>
  onPort(port, (free) => serveStudio({ port: free, ttlMs: TTL_MS, latencyMs: LATENCY_MS, print }));

async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (fault) {
    const code = (fault as { code?: unknown } | null)?.code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw fault;
    const why = code === 'EACCES' ? 'may not be used by this user' : 'is taken';
    throw new Misuse(`port ${port} ${why}`, 'Give another one: --port 0 takes any that is free.');
  }
}
