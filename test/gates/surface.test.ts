import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { entryFiles } from '../../docs/entry-files.js';
import { surface, surfacePath } from '../../docs/surface.js';

describe('docs/api-surface.txt', () => {
  let report: string;
  beforeAll(() => {
    report = surface();
  });

  it('the page is the output of `npm run surface`', () => {
    expect(readFileSync(surfacePath, 'utf8')).toBe(report);
  });

  it('the page has a part for each entry, with a declaration or the entry that has it', () => {
    const parts = report.split(/^# /m).slice(1);
    expect(parts.map((part) => part.split('\n', 1)[0])).toEqual([...entryFiles().keys()]);
    for (const part of parts)
      expect(part).toMatch(/^((abstract )?class|interface|type|const|function) |: as in latchkey/m);
  });

  it('the page has neither comments nor private members', () => {
    expect(report).not.toMatch(/\/\*\*|^\s*\/\/|#private|^\s+private /m);
  });
});
