import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/errors/error-codes.js';

/** The page with the table of errors. */
export const errorsPath = fileURLToPath(new URL('errors.md', import.meta.url));

/** The text of the page, with the table between its markers generated from the code. */
export function withErrorTable(page: string): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { meaning, remediation }]) =>
      `| [${code}](https://help.ably.io/error/${code}) | ${meaning} | ${remediation} |`,
  );
  const table = ['| code | meaning | what to do |', '|---|---|---|', ...rows].join('\n');
  return page.replace(
    /(<!-- codes -->\n)[\s\S]*?(<!-- end -->)/,
    (_whole, open: string, end: string) => `${open}${table}\n${end}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(errorsPath, withErrorTable(readFileSync(errorsPath, 'utf8')));
}
