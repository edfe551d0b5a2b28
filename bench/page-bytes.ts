import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a page imports, by the names in the table. Entries for Node only are not downloaded. */
export const pageImports: Readonly<Record<string, string>> = {
  '`Auth` of `latchkey`': "export { Auth } from 'latchkey';",
  '`Auth` and `RealtimeConnection`':
    "export { Auth } from 'latchkey'; export { RealtimeConnection } from 'latchkey/connection';",
  '`latchkey/connection` alone': "export * from 'latchkey/connection';",
  '`latchkey/connection/ably-js` alone': "export * from 'latchkey/connection/ably-js';",
  '`latchkey/connection/graphql-ws` alone': "export * from 'latchkey/connection/graphql-ws';",
  '`latchkey/connection/hocuspocus` alone': "export * from 'latchkey/connection/hocuspocus';",
  '`latchkey/connection/reconnecting` alone': "export * from 'latchkey/connection/reconnecting';",
  '`latchkey/connection/socket-io` alone': "export * from 'latchkey/connection/socket-io';",
  '`latchkey/react` alone': "export * from 'latchkey/react';",
  '`latchkey/inspect` alone': "export * from 'latchkey/inspect';",
  '`latchkey/machines` alone': "export * from 'latchkey/machines';",
  '`latchkey/server` alone': "export * from 'latchkey/server';",
  '`latchkey/testing` alone': "export * from 'latchkey/testing';",
  '`latchkey/studio` alone': "export * from 'latchkey/studio';",
};

/** Packages that an app may use already. */
const shared = ['xstate', 'xstate/*', 'rxjs', 'rxjs/*'];

/** Bytes that a page downloads, minified and gzipped, dependencies included. */
export interface PageBytes {
  /** The entry and its static imports. */
  readonly first: number;
  /** The entry and all parts that are loaded on first use. */
  readonly all: number;
}

/** @param isShared without `xstate` and `rxjs`, which the app uses already */
export async function pageBytes(contents: string, isShared = false): Promise<PageBytes> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root, sourcefile: 'entry.js' },
    absWorkingDir: root,
    outdir: 'out',
    bundle: true,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'silent',
    external: ['react', ...(isShared ? shared : [])],
  });
  const { outputs } = metafile;
  const pending = Object.keys(outputs).filter((name) => outputs[name]?.entryPoint === 'entry.js');
  const loaded = new Set(pending);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement' || loaded.has(path) || !(path in outputs)) continue;
      loaded.add(path);
      pending.push(path);
    }
  }
  const sizes = outputFiles.map(({ path, contents: bytes }) => ({
    bytes: gzipSync(bytes, { level: 9 }).byteLength,
    isFirst: [...loaded].some((name) => path.endsWith(`/${name}`)),
  }));
  const sum = (some: typeof sizes) => some.reduce((total, { bytes }) => total + bytes, 0);
  return { first: sum(sizes.filter(({ isFirst }) => isFirst)), all: sum(sizes) };
}
