import type { Command } from 'commander';
import { type Decoded, decode } from '../decode.js';
import { type ExitCode, exitCodes, Misuse } from '../failure.js';
import type { Io } from '../io.js';
import { keyInEnvironment } from '../service.js';
import { shown, shownJson } from '../terminal-text.js';

export function addDecode(program: Command, io: Io, end: (code: ExitCode) => void): void {
  program
    .command('decode')
    .description(
      'print what a token or TokenRequest grants, when it expires, and whether LATCHKEY_KEY signed it',
    )
    .argument('[text]', 'an Ably token, TokenDetails, TokenRequest or JWT (default: standard input)')
    .option('--json', 'print it as JSON')
    .action(async (given: string | undefined, { json }: { json?: boolean }) => {
      const text = given ?? (await io.stdin()) ?? '';
      if (text.trim() === '') {
        throw new Misuse(
          'the text to decode is missing',
          'Pass it as an argument, or write it to standard input.',
        );
      }
      const decoded = await decode(text, keyInEnvironment(io), io.clock.now());
      io.out(json ? shownJson(decoded) : textOf(decoded));
      const isFalse = decoded.signature === 'wrong' || decoded.contradicted !== undefined;
      if (decoded.isAlive === false || isFalse) end(exitCodes.found);
    });
}

function textOf({
  kind,
  keyName,
  clientId,
  capability,
  ttlMs,
  issued,
  expires,
  isAlive,
  signature,
  contradicted,
  claims,
}: Decoded): string {
  const end = kind === 'TokenRequest' ? 'exchangeable until' : 'expires';
  const rows: [string, unknown][] = [
    ['kind', kind],
    ['key', keyName],
    ['client', clientId === undefined ? undefined : (clientId ?? 'anonymous')],
    ['grants', capability === undefined ? undefined : grantText(capability)],
    ['ttl', ttlMs === undefined ? undefined : `${ttlMs} ms`],
    ['issued', issued],
    [end, expires === undefined ? undefined : `${expires}${isAlive ? '' : ', in the past'}`],
    ['claims', claims === undefined || Object.keys(claims).length === 0 ? undefined : claims],
    ['signature', signature],
    ['ignored', contradicted && `differs from the signed token: ${contradicted.join(', ')}`],
  ];
  const width = Math.max(...rows.map(([name, value]) => (value === undefined ? 0 : name.length)));
  return rows
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(width)}  ${shown(value)}`]))
    .join('\n');
}

function grantText(capability: unknown): string {
  return capability === null ? 'all rights of the key' : JSON.stringify(capability);
}
