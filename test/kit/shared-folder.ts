import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The path of a folder that does not exist yet, for one test. */
export function newFolder(): string {
  const home = mkdtempSync(join(tmpdir(), 'latchkey-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return join(home, 'tokens');
}

/** A name as the core makes one. */
export const aName = 'a1'.repeat(32);
export const anotherName = 'b2'.repeat(32);
