import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where the table of sizes is. */
export const sizesPath = fileURLToPath(new URL('runtimes.md', import.meta.url));

/** What a page imports, as the table names it. Entries for Node alone are not downloaded. */
const imports: Readonly<Record<string, string>> = {
  '`Auth` of `latchkey`': "export { Auth } from 'latchkey';",
  '`Auth` and `RealtimeConnection`':
    "export { Auth } from 'latchkey'; export { RealtimeConnection } from 'latchkey/connection';",
  '`latchkey/connection` alone': "export * from 'latchkey/connection';",
  '`latchkey/connection/ably-js` alone': "export * from 'latchkey/connection/ably-js';",
  '`latchkey/react` alone': "export * from 'latchkey/react';",
  '`latchkey/inspect` alone': "export * from 'latchkey/inspect';",
  '`latchkey/machines` alone': "export * from 'latchkey/machines';",
  '`latchkey/server` alone': "export * from 'latchkey/server';",
  '`latchkey/testing` alone': "export * from 'latchkey/testing';",
  '`latchkey/studio` alone': "export * from 'latchkey/studio';",
};

/** Bytes of the first load: the entry and what it imports statically, minified and gzipped. */
async function firstLoad(contents: string, external: readonly string[]): Promise<number> {
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
    external: ['react', ...external],
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
  return outputFiles
    .filter(({ path }) => [...loaded].some((name) => path.endsWith(`/${name}`)))
    .reduce((sum, { contents: bytes }) => sum + gzipSync(bytes, { level: 9 }).byteLength, 0);
}

const inKilobytes = (bytes: number): string => (bytes / 1_000).toFixed(1);

/** The page's text with the table between its markers measured again. */
export async function withSizeTable(page: string): Promise<string> {
  const rows: string[] = [];
  for (const [name, contents] of Object.entries(imports)) {
    const whole = await firstLoad(contents, []);
    const own = await firstLoad(contents, ['xstate', 'xstate/*', 'rxjs', 'rxjs/*']);
    rows.push(`| ${name} | ${inKilobytes(whole)} | ${inKilobytes(own)} |`);
  }
  const table = ['| import | kB | kB without xstate and rxjs |', '|---|---|---|', ...rows].join('\n');
  return page.replace(
    /(<!-- sizes -->\n)[\s\S]*?(<!-- end -->)/,
    (_whole, open: string, end: string) => `${open}${table}\n${end}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(sizesPath, await withSizeTable(readFileSync(sizesPath, 'utf8')));
}
