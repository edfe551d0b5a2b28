import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { root } from '../kit/imports.js';

const run = promisify(execFile);
const page = readFileSync(join(root, 'docs/sandbox.md'), 'utf8');
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

/** The output that an example promises: the comments after `console.log`. */
const promised = (code: string): string[] =>
  [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);

/** Runs an example as a user's program would, with the sources. */
async function printed(code: string): Promise<string[]> {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const script = ts.transpile(code, options);
  const flags = ['--import', 'tsx', '--conditions=latchkey-source', '--input-type=module'];
  const { stdout } = await run(process.execPath, [...flags, '--eval', script], {
    cwd: root,
    timeout: 100_000,
  });
  return stdout.trim().split('\n');
}

describe('docs/sandbox.md', () => {
  it.each(examples.map((code, index) => [index + 1, code]))(
    'prints what example %i says',
    async (_number, code) => {
      expect(promised(String(code)).length).toBeGreaterThan(0);
      expect(await printed(String(code))).toEqual(promised(String(code)));
    },
  );

  it('docs/sandbox.md has an example for each way to use it', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
    for (const word of [
      'sandbox.WebSocket',
      'listen()',
      '/apps',
      'VirtualClock',
      'setFault',
      '/_sandbox/fault',
    ]) {
      expect(examples.some((code) => code.includes(word))).toBe(true);
    }
  });
});
