import { describe, expect, it, vi } from 'vitest';

type MadeFor = typeof import('../../../src/connection/made-for.js');

async function copies(): Promise<readonly [MadeFor, MadeFor]> {
  vi.resetModules();
  const first = await import('../../../src/connection/made-for.js');
  vi.resetModules();
  return [first, await import('../../../src/connection/made-for.js')];
}

const adapter = (by: MadeFor) => {
  const connection = { state: 'connected' };
  by.noteMaking(connection, () => {});
  return connection as never;
};

describe('a connection that is made within a nested call of another copy of the package', () => {
  it('each connection belongs to the innermost owner, whichever copy made it', async () => {
    const [one, other] = await copies();
    expect(one.makeFor).not.toBe(other.makeFor);
    const [outer, inner] = [{}, {}];
    const made = one.makeFor(outer, () => {
      const nested = other.makeFor(inner, () => [adapter(one), adapter(other)]);
      return { nested, after: [adapter(one), adapter(other)] };
    });
    const later = [adapter(one), adapter(other)];

    for (const copy of [one, other]) {
      for (const connection of made.nested)
        expect([copy.isMadeFor(connection, inner), copy.isMadeFor(connection, outer)]).toEqual([true, false]);
      for (const connection of made.after) expect(copy.isMadeFor(connection, outer)).toBe(true);
      for (const connection of later)
        expect([copy.isMadeFor(connection, inner), copy.isMadeFor(connection, outer)]).toEqual([
          false,
          false,
        ]);
    }
  });

  it('the owner is known in a page whose global object is frozen', async () => {
    const [one] = await copies();
    const set = vi.spyOn(Reflect, 'set').mockReturnValue(false);
    const [outer, inner] = [{}, {}];
    const made = one.makeFor(outer, () => [one.makeFor(inner, () => adapter(one)), adapter(one)] as const);
    const later = adapter(one);
    set.mockRestore();
    expect(one.isMadeFor(made[0], inner)).toBe(true);
    expect(one.isMadeFor(made[1], outer)).toBe(true);
    expect(one.isMadeFor(later, outer)).toBe(false);
  });
});
