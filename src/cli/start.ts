import { parseArgs } from 'node:util';
import { serveAttached } from './attach.js';
import { endWithReader } from './broken-pipe.js';
import { runCheck } from './check.js';
import { paintFor } from './colour.js';
import { usual } from './demo-client.js';
import { exitCodeOf, faultText, Misuse } from './failure.js';
import { portFrom } from './port.js';
import { serveStudio } from './serve.js';
import { placeLines } from './service-place.js';

const DEFAULT_PORT = 4820;

const USAGE = `Usage: npm start [-- --check | --attach | --help]

Starts an embedded Ably-compatible service, a client, and the studio page that shows the client,
on 127.0.0.1. The port is 4820, or PORT; 0 means any free port.

  --check   runs authorize, connect, renew, upgrade, refusal and recovery once without the page,
            prints the observed values as JSON, and exits with 0 only if every step succeeds
  --attach  serves only the page, for a client in your own program: prints the line to add there
  --help    prints this text
`;

const paint = paintFor(process.stdout, process.env);
const paintError = paintFor(process.stderr, process.env);

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const complain = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** Runs the command. @returns the exit code; null: the program continues to run */
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
    if (check && attach) return '--check and --attach must not be used together';
    return { help, check, attach };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function serve(): Promise<number | null> {
  const studio = await onPort((port) => serveStudio({ port, ...usual, print: say, paint }));
  if (typeof studio === 'number') return studio;
  say(`Latchkey studio: ${paint('strong', studio.url)}`);
  for (const line of placeLines(studio.demo.place())) say(line);
  say('Press Ctrl+C to stop.\n');
  await studio.recorder.perform('authorize');
  return null;
}

async function attach(): Promise<number | null> {
  const studio = await onPort((port) => serveAttached({ port, print: say, paint }));
  if (typeof studio === 'number') return studio;
  say('Press Ctrl+C to stop.\n');
  return null;
}

/** Starts a server that a signal stops. @returns the server, or the exit code if it cannot start */
async function onPort<T extends { close(): Promise<void> }>(
  start: (port: number) => Promise<T>,
): Promise<T | number> {
  // An empty variable counts as absent.
  const port = portFrom(process.env.PORT || String(DEFAULT_PORT), 0, 'PORT');
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

function whyNot(error: unknown, port: number): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use: free it, or set PORT to another port (PORT=0 takes any free port).`;
  if (code === 'EACCES')
    return `Port ${port} is not allowed for this user: set PORT to a port above 1023 (PORT=0 takes any free port).`;
  return `The studio page could not be served: ${error instanceof Error ? error.message : String(error)}`;
}

const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

for (const output of [process.stdout, process.stderr]) endWithReader(output, () => process.exit());

main(process.argv.slice(2)).then(
  (code) => {
    if (code !== null) process.exitCode = code;
  },
  (error: unknown) => {
    complain(error instanceof Misuse ? faultText(error, false, paintError) : textOf(error));
    process.exitCode = exitCodeOf(error);
  },
);
