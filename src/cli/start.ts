import { parseArgs } from 'node:util';
import { serveAttached } from './attach.js';
import { endWithReader } from './broken-pipe.js';
import { runCheck } from './check.js';
import { serveStudio } from './serve.js';

const DEFAULT_PORT = 4820;

/** Short enough to see a renewal soon, and under 30 s: it is the client that plans it, not the service that asks. */
const TTL_MS = 25_000;
const LATENCY_MS = 700;

const USAGE = `Usage: npm start [-- --check | --attach | --help]

Starts an embedded Ably-compatible service, a client of it, and the studio page that shows the client,
on 127.0.0.1. The port is 4820, or PORT; 0 is any free one.

  --check   runs authorize, connect, renew, upgrade, refusal and recovery once without the page,
            prints what was observed as JSON, and exits 0 only if all of it happened
  --attach  serves the page alone, for a client in a program of yours: prints the line to write there
  --help    prints this
`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** @returns the exit code; null: it goes on running */
async function main(args: readonly string[]): Promise<number | null> {
  const flags = readFlags(args);
  if (typeof flags === 'string') {
    complain(`${flags}\n\n${USAGE}`);
    return 2;
  }
  if (flags.help) {
    say(USAGE);
    return 0;
  }
  if (flags.check) {
    const report = await runCheck();
    say(JSON.stringify(report, null, 2));
    return report.ok ? 0 : 1;
  }
  return flags.attach ? await attach() : await serve();
}

function readFlags(args: readonly string[]): Record<'help' | 'check' | 'attach', boolean> | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean' }, check: { type: 'boolean' }, attach: { type: 'boolean' } },
      strict: true,
    });
    const { help = false, check = false, attach = false } = values;
    return { help, check, attach };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function serve(): Promise<number | null> {
  const studio = await onPort((port) =>
    serveStudio({ port, ttlMs: TTL_MS, latencyMs: LATENCY_MS, print: say }),
  );
  if (typeof studio === 'number') return studio;
  say(`Latchkey studio: ${studio.url}`);
  say('Press Ctrl+C to stop.\n');
  await studio.recorder.perform('authorize');
  return null;
}

async function attach(): Promise<number | null> {
  const studio = await onPort((port) => serveAttached({ port, print: say }));
  if (typeof studio === 'number') return studio;
  say('Press Ctrl+C to stop.\n');
  return null;
}

/** Starts something that is ended by a signal. @returns it, or the exit code where it cannot be had */
async function onPort<T extends { close(): Promise<void> }>(
  start: (port: number) => Promise<T>,
): Promise<T | number> {
  const port = readPort(process.env.PORT);
  if (port === null) {
    complain('PORT is not a port: give a whole number from 0 to 65535, where 0 is any free one.');
    return 2;
  }
  try {
    const started = await start(port);
    const stop = () => {
      started.close().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    return started;
  } catch (error) {
    complain(whyNot(error, port));
    return 1;
  }
}

function readPort(text: string | undefined): number | null {
  if (text === undefined || text === '') return DEFAULT_PORT;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

function whyNot(error: unknown, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: free it, or set PORT to another one (PORT=0 takes any free one).`;
  if (code === 'EACCES')
    return `Port ${port} may not be used by this user: set PORT to one above 1023 (PORT=0 takes any free one).`;
  return `The studio page could not be served: ${error instanceof Error ? error.message : String(error)}`;
}

for (const output of [process.stdout, process.stderr]) endWithReader(output, () => process.exit());

main(process.argv.slice(2)).then(
  (code) => {
    if (code !== null) process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 1;
  },
);
