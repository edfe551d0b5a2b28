import { Command, CommanderError } from 'commander';
import { hideKnown } from '../redaction/known-secrets.js';
import { redactText } from '../redaction/text.js';
import { addDecode } from './commands/decode.js';
import { addDev } from './commands/dev.js';
import { addDoctor } from './commands/doctor.js';
import { addIssueCommands } from './commands/issue.js';
import { addRevoke } from './commands/revoke.js';
import { addSandbox } from './commands/sandbox.js';
import { addWatch } from './commands/watch.js';
import { type ExitCode, exitCodeOf, exitCodes, faultText, Misuse } from './failure.js';
import type { Io } from './io.js';

const AFTER = `
The key is read from LATCHKEY_KEY, or from standard input. Errors go to standard error.
Exit codes: 0 done · 1 failed · 2 wrong arguments, or no key · 3 a problem was found (doctor, decode)`;

/**
 * Runs one command.
 *
 * @param args the arguments without the program's name
 * @returns the exit code; it never rejects
 */
export async function run(args: readonly string[], version: string, given: Io): Promise<ExitCode> {
  const io = withoutKey(given);
  let code: ExitCode = exitCodes.done;
  const end = (found: ExitCode) => {
    code = found;
  };
  try {
    await programFor(version, io, end).parseAsync([...args], { from: 'user' });
    return code;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.done;
    const fault = thrown instanceof CommanderError ? misuse(thrown) : thrown;
    io.err(faultText(fault, args.includes('--json'), io.paintError));
    return exitCodeOf(fault);
  }
}

/** The same, but no line of standard error shows the key. The getters of `io` are not called here. */
function withoutKey(io: Io): Io {
  const key = io.env.LATCHKEY_KEY?.trim() ?? '';
  const secrets = [key, key.slice(key.indexOf(':') + 1)];
  const err = (text: string) => io.err(key === '' ? text : hideKnown(text, secrets));
  return Object.create(io, { err: { value: err } }) as Io;
}

function programFor(version: string, io: Io, end: (code: ExitCode) => void): Command {
  const program = new Command('latchkey')
    .description('Issue, inspect and test tokens for realtime connections.')
    .version(version)
    .addHelpText('after', AFTER)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.replace(/\n$/, '')),
      // The error is printed once, below.
      writeErr: () => {},
      outputError: () => {},
    });
  addDev(program, io, end);
  addSandbox(program, io);
  addIssueCommands(program, io);
  addRevoke(program, io, end);
  addDecode(program, io, end);
  addDoctor(program, io, end);
  addWatch(program, io, end);
  return program;
}

/**
 * The form of a key, `appId.keyId:secret`, but not of a host with a port. An error repeats the arguments, and
 * must not repeat a key, nor what looks like a token.
 */
const KEY_LIKE = /[\w-]+\.[\w-]+:(?!\d{1,5}(?![\w-]))[^\s'"]+/g;

function misuse({ code, message }: CommanderError): Misuse {
  const text = code === 'commander.help' ? 'the command is missing' : message.replace(/^error: /, '');
  const line = text.trim().replace(/\s+/g, ' ');
  const redacted = redactText(line.replace(KEY_LIKE, '[key]'));
  return new Misuse(
    redacted,
    redacted === line
      ? 'See latchkey --help, or latchkey <command> --help.'
      : 'Other users of this machine can read arguments. Put the key into LATCHKEY_KEY, or write it to standard input.',
  );
}
