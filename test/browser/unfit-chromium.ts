import { existsSync, readFileSync } from 'node:fs';

/** The program loader's message for a missing library. */
export const missingLibrary = /error while loading shared libraries: ([^:\s]+)/;

/** A candidate that cannot be started, with the end of the sentence that says so. */
export class Unfit extends Error {}

/** The end of a sentence that begins with the candidate's name. */
export function whyNot(error: unknown, path: string): string {
  if (error instanceof Unfit) return error.message;
  const { code, signal, killed } = error as Record<string, unknown>;
  if (killed === true) return 'did not tell its version in time';
  if (typeof signal === 'string') return `was ended by ${signal}: it may be made for another processor`;
  if (typeof code === 'string') return spawnFault(code, path);
  const said = textOf(error, 'stderr') || textOf(error, 'message');
  const library = missingLibrary.exec(said)?.[1];
  if (library !== undefined) return `misses a library: ${library}`;
  const logged = [...said.matchAll(/\[pid=\d+\]\[err\] (.*)/g)].map(([, line]) => line);
  if (isShellsWord(said, path)) return spawnFault('ENOEXEC', path);
  if (typeof code === 'number') return `ended with code ${code}: ${firstLine(said)}`;
  return `did not show a page: ${logged[0] ?? firstLine(said)}`;
}

/** If the system cannot load a file, Node lets the shell read it as a script. */
function isShellsWord(said: string, path: string): boolean {
  if (!said.startsWith(`${path}: `) || !/^: (line )?\d+: |^: cannot execute/.test(said.slice(path.length)))
    return false;
  return !readFileSync(path).subarray(0, 2).equals(Buffer.from('#!'));
}

function spawnFault(code: string, path: string): string {
  switch (code) {
    case 'ENOENT':
      return existsSync(path) ? 'needs a program loader that this system does not have' : 'is not there';
    case 'EACCES':
      return 'may not be run: it is not a program, or its folder does not allow programs (noexec)';
    case 'ENOEXEC':
      return 'is not a program for this system and processor';
    case 'ETXTBSY':
      return 'is still being written';
    default:
      return `could not be started (${code})`;
  }
}

export function textOf(error: unknown, name: 'stderr' | 'message'): string {
  const text = (error as Record<string, unknown> | null)?.[name];
  return typeof text === 'string' ? text.trim() : '';
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/^browserType\.\w+: /, '') || 'it said nothing';
}

/** The message of an uncaught error of a Node process. */
export function lastErrorIn(stderr: string): string {
  return /^\[?\w*Error(?: \[\w+\])?: ([^\]\n]*)/m.exec(stderr)?.[1] ?? firstLine(stderr);
}
