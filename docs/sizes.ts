import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pageBytes, pageImports } from '../bench/page-bytes.js';

/** The page with the table of sizes. */
export const sizesPath = fileURLToPath(new URL('platforms.md', import.meta.url));

const inKilobytes = (bytes: number): string => (bytes / 1_000).toFixed(1);

/** The text of the page, with the table between its markers measured again. */
export async function withSizeTable(page: string): Promise<string> {
  const rows: string[] = [];
  for (const [name, contents] of Object.entries(pageImports)) {
    const { first: whole } = await pageBytes(contents);
    const { first: own } = await pageBytes(contents, true);
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
