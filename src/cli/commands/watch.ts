import type { Command } from 'commander';
import { RealtimeConnection } from '../../connection/index.js';
import { Auth, type AuthEventName } from '../../index.js';
import { describedEvents, type Payload, wordsFor } from '../../studio/words.js';
import { durationMs } from '../duration.js';
import { type ExitCode, exitCodes } from '../failure.js';
import type { Io } from '../io.js';
import { lineFor } from '../print.js';
import { type ServiceFlags, serviceOptions, withService } from '../service.js';
import { shownJson } from '../terminal-text.js';
import { gathered, httpUrl, pairs } from '../words.js';

interface WatchFlags extends ServiceFlags {
  readonly clientId?: string;
  readonly header?: readonly string[];
  readonly param?: readonly string[];
  readonly cacheParam: boolean;
  readonly for?: string;
  readonly json?: boolean;
}

export function addWatch(program: Command, io: Io, end: (code: ExitCode) => void): void {
  withService(program.command('watch'))
    .description('run a live client of a token endpoint, and print its events')
    .argument('<authUrl>', 'the address of the endpoint')
    .option('--client-id <id>', 'the clientId of the client')
    .option('--header <name:value>', 'send this header to the endpoint', gathered)
    .option('--param <name=value>', 'send this parameter to the endpoint', gathered)
    .option('--no-cache-param', 'omit the parameter that prevents caching, as authCacheParam: false does')
    .option('--for <time>', 'how long to run, such as 90s or 1h (default: until Ctrl+C)')
    .option('--json', 'print a line of JSON for each event')
    .action(async (authUrl: string, flags: WatchFlags) => {
      const isOver = await watch(httpUrl('the authUrl', authUrl), flags, io);
      if (!isOver) end(exitCodes.failed);
    });
}

/** Runs the client. @returns false if the client stopped trying before the time was over */
async function watch(authUrl: string, flags: WatchFlags, io: Io): Promise<boolean> {
  const { clientId, header, param, cacheParam, for: time, json = false } = flags;
  const { clock, fetch } = io;
  const service = serviceOptions(flags);
  const connection = new RealtimeConnection({
    clock,
    autoConnect: false,
    logLevel: 'none',
    ...hostsOf(service),
  });
  const auth = new Auth({
    authUrl,
    authHeaders: pairs('--header', ':', header),
    authParams: pairs('--param', '=', param),
    ...(cacheParam ? {} : { authCacheParam: false }),
    clock,
    fetch,
    connection,
    // The events are printed below.
    logLevel: 'none',
    ...service,
    ...(clientId === undefined ? {} : { clientId }),
  });
  for (const name of describedEvents) print(auth, name, io, json);
  try {
    return await new Promise((resolve) => {
      if (time !== undefined) clock.setTimeout(() => resolve(true), durationMs('--for', time));
      io.signal.addEventListener('abort', () => resolve(true));
      auth.on('failed', ({ final }) => final && resolve(false));
      // The result is reported as an event.
      auth.authorize().catch(() => {});
    });
  } finally {
    auth.dispose();
    connection.close();
  }
}

function hostsOf({ endpoint, port, tlsPort, tls }: ReturnType<typeof serviceOptions>) {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function print<Name extends AuthEventName>(
  auth: Auth,
  name: Name,
  { out, clock }: Io,
  isJson: boolean,
): void {
  const listener = (payload: Payload<Name>) => {
    const words = wordsFor(name, payload);
    if (words === null) return;
    const at = clock.now();
    out(isJson ? shownJson({ at, event: name, ...words }) : lineFor(at, words));
  };
  auth.on(name, listener as never);
}
