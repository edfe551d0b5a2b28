import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { root } from '../../kit/imports.js';

const contents = `
  import { version } from 'react';
  import { AuthProvider } from './src/react/index.ts';
  export const used = version;
  export function said(props) {
    try {
      AuthProvider(props);
      return 'rendered';
    } catch ({ code, message, remediation }) {
      return { code, message, remediation };
    }
  }
`;

/** The hooks, and another React in place of the installed one. */
async function withReact(name: string): Promise<{ used: string; said(props: object): unknown }> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    alias: { react: name },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'made',
    platform: 'node',
    conditions: ['latchkey-source'],
    logLevel: 'error',
  });
  const script = `${outputFiles[0]?.text ?? ''};made`;
  return runInNewContext(script, { console, process, setTimeout, require: process.getBuiltinModule, URL });
}

describe('AuthProvider', () => {
  it('the error names an unsupported version of React, and the lowest one', async () => {
    const { used, said } = await withReact('react-17');
    expect(used).toBe('17.0.2');
    expect(said({ create: () => undefined })).toEqual({
      code: 40003,
      message: 'React must be version 18 or newer; got 17.0.2',
      remediation: 'Install react@18 or newer, and the react-dom or react-native that belongs to it.',
    });
  });

  it('AuthProvider does not refuse React 18', async () => {
    const { used, said } = await withReact('react-18');
    expect(used).toBe('18.3.1');
    expect(said({})).toMatchObject({ message: 'this AuthProvider has neither auth nor create' });
  });
});
