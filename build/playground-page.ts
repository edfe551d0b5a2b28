import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { build } from 'vite';

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const source = (name: string) => readFileSync(at(`src/playground/page/${name}`), 'utf8');

/** The playground as one script, and the terms of those whose code is in it. */
export async function playgroundScript(): Promise<{ readonly script: string; readonly licenses: string }> {
  const built = await build({
    configFile: false,
    root: at('.'),
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    // No `node`: each import of a platform leads to that of a page.
    resolve: { conditions: ['latchkey-source', 'module', 'browser', 'production'] },
    build: {
      target: 'es2022',
      write: false,
      modulePreload: false,
      license: { fileName: 'licenses.md' },
      rolldownOptions: {
        input: at('src/playground/main.ts'),
        output: { format: 'iife', codeSplitting: false },
        // Of Vite's helper for parts, which are all in the one script.
        checks: { emptyImportMeta: false },
      },
    },
  });
  const [{ output } = { output: [] }] = [built].flat().filter((one) => 'output' in one);
  const [chunk, another] = output.flatMap((one) => (one.type === 'chunk' ? [one] : []));
  if (chunk === undefined || another !== undefined) throw new Error('the playground must be one script');
  const licenses = output.find((one) => one.type === 'asset' && one.fileName === 'licenses.md');
  if (licenses?.type !== 'asset') throw new Error('the licenses of the playground are missing');
  return { script: chunk.code, licenses: String(licenses.source) };
}

/** The page with a script in it. Its policy allows its two scripts, by their hashes, and nothing else. */
export function playgroundPage(script: string, licenses: string): string {
  const { code } = transformSync(source('first.ts'), { loader: 'ts', target: 'es2015', minify: true });
  const scripts = [code, script].map(inPage);
  const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const [first = '', main = ''] = scripts;
  const filled = source('index.html')
    .replace('POLICY', () => policy)
    .replace('FIRST', () => first)
    .replace('MAIN', () => main);
  return `${filled}<!--\n${licenses.replaceAll('--', '- -')}\n-->\n`;
}

/** As it may stand between `<script>` and `</script>`. */
const inPage = (script: string): string => script.trim().replace(/<(?=!--|\/script)/gi, '\\x3c');
