import { describe, expect } from 'vitest';
import { utsCase } from '../case.js';
import { sandboxed } from './sandboxed.js';

describe('rest/integration/time_stats.md', () => {
  utsCase('rest/integration/RSC16/time-returns-server-time-0', 'tells the time of the server', async () => {
    const { clock, sandbox, keyStr, newAuth } = sandboxed();
    const auth = newAuth({ key: keyStr });
    const before = clock.now();
    expect(await auth.time()).toBe(before);
    await clock.advance(90_000);
    expect(await auth.time()).toBe(before + 90_000);
    expect(sandbox.requests.map(({ path, status }) => [path, status])).toEqual([
      ['/time', 200],
      ['/time', 200],
    ]);
  });
});
