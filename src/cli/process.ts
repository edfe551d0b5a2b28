import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { MessageChannel } from 'node:worker_threads';
import { systemClock } from '../clock.js';
import { endWithReader } from './broken-pipe.js';
import { paintFor } from './colour.js';
import type { Io } from './io.js';
import { run } from './program.js';

/** The package's manifest, seen from `dist/src/chunks`. */
const manifest = new URL(/* @vite-ignore */ '../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

let interrupt: AbortController | undefined;

const io: Io = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
  paint: paintFor(process.stdout, process.env),
  paintError: paintFor(process.stderr, process.env),
  stdin: async () => (process.stdin.isTTY ? null : await text(process.stdin)),
  clock: systemClock,
  fetch: (input, init) => globalThis.fetch(input, init),
  get signal() {
    if (interrupt === undefined) {
      const controller = new AbortController();
      interrupt = controller;
      process.once('SIGINT', () => controller.abort()).once('SIGTERM', () => controller.abort());
    }
    return interrupt.signal;
  },
};

/** Runs the command with the arguments of the process. */
export async function runProcess(): Promise<void> {
  for (const output of [process.stdout, process.stderr]) endWithReader(output, () => process.exit());
  // The timers of the clock do not keep the process alive, so this port does while a command runs.
  const { port1: awake } = new MessageChannel();
  awake.ref();
  process.exitCode = await run(process.argv.slice(2), version, io);
  awake.close();
}
