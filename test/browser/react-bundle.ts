import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

/** The supported versions of React, by the names of their packages here. */
export const reacts = [
  { version: 18, alias: { react: 'react-18', 'react-dom': 'react-dom-18' } },
  { version: 19, alias: {} },
] as const;

export type ReactUnderTest = (typeof reacts)[number];

/** Bundles a file of this folder with that React into one script. */
export async function bundled(
  file: string,
  { alias }: ReactUnderTest,
  options: BuildOptions = { format: 'iife', conditions: ['latchkey-source'] },
): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    bundle: true,
    write: false,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    alias,
    ...options,
  });
  return outputFiles?.[0]?.text ?? '';
}

/** The output of a Node process that renders with that React, and its warnings. */
export async function rendered(react: ReactUnderTest): Promise<{ stdout: string; stderr: string }> {
  const script = await bundled('react-server.tsx', react, {
    format: 'cjs',
    platform: 'node',
    conditions: ['latchkey-source', 'node'],
  });
  return await new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const child = execFile(process.execPath, ['-'], { env }, (error, stdout, stderr) =>
      error === null ? resolve({ stdout, stderr }) : reject(error),
    );
    child.stdin?.end(script);
  });
}
