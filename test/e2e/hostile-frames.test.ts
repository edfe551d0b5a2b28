import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attacks } from './hostile-frames.js';
import { hostileServer, type Moment } from './hostile-server.js';
import { hostileValues } from './hostile-values.js';

/** Starts a server. @returns its port */
async function serve(moment: Moment): Promise<string> {
  const server = await hostileServer(moment);
  onTestFinished(() => server.close());
  return String(server.port);
}

/** Runs a program to its end. */
async function run(
  name: string,
  ...args: readonly string[]
): Promise<{ code: number | null; out: string[]; err: string[] }> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const child = spawn(process.execPath, [
    ...['--import', 'tsx', '--conditions=latchkey-source', program],
    ...args,
  ]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return { code, out: lines(out), err: lines(err) };
}

describe('a hostile server', () => {
  it.each<Moment>(['before CONNECTED', 'after CONNECTED', 'before the answer to AUTH'])(
    'a Node process lives, and is authorized, after each attack that comes %s',
    async (moment) => {
      const port = await serve(moment);
      const { code, out, err } = await run('hostile-child.ts', port, String(attacks.length));
      expect(out).toEqual(attacks.map((_, number) => `${number} lived connected`));
      // The client may only write its own log lines.
      expect(err.filter((line) => !line.startsWith('latchkey: '))).toEqual([]);
      expect(code).toBe(0);
    },
    120_000,
  );
});

describe('a program in which callbacks throw', () => {
  const values = Object.keys(hostileValues);

  it.each<[scenario: string, what: string, out: readonly string[]]>([
    [
      'listeners',
      'listeners, subscribers, callbacks and inspectors',
      Array(2).fill('authorized connected token'),
    ],
    ['logs', 'log handlers', Array(2).fill('authorized')],
    ['sources', 'sources', Array(7 * values.length).fill('a good token authorized')],
    ['adapters', 'connection adapters', Array(values.length).fill('token authorized')],
  ])(
    'a Node process stays alive and authorized while all of these throw: %s',
    async (scenario, _what, expected) => {
      const port = await serve('after CONNECTED');
      const { code, out, err } = await run('hostile-callbacks-child.ts', scenario, port);
      expect(out).toEqual(expected);
      expect(err.filter((line) => !line.startsWith('latchkey: '))).toEqual([]);
      expect(code).toBe(0);
      if (scenario === 'listeners') {
        const told = (who: RegExp) =>
          err.filter((line) => who.test(line) && line.includes('a fault of mine'));
        for (const who of [
          /'authorized'/,
          /token\$/,
          /state\$/,
          /messages\$/,
          /a callback/,
          /inspector/,
          /environment/,
        ])
          expect([who, told(who).length > 0]).toEqual([who, true]);
      }
    },
    120_000,
  );
});
