import { spawn } from 'node:child_process';
import { root } from '../kit/imports.js';

/** A command of the repository. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly name: string;
  readonly hasPassed: boolean;
  readonly ms: number;
}

/**
 * Runs a suite to its end; it never rejects.
 * @param isQuiet keeps what the suite prints until its end, and drops it where it passes
 */
export async function outcomeOf({ name, command, env }: Suite, isQuiet: boolean): Promise<Outcome> {
  const since = performance.now();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', isQuiet ? 'pipe' : 'inherit', isQuiet ? 'pipe' : 'inherit'],
  });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (some: Buffer) => printed.push(some));
  const hasPassed = await new Promise<boolean>((settle) => {
    child.once('error', (error) => {
      printed.push(Buffer.from(`${error.message}\n`));
      settle(false);
    });
    child.once('close', (status) => settle(status === 0));
  });
  if (!hasPassed) process.stdout.write(Buffer.concat(printed));
  return { name, hasPassed, ms: performance.now() - since };
}

/** `suite | result | duration`, a line each. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = [
    ['suite', 'result', 'duration'],
    ...outcomes.map(({ name, hasPassed, ms }) => [name, hasPassed ? 'passed' : 'FAILED', duration(ms)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
