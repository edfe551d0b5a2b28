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
    .option('--issued-before <time>', 'only those older than this, as 10m (default: all)')
    .option('--allow-reauth-margin', 'let clients get a new token within 30 s')
    .option('--json', 'print what the service said, as JSON')
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
  if (end < 1) throw new Misuse(`a target has no type: ${text}`, 'Give it as clientId:ada, say.');
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
