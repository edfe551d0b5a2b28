import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import registry from '../../../docs/ably-error-codes.json' with { type: 'json' };
import { errorsPath, withErrorTable } from '../../../docs/errors.js';
import { errorCodes } from '../../../src/errors/error-codes.js';
import { pageAbout } from '../../../src/errors/remedies.js';
import { sourceFiles } from '../../kit/imports.js';

const registered = new Map(Object.entries(registry.codes));

/** Numbers of five digits that are in the sources and not in the snapshot of the registry, and why. */
const unregistered = {
  40149: 'the last code of the range of token errors',
  40168: 'newer than the snapshot: an account billed by users refuses a client of no declared type',
};

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

  it.each(Object.entries(errorCodes))(
    "%s has the title and the page of Ably's registry",
    (code, { meaning }) => {
      const [name, title] = registered.get(code) ?? [];
      expect(meaning).toBe(title);
      expect(pageAbout(Number(code))).toBe(
        `https://ably.com/docs/platform/errors/codes/${code}-${name?.replaceAll('_', '-')}`,
      );
    },
  );

  it('every code in the sources is in the registry of Ably', () => {
    const named = sourceFiles('src', 'machines').flatMap(({ text }) =>
      [...text.matchAll(/\b[458]\d{4}\b|\b9[01]\d{3}\b/g)].map(([code]) => code),
    );
    expect([...new Set(named)].filter((code) => !registered.has(code) && !(code in unregistered))).toEqual(
      [],
    );
  });

  it('a code that is not in the registry has the address that all codes have', () => {
    expect(pageAbout(49999)).toBe('https://help.ably.io/error/49999');
  });

  it('every code has a meaning and a remediation', () => {
    for (const { meaning, remediation } of Object.values(errorCodes)) {
      expect(meaning.length).toBeGreaterThan(5);
      expect(remediation).toMatch(/\.$/);
    }
  });
});
