import { it } from 'vitest';

/**
 * One case of Ably's Universal Test Specs, by its id.
 *
 * @see https://github.com/ably/specification/tree/main/uts
 */
export function utsCase(id: string, title: string, run: () => Promise<void> | void): void {
  it(`${title} · ${id}`, run);
}

/** A case that says otherwise than the contract, or than Latchkey decided: it asserts what was decided. */
export function contradictedCase(id: string, decided: string, run: () => Promise<void> | void): void {
  it(`${decided} · ${id} · contradicted`, run);
}
