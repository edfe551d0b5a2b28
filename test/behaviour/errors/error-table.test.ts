import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsPath, withErrorTable } from '../../../docs/errors.js';
import { errorCodes } from '../../../src/errors/error-codes.js';
import { sourceFiles } from '../../kit/imports.js';

describe('docs/errors.md', () => {
  it('docs/errors.md lists the codes as they are: `npm run errors` changes nothing', () => {
    const page = readFileSync(errorsPath, 'utf8');
    expect(withErrorTable(page)).toBe(page);
    expect(page).toContain('40170');
  });

  it('docs/errors.md lists every code that the client raises, and no other', () => {
    const client = sourceFiles('src', 'machines').filter(
      ({ path }) => !/^src\/(sandbox|server|cli|studio|testing)\//.test(path),
    );
    const raised = new Set(
      client.flatMap(({ text }) =>
        [...text.matchAll(/\bcode: (?:\S+ \?\? )?(\d{5})\b/g)].map(([, code]) => Number(code)),
      ),
    );
    expect([...raised].sort()).toEqual(Object.keys(errorCodes).map(Number).sort());
  });

  it('every code has a meaning and a remediation', () => {
    for (const { meaning, remediation } of Object.values(errorCodes)) {
      expect(meaning.length).toBeGreaterThan(5);
      expect(remediation).toMatch(/\.$/);
    }
  });
});
