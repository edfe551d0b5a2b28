import type { Command } from 'commander';
import { spanText } from '../../client/duration-text.js';
import { RealtimeConnection } from '../../connection/index.js';
import { Auth, type AuthEventName, type ErrorInfo } from '../../index.js';
import { shownAddress } from '../../log/shown-address.js';
import { describedEvents, type Payload, wordsFor } from '../../studio/words.js';
import { plain } from '../colour.js';
import { durationMs } from '../duration.js';
import { CommandFailure, type ExitCode, exitCodes } from '../failure.js';
import type { Io } from '../io.js';
import { lineFor, reachLines } from '../print.js';
import { type Reach, reachOf } from '../reach.js';
import { SeenRequests } from '../seen-requests.js';
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

/**
 * Runs the client.
 *
 * @returns false if the client stopped trying before the time was over
 * @throws {CommandFailure} if the time is over, and there never was a token
 */
async function watch(authUrl: string, flags: WatchFlags, io: Io): Promise<boolean> {
  const { clientId, header, param, cacheParam, for: time, json = false } = flags;
  const { clock } = io;
  const ms = time === undefined ? undefined : durationMs('--for', time);
  const seen = new SeenRequests(io.fetch, clock, `latchkey doctor ${shownAddress(authUrl)}`);
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
    fetch: seen.fetch,
    connection,
    // The events are printed below.
    logLevel: 'none',
    ...service,
    ...(clientId === undefined ? {} : { clientId }),
  });
  const whys = new Whys(seen, connection);
  for (const name of describedEvents) print(auth, name, whys, io, json);
  let hadToken = false;
  auth.on('authorized', () => {
    hadToken = true;
  });
  try {
    return await new Promise((resolve, reject) => {
      const overMs = ms ?? 0;
      if (ms !== undefined)
        clock.setTimeout(() => (hadToken ? resolve(true) : reject(noToken(overMs, whys))), ms);
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

function noToken(ms: number, whys: Whys): CommandFailure {
  const why = whys.atTheEnd();
  const message = `there was no token within ${spanText(ms)}`;
  if (why === undefined)
    return new CommandFailure(
      message,
      'Wait longer with --for, and examine the endpoint with latchkey doctor.',
    );
  return new CommandFailure(`${message}: ${why.observed}`, why.remedy);
}

function hostsOf({ endpoint, port, tlsPort, tls }: ReturnType<typeof serviceOptions>) {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(port === undefined ? {} : { port }),
    ...(tlsPort === undefined ? {} : { tlsPort }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Where and why the client fails. */
class Whys {
  readonly #seen: SeenRequests;
  readonly #connection: RealtimeConnection;
  /** The last failure of the connection. */
  #lost: Reach | undefined;
  /** The failure behind the last event. */
  #last: Reach | undefined;
  #shown = '';

  constructor(seen: SeenRequests, connection: RealtimeConnection) {
    this.#seen = seen;
    this.#connection = connection;
  }

  /** The failure behind an event, unless it was shown before. */
  newFor(name: AuthEventName, payload: unknown): Reach | undefined {
    if (name === 'authorized' || name === 'renewed') this.#shown = '';
    const why = this.#behind(name, payload);
    if (why === undefined) return undefined;
    this.#last = why;
    // The same failure may have another code each time.
    const shown = why.observed.replace(/ \([A-Z_]+\)$/, '');
    if (shown === this.#shown) return undefined;
    this.#shown = shown;
    return why;
  }

  /** Why there is no token. */
  atTheEnd(): Reach | undefined {
    return this.#seen.failure() ?? this.#lost ?? this.#last;
  }

  #behind(name: AuthEventName, payload: unknown): Reach | undefined {
    const { error, reason, state } = Object(payload) as {
      readonly error?: ErrorInfo | undefined;
      readonly reason?: ErrorInfo | undefined;
      readonly state?: unknown;
    };
    if (name === 'connection.changed') {
      if (state === 'connected') this.#lost = undefined;
      if (typeof reason !== 'object') return undefined;
      this.#lost = this.#ofConnection(reason);
      return this.#lost;
    }
    if (error === undefined || !/failed|signin/.test(name)) return undefined;
    if (name === 'connection.fail') return undefined;
    // A token that came was refused later, perhaps by the connection.
    return this.#seen.failure(error) ?? this.#lost;
  }

  #ofConnection(reason: ErrorInfo): Reach {
    const { address } = this.#connection;
    if (reason.origin === 'server')
      return {
        observed: `${address} answers: ${reason.message} (${reason.code})`,
        remedy: reason.remediation ?? 'Check that the token is for this service.',
      };
    return reachOf(reason, address);
  }
}

function print<Name extends AuthEventName>(
  auth: Auth,
  name: Name,
  whys: Whys,
  { out, clock, paint = plain }: Io,
  isJson: boolean,
): void {
  const listener = (payload: Payload<Name>) => {
    const why = whys.newFor(name, payload);
    const words = wordsFor(name, payload);
    if (words === null) return;
    const at = clock.now();
    if (isJson) out(shownJson({ at, event: name, ...words, ...(why && { why }) }));
    else for (const line of [lineFor(at, words, paint), ...reachLines(why, paint)]) out(line);
  };
  auth.on(name, listener as never);
}
