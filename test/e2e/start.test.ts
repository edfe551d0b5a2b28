import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/cli/check.js';

const program = fileURLToPath(new URL('../../dist/src/cli/start.js', import.meta.url));
const running = new Set<ChildProcess>();

beforeAll(() => {
  if (!existsSync(program)) throw new Error('The program is not built: run `npm run build` first.');
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

interface Started {
  readonly child: ChildProcess;
  /** Resolves with the standard output once it contains `wanted`. */
  says(wanted: RegExp): Promise<string>;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function start(args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, FORCE_COLOR: '0', PORT: '0', ...env },
  });
  running.add(child);
  let out = '';
  let err = '';
  const attempts = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const attempt of attempts) attempt();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return {
    child,
    ended,
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const attempt = () => wanted.test(out) && resolve(out);
        attempts.add(attempt);
        attempt();
        ended.then(() => reject(new Error(`ended without saying ${wanted}: ${out}${err}`)));
      }),
  };
}

describe('npm start', () => {
  it('--check runs all steps once and prints the observed values', async () => {
    const { code, out, err } = await start(['--check']).ended;
    const report = JSON.parse(out) as CheckReport;
    expect(err).toBe('');
    expect(report.steps.map(({ step, ok }) => [step, ok])).toEqual([
      ['authorize', true],
      ['connected', true],
      ['renewed before expiry', true],
      ['upgraded in place', true],
      ['token refused by the server', true],
      ['recovered', true],
      ['disposed', true],
    ]);
    const observed = Object.fromEntries(report.steps.map((step) => [step.step, step.observed]));
    expect(observed['renewed before expiry']?.aheadOfExpiryMs).toBeGreaterThan(0);
    expect(observed['upgraded in place']?.connectionId).toBe(observed.connected?.connectionId);
    expect(observed['token refused by the server']?.code).toBe(40141);
    expect(report.ok).toBe(true);
    expect(report.totalMs).toBeLessThan(30_000);
    expect(code).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'npm start serves the page, prints its address and events, and ends properly on %s',
    async (signal) => {
      const { child, says, ended } = start([]);
      const out = await says(/Authorized: .*\n/);
      const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(out) ?? [];
      const response = await fetch(url);
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('<title>Latchkey studio</title>');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(out).toMatch(/^\d\d:\d\d:\d\d {2}Authorized: a token that lives for 25 s; took .+$/m);
      child.kill(signal);
      expect((await ended).code).toBe(0);
    },
  );

  it('the address and the events have colours where the output has them', async () => {
    const { child, says, ended } = start([], { FORCE_COLOR: '1' });
    const out = await says(/Authorized.*\n/);
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(out) ?? [];
    expect(out).toContain(`Latchkey studio: \u001b[1m${url}\u001b[22m\n`);
    expect(out).toContain('\u001b[32mAuthorized\u001b[39m: a token that lives for 25 s');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('--attach serves the page for another program and prints the line to add there', async () => {
    const { child, says, ended } = start(['--attach']);
    const out = await says(/Press Ctrl\+C/);
    expect(out).toMatch(/^Latchkey studio: http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/\?token=[\w-]{32}$/m);
    expect(out).toMatch(/^ {2}LATCHKEY_STUDIO=ws:\/\/127\.0\.0\.1:\d+\/attach\/[\w-]{32} node /m);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('a port that is in use is an error that says what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, err } = await start([], { PORT: String(port) }).ended;
    other.close();
    expect(err).toBe(
      `Port ${port} is in use: free it, or set PORT to another port (PORT=0 takes any free port).\n`,
    );
    expect(code).toBe(1);
  });

  it('an invalid PORT is refused', async () => {
    const { code, err } = await start([], { PORT: '70000' }).ended;
    expect(err).toBe(
      'error: PORT must be a port number; got "70000"\n  Use a whole number from 0 to 65535; 0 means any free port.\n',
    );
    expect(code).toBe(2);
  });

  it('--help prints the usage', async () => {
    const { code, out } = await start(['--help']).ended;
    expect(out).toContain('--check');
    expect(code).toBe(0);
  });

  it('--check and --attach are not used together', async () => {
    const { code, err } = await start(['--check', '--attach']).ended;
    expect(err).toContain('--check and --attach must not be used together');
    expect(code).toBe(2);
  });

  it('an unknown flag is refused', async () => {
    const { code, err } = await start(['--chekc']).ended;
    expect(err).toContain('--chekc');
    expect(err).toContain('Usage: npm start');
    expect(code).toBe(2);
  });
});
