import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../src/errors/error-codes.js';
import { reasons } from '../src/errors/reasons.js';
import { pageAbout } from '../src/errors/remedies.js';

/** The page with the table of errors. */
export const errorsPath = fileURLToPath(new URL('errors.md', import.meta.url));

/** The text of the page, with the tables between their markers generated from the code. */
export function withErrorTable(page: string): string {
  const meanings = Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`);
  const ofReasons = ['| reason | meaning |', '|---|---|', ...meanings].join('\n');
  const rows = Object.entries(errorCodes).map(
    ([code, { meaning, remediation }]) =>
      `| [${code}](${pageAbout(Number(code))}) | ${meaning} | ${remediation} |`,
  );
  const table = ['| code | meaning | what to do |', '|---|---|---|', ...rows].join('\n');
  const put = (text: string, name: string, content: string): string =>
    text.replace(
      new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- end -->)`),
      (_whole, open: string, end: string) => `${open}${content}\n${end}`,
    );
  return put(put(page, 'codes', table), 'reasons', ofReasons);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(errorsPath, withErrorTable(readFileSync(errorsPath, 'utf8')));
}
