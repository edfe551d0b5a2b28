import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.js';
import { systemClock } from '../../src/clock.js';
import { Auth } from '../../src/index.js';
import { createSandbox } from '../../src/sandbox/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { root } from '../kit/imports.js';
import { waitedFor } from '../kit/short-waits.js';

const execute = promisify(execFile);
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const blocks = (name: string, kind: string) =>
  [...page(name).matchAll(new RegExp(`\`\`\`${kind}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );

describe('docs/issuing.md', () => {
  const examples = blocks('issuing.md', 'ts');

  it.each(examples.map((code, index) => [index + 1, code] as const))(
    'prints what example %i says',
    async (_number, code) => {
      const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
      const flags = ['--import', 'tsx', '--conditions=latchkey-source', '--input-type=module'];
      const { stdout } = await execute(process.execPath, [...flags, '--eval', ts.transpile(code, options)], {
        cwd: root,
        timeout: 100_000,
      });
      expect(promised.length).toBeGreaterThan(0);
      expect(stdout.trim().split('\n')).toEqual(promised);
    },
  );

  it('docs/issuing.md has an example for each part', () => {
    expect(examples.length).toBe(4);
  });
});

const NOW = 1_764_000_000_000;
const NAME = 'appId.keyId';

/** Splits a shell line into words; quotes keep words together. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** The output of the commands of one block, and the exit code of the last one. */
async function performed(block: string): Promise<{ out: string; codes: number[]; expected: number[] }> {
  const sandbox = createSandbox();
  const service = await sandbox.listen();
  const key = sandbox.createApp({ keys: [{ revocableTokens: true }] }).keys[0]?.keyStr ?? '';
  // Signing needs no service. A virtual clock keeps its output the same in each run.
  const clock = new VirtualClock(NOW);
  const grant = () => ({
    clientId: 'ada',
    capability: { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] },
    ttl: 600_000,
  });
  const codes: number[] = [];
  const expected: number[] = [];
  let out = '';
  for (const line of block.trim().split('\n')) {
    const [, commands = '', code = '0'] = /^(.*?)(?: # exits with (\d))?$/.exec(line) ?? [];
    const pipeline = commands.split(' | ');
    expected.push(...pipeline.map((_, index) => (index < pipeline.length - 1 ? 0 : Number(code))));
    const isLive = /^latchkey (token|revoke|watch)/.test(commands);
    const used = isLive ? key : `${NAME}:secret`;
    const time = isLive ? systemClock : clock;
    const issuer = new Auth({ key: used, clock: time });
    const endpoint = tokenEndpoint({ auth: issuer, grant });
    const fetch: typeof globalThis.fetch = (input, init) => {
      const request = new Request(input, init);
      if (new URL(request.url).hostname === 'example.com') return endpoint(request);
      return isLive ? sandbox.fetch(request) : Promise.resolve(Response.json([clock.now()]));
    };
    let stdin: string | null = null;
    for (const command of pipeline) {
      const [program, ...args] = wordsOf(command.replace('--port 8080', `--port ${service.port}`));
      expect(program).toBe('latchkey');
      out = '';
      const running = run(args, '0.0.0', {
        out: (text) => {
          out += `${text}\n`;
        },
        err: (text) => {
          out += `${text}\n`;
        },
        env: { LATCHKEY_KEY: used },
        stdin: async () => stdin,
        clock: time,
        fetch,
        signal: new AbortController().signal,
      });
      codes.push(await waitedFor(running, clock));
      stdin = out;
    }
  }
  await sandbox.dispose();
  return { out, codes, expected };
}

describe('docs/cli.md', () => {
  const commands = blocks('cli.md', 'sh');

  it.each(commands.map((block) => [block.trim().split('\n')[0] ?? '', block] as const))(
    'shows commands that run: %s',
    async (_first, block) => {
      const { out, codes, expected } = await performed(block);
      expect([codes, out]).toEqual([expected, out]);
      const shown = new RegExp(
        `${'```'}sh\n${block.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${'```'}\n\n${'```'}text\n([\\s\\S]*?)${'```'}`,
      );
      const [, promised] = shown.exec(page('cli.md')) ?? [];
      if (promised !== undefined) expect(out).toBe(promised);
    },
  );

  it('docs/cli.md has an example of each command', () => {
    for (const name of ['token', 'request', 'jwt', 'decode', 'revoke', 'doctor', 'watch', 'dev']) {
      expect(commands.join('')).toMatch(new RegExp(`\\blatchkey ${name}\\b`));
    }
  });
});
