import { afterAll, expect } from 'vitest';
import { linkTable } from '../src/connection/link/link-table.js';

/**
 * Pairs of the connection link's table that are marked as unreachable, and were met all the same. Vitest
 * loads this before each test file: no suite may meet one.
 */
export const met: string[] = [];

type Cell = (mode: never, report: never) => unknown;

const rows: Readonly<Record<string, object>> = linkTable;
for (const [report, row] of Object.entries(rows) as [string, Record<string, Cell>][]) {
  for (const [mode, rule] of Object.entries(row)) {
    if (rule.name !== 'unreachable') continue;
    const unreachable: Cell = (given, what) => {
      met.push(`${report} in ${mode}`);
      return rule(given, what);
    };
    row[mode] = unreachable;
  }
}

afterAll(() => expect(met).toEqual([]));
