import { describe, expect, it } from 'vitest';
import { ages, KINDS, mostAsks, mostFetches, SKEWS, SOURCES } from '../../bench/simulate/ages.js';
import { agesText } from '../../bench/simulate/ages-text.js';

describe('six hours with wrong clocks, four kinds of token and six sources', () => {
  it('no dead token is handed out where a clue could tell, and none is fetched in vain', async () => {
    const cells = await ages();
    expect(cells).toHaveLength(SKEWS.length * KINDS.length * SOURCES.length);
    for (const { couldTell, dead, fetches, asks, ...cell } of cells) {
      if (!couldTell) continue;
      expect({ ...cell, dead }).toMatchObject({ dead: 0 });
      expect(fetches, JSON.stringify(cell)).toBeLessThanOrEqual(mostFetches(cell.source));
      expect(asks, JSON.stringify(cell)).toBeLessThanOrEqual(mostAsks(cell.source));
    }
    expect(agesText(cells)).toContain('cached authUrl');
  }, 120_000);
});
