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

/**
 * The lifetime of tokens, ms: short enough to see a renewal soon, and under 30 s, so that the client renews
 * before the service asks.
 */
const TTL_MS = 25_000;
const LATENCY_MS = 700;

export function addDev(program: Command, io: Io, end: (code: ExitCode) => void): void {
  program
    .command('dev')
    .description('start an Ably-compatible service, a client, and a page that shows the client')
    .option('--port <port>', 'the port of the page; 0 for any free port', '4820')
    .option('--check', 'run all steps once without the page, and print the observed values as JSON')
    .option('--attach', 'serve only the page, for a client in your own program')
    .option('--json', 'print only the address as JSON; with --attach both addresses')
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
  throw new Misuse(
    `--port must be a port number; got ${JSON.stringify(text)}`,
    'Use a whole number from 0 to 65535.',
  );
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
    const why = code === 'EACCES' ? 'is not allowed for this user' : 'is in use';
    throw new Misuse(`port ${port} ${why}`, 'Use another one: --port 0 takes any free port.');
  }
}
