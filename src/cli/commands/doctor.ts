import type { Command } from 'commander';
import { examine, type Report } from '../doctor/examine.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { shown, shownJson } from '../terminal-text.js';
import { gathered, httpUrl, pairs } from '../words.js';

interface DoctorFlags {
  readonly origin?: string;
  readonly clientId?: string;
  readonly method: string;
  readonly header?: readonly string[];
  readonly param?: readonly string[];
  readonly cacheParam: boolean;
  readonly mau?: string | true;
  readonly json?: boolean;
}

/** The time limit for an answer, the same as a client's, ms. */
const TIMEOUT_MS = 10_000;

export function addDoctor(program: Command, io: Io, end: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .description('request tokens from an endpoint as a client does, and print what is wrong with it')
    .argument('<authUrl>', 'the address of the endpoint')
    .option(
      '--origin <origin>',
      'send requests as a browser from this origin, such as https://app.example.com',
    )
    .option('--client-id <id>', 'the clientId of the client')
    .option('--method <method>', 'GET or POST', 'GET')
    .option('--header <name:value>', 'send this header, such as a cookie', gathered)
    .option('--param <name=value>', 'send this parameter', gathered)
    .option('--no-cache-param', 'omit the parameter that prevents caching, as authCacheParam: false does')
    .option(
      '--mau [type]',
      'report what an account that is billed by monthly active users would refuse, of a device or a server',
    )
    .option('--json', 'print the report as JSON')
    .action(async (authUrl: string, flags: DoctorFlags) => {
      const { origin, clientId, method, header, param, cacheParam, mau, json } = flags;
      const report = await examine(
        {
          url: httpUrl('the authUrl', authUrl),
          method: methodFrom(method),
          origin: origin === undefined ? undefined : new URL(httpUrl('--origin', origin)).origin,
          headers: pairs('--header', ':', header),
          params: pairs('--param', '=', param),
          ...(cacheParam ? {} : { authCacheParam: false }),
          clientId,
          mau: clientTypeFrom(mau),
        },
        { fetch: io.fetch, clock: io.clock, timeoutMs: TIMEOUT_MS },
      );
      io.out(json ? shownJson(report) : textOf(report));
      if (!report.ok) end(exitCodes.found);
    });
}

function clientTypeFrom(given: string | true | undefined): 'device' | 'server' | undefined {
  if (given === undefined || given === 'device' || given === 'server') return given;
  if (given === true) return 'device';
  throw new Misuse(
    `--mau must be device or server; got ${given}`,
    'Use --mau alone for devices, or --mau server, after the address.',
  );
}

function methodFrom(text: string): 'GET' | 'POST' {
  const method = text.toUpperCase();
  if (method === 'GET' || method === 'POST') return method;
  throw new Misuse(`--method must be GET or POST; got ${text}`, 'Use --method GET or --method POST.');
}

const marks = { ok: 'ok  ', warning: 'warn', problem: 'FAIL' };

function textOf({ url, checks }: Report): string {
  const width = Math.max(...checks.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 8);
  const lines = checks.flatMap(({ check, level, observed, remedy, error }) => [
    `${marks[level]}  ${check.padEnd(width)}  ${shown(observed)}`,
    ...(remedy === undefined ? [] : [`${indent}→ ${shown(remedy)}`]),
    ...(error === undefined
      ? []
      : [`${indent}  clients: ${error.code}/${error.statusCode} ${shown(error.message)}`]),
  ]);
  const count = (level: string) => checks.filter((one) => one.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  return [
    url,
    ...lines,
    `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}`,
  ].join('\n');
}
