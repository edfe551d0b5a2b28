import type { Command } from 'commander';
import { Auth, type TokenRevocationResult, type TokenRevocationTargetSpecifier } from '../../index.js';
import { durationMs } from '../duration.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { keyFrom, type ServiceFlags, serviceOptions, withService } from '../service.js';
import { shown, shownJson } from '../terminal-text.js';

interface RevokeFlags extends ServiceFlags {
  readonly issuedBefore?: string;
  readonly allowReauthMargin?: boolean;
  readonly json?: boolean;
}

export function addRevoke(program: Command, io: Io, end: (code: ExitCode) => void): void {
  withService(program.command('revoke'))
    .description('revoke tokens that the key issued')
    .argument('<target...>', 'clientId:ada, revocationKey:ward-7 or channel:chat')
    .option('--issued-before <time>', 'only tokens older than this, such as 10m (default: all)')
    .option('--allow-reauth-margin', 'give clients 30 s to get a new token')
    .option('--json', 'print the answer of the service as JSON')
    .action(async (targets: readonly string[], flags: RevokeFlags) => {
      const auth = new Auth({
        key: await keyFrom(io),
        clock: io.clock,
        fetch: io.fetch,
        ...serviceOptions(flags),
      });
      const result = await auth.revokeTokens(targets.map(targetFrom), {
        ...(flags.allowReauthMargin ? { allowReauthMargin: true } : {}),
        ...(flags.issuedBefore === undefined
          ? {}
          : { issuedBefore: io.clock.now() - durationMs('--issued-before', flags.issuedBefore) }),
      });
      io.out(flags.json ? shownJson(result) : textOf(result));
      if (result.failureCount > 0) end(exitCodes.failed);
    });
}

function targetFrom(text: string): TokenRevocationTargetSpecifier {
  const end = text.indexOf(':');
  if (end < 1)
    throw new Misuse(`a target must have a type; got ${text}`, 'Use a target such as clientId:ada.');
  return { type: text.slice(0, end) as TokenRevocationTargetSpecifier['type'], value: text.slice(end + 1) };
}

function textOf({ results }: TokenRevocationResult): string {
  return results
    .map((one) =>
      'error' in one
        ? `${shown(one.target)}  not revoked: ${shown(one.error.message)} (${one.error.code})`
        : `${shown(one.target)}  revoked, from ${new Date(one.appliesAt).toISOString()} on`,
    )
    .join('\n');
}
