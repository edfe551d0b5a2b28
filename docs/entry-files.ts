import { readFileSync } from 'node:fs';

const manifest = new URL('../package.json', import.meta.url);

/** Each entry of the package, `latchkey/…`, and the file it is made from. */
export function entryFiles(): ReadonlyMap<string, string> {
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    exports: Record<string, string | { 'latchkey-source': string }>;
  };
  return new Map(
    Object.entries(exports).flatMap(([name, target]) =>
      typeof target === 'string' ? [] : [[`latchkey${name.slice(1)}`, target['latchkey-source'].slice(2)]],
    ),
  );
}
