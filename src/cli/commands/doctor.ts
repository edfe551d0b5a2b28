import type { Command } from 'commander';
import { Auth } from '../../index.js';
import { isOrigin } from '../../server/cors.js';
import { type Paint, plain } from '../colour.js';
import { type Examination, examine, type Report } from '../doctor/examine.js';
import type { Verdict } from '../doctor/verdict.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { type ServiceFlags, serviceOptions, withService } from '../service.js';
import { shown, shownJson } from '../terminal-text.js';
import { gathered, httpUrl, pairs } from '../words.js';

interface DoctorFlags extends ServiceFlags {
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
  withService(program.command('doctor'))
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
      const examination = examinationFrom(authUrl, flags);
      const { clock, fetch } = io;
      // Its only request is for the time of the service, which needs no token.
      const service = new Auth({
        authUrl: examination.url,
        clock,
        fetch,
        logLevel: 'none',
        ...serviceOptions(flags),
      });
      const serviceTime = () => service.time();
      const report = await examine(examination, { fetch, clock, timeoutMs: TIMEOUT_MS, serviceTime }).finally(
        () => service.dispose(),
      );
      io.out(flags.json ? shownJson(report) : textOf(report, io.paint));
      if (!report.ok) end(exitCodes.found);
    });
}

function examinationFrom(authUrl: string, flags: DoctorFlags): Examination {
  const { origin, clientId, method, header, param, cacheParam, mau } = flags;
  const type = clientTypeFrom(mau);
  if (type === 'server' && origin !== undefined) {
    throw new Misuse(
      '--mau server and --origin must not be used together',
      'A page is a device: use --mau with --origin, or --mau server alone.',
    );
  }
  const asked = pairs('--param', '=', param);
  if ('clientId' in asked) throw new Misuse('--param must not be clientId', 'Use --client-id.');
  return {
    url: httpUrl('the authUrl', authUrl),
    method: methodFrom(method),
    origin: origin === undefined ? undefined : originFrom(origin),
    headers: pairs('--header', ':', header),
    params: asked,
    ...(cacheParam ? {} : { authCacheParam: false }),
    clientId,
    mau: type,
  };
}

/** An origin of a web page, or of the page in an app, such as `capacitor://localhost`. */
function originFrom(text: string): string {
  return isOrigin(text) ? text : new URL(httpUrl('--origin', text)).origin;
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

const styles = { ok: 'good', warning: 'warning', problem: 'bad', skipped: 'dim' } as const;
const marks = { ok: 'ok  ', warning: 'warn', problem: 'FAIL', skipped: 'skip' };

function textOf({ url, checks }: Report, paint: Paint = plain): string {
  const rows = rowsOf(checks);
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = ' '.repeat(width + 8);
  const lines = rows.flatMap(([name, { level, observed, remedy, said, error }]) => [
    `${paint(styles[level], marks[level])}  ${name.padEnd(width)}  ${shown(observed)}`,
    ...(remedy === undefined ? [] : [`${indent}${paint('warning', '→')} ${shown(remedy)}`]),
    ...(said === undefined ? [] : [`${indent}  endpoint: ${shown(said)}`]),
    ...(error === undefined
      ? []
      : [`${indent}  clients: ${error.code}/${error.statusCode} ${shown(error.message)}`]),
  ]);
  const count = (level: string) => checks.filter((one) => one.level === level).length;
  const [problems, warnings, unchecked] = [count('problem'), count('warning'), count('skipped')];
  return [
    url,
    ...lines,
    `${problems} problem${problems === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}, ${unchecked} not checked`,
  ].join('\n');
}

/** Checks that were not made for the same reason share a row. */
function rowsOf(checks: readonly Verdict[]): (readonly [name: string, verdict: Verdict])[] {
  return checks.flatMap((verdict) => {
    const isLike = ({ level, observed }: Verdict) => level === 'skipped' && observed === verdict.observed;
    const all = verdict.level === 'skipped' ? checks.filter(isLike) : [verdict];
    if (verdict !== all[0]) return [];
    const names = all.map(({ check }) => check);
    if (names.length === 1) return [[verdict.check, verdict]];
    return [
      [`${names.length} checks`, { ...verdict, observed: `${verdict.observed} (${names.join(', ')})` }],
    ];
  });
}
