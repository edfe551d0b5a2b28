import { it } from 'vitest';

/**
 * One case of Ably's Universal Test Specs, by its id.
 *
 * @see https://github.com/ably/specification/tree/main/uts
 */
export function utsCase(id: string, title: string, run: () => Promise<void> | void): void {
  it(`${title} · ${id}`, run);
}

/** A case that differs from the contract, or from a decision of Latchkey: it asserts the decision. */
export function contradictedCase(id: string, decided: string, run: () => Promise<void> | void): void {
  it(`${decided} · ${id} · contradicted`, run);
}
