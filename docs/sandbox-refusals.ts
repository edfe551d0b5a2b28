import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { refusals } from '../src/sandbox/index.js';

/** The page with the table of refusals. */
export const refusalsPath = fileURLToPath(new URL('sandbox.md', import.meta.url));

/** The text of the page, with the table between its markers generated from the code. */
export function withRefusalTable(page: string): string {
  const rows = Object.entries(refusals).map(
    ([refusal, [code, statusCode, source]]) => `| ${refusal} | ${code} | ${statusCode} | ${source} |`,
  );
  const table = ['| refused because | code | HTTP | source |', '|---|---|---|---|', ...rows].join('\n');
  return page.replace(
    /(<!-- refusals -->\n)[\s\S]*?(<!-- end -->)/,
    (_whole, open: string, end: string) => `${open}${table}\n${end}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(refusalsPath, withRefusalTable(readFileSync(refusalsPath, 'utf8')));
}
