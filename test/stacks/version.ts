import { readFileSync } from 'node:fs';

/** An installed package with its version: `graphql-ws 6.4.2`. */
export function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
  return `${name} ${version}`;
}
