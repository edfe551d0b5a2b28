import type { Command } from 'commander';
import type { TokenDetails, TokenParams } from '../../index.js';
import { LONGEST_TTL_MS, type ParsedGrant, parseGrant } from '../../server/grant.js';
import { jwtSigner } from '../../server/jwt.js';
import { parseApiKey } from '../../token/api-key.js';
import { durationMs } from '../duration.js';
import { Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { issuer, keyFrom, type ServiceFlags, withService } from '../service.js';
import { shownJson } from '../terminal-text.js';
import { gathered, refuseRepeated } from '../words.js';

interface IssueFlags extends ServiceFlags {
  readonly clientId?: string;
  readonly capability?: string;
  readonly ttl?: string;
  readonly json?: boolean;
}

interface JwtFlags extends IssueFlags {
  readonly revocationKey?: string;
  readonly claim?: readonly string[];
  readonly clientType?: string;
}

/** The commands `token`, `request` and `jwt`: three forms of the same rights. */
export function addIssueCommands(program: Command, io: Io): void {
  withService(
    withParams(program.command('token').description('request a token from the service, with the key')),
  ).action(async (flags: IssueFlags) => {
    const auth = await issuer(flags, io);
    const details = await auth.requestToken(paramsFrom(flags));
    io.out(flags.json ? shownJson(details) : details.token);
  });
  withParams(
    program.command('request').description('sign a TokenRequest, which another client can exchange once'),
  ).action(async (flags: IssueFlags) => {
    const auth = await issuer(flags, io);
    const request = await auth.createTokenRequest(paramsFrom(flags));
    io.out(shownJson(request, flags.json ? undefined : 2));
  });
  withParams(program.command('jwt').description('sign a JWT with the key'))
    .option('--revocation-key <name>', 'a name by which the token can be revoked')
    .option('--claim <name=value>', 'a claim of a channel, such as ably.channel.chat:*=moderator', gathered)
    .option('--client-type <type>', "'server' for a server of your own (default: a device)")
    .action(async (flags: JwtFlags) => {
      const details = await signedJwt(flags, io);
      io.out(flags.json ? shownJson(details) : details.token);
    });
}

function withParams(command: Command): Command {
  return command
    .option(
      '--client-id <id>',
      "the clientId of the token; '*' for any client (default: an anonymous client)",
    )
    .option('--capability <json>', 'the operations by channel (default: all rights of the key)')
    .option('--ttl <time>', 'the lifetime, such as 90s, 20m or 1h (default: 1h)')
    .option('--json', 'print all fields as JSON');
}

function paramsFrom({ clientId, capability, ttl }: IssueFlags): TokenParams {
  // As a TokenParam an empty text means all rights: a variable of the shell that is not set must not.
  if (capability?.trim() === '') throw new Misuse('--capability is empty', parts.capability[1]);
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(capability === undefined ? {} : { capability }),
    ...(ttl === undefined ? {} : { ttl: ttlFrom(ttl) }),
  };
}

function ttlFrom(text: string): number {
  const ms = durationMs('--ttl', text);
  if (ms <= LONGEST_TTL_MS) return ms;
  throw new Misuse(`--ttl must be at most 24h; got ${JSON.stringify(text)}`, parts.ttl[1]);
}

async function signedJwt(
  { revocationKey, claim = [], clientType, ...flags }: JwtFlags,
  io: Io,
): Promise<TokenDetails> {
  const all = claim.map(claimFrom);
  refuseRepeated(
    '--claim',
    all.map(([name]) => name),
  );
  const claims = Object.fromEntries(all);
  const grant = parsedGrant({ capability: ALL, revocationKey, claims, clientType, ...paramsFrom(flags) });
  const key = parseApiKey(await keyFrom(io));
  return { keyName: key.name, clientId: null, ...jwtSigner(key)(grant, grant, io.clock.now()) };
}

/** The default capability of a JWT: all rights of the key. */
const ALL = { '[*]*': ['*'] };

/** A JWT counts in seconds. */
const LEAST_TTL_MS = 1_000;

/** The option for each field of a grant, and its remedy. */
const parts = {
  clientId: ['--client-id', 'Use a name of one line, or leave the option out for an anonymous client.'],
  capability: ['--capability', 'Use operations by channel, such as {"chat:*":["subscribe"]}.'],
  clientType: ['--client-type', 'Use server, or leave the option out for a device.'],
  revocationKey: ['--revocation-key', 'Use a name of one line.'],
  ttl: ['--ttl', 'Use 1s to 24h, such as 90s or 20m, and at most 1h with --revocation-key.'],
  claims: [
    '--claim',
    'Use a claim such as ably.channel.chat:*=moderator; its name begins with ably.channel. or ably.limits., and a limit is a number.',
  ],
} as const;

/** Checks the options. @throws {Misuse} names the invalid option */
function parsedGrant(asked: Readonly<Record<string, unknown>>): ParsedGrant {
  for (const [name, [option, remedy]] of Object.entries(parts)) {
    try {
      const beside = name === 'ttl' ? { revocationKey: asked.revocationKey } : {};
      parseGrant({ capability: ALL, ...beside, [name]: asked[name] }, LEAST_TTL_MS);
    } catch {
      throw new Misuse(`${option} has a value that a JWT cannot contain`, remedy);
    }
  }
  return parseGrant(asked, LEAST_TTL_MS);
}

function claimFrom(text: string): [string, string | number] {
  const end = text.indexOf('=');
  if (end < 1) throw new Misuse(`--claim must be name=value; got ${text}`, 'Use --claim name=value.');
  const [name, value] = [text.slice(0, end), text.slice(end + 1)];
  // Only limits are numbers. The value of a channel claim is a text, even if it consists of digits.
  const isNumber = name.startsWith('ably.limits.') && /^-?\d+(\.\d+)?$/.test(value);
  return [name, isNumber ? Number(value) : value];
}
