import { expect } from 'vitest';
import { isErrorInfo } from '../../src/index.js';

/** One value of each type, by name. */
export const values: Readonly<Record<string, unknown>> = {
  null: null,
  undefined,
  true: true,
  0: 0,
  '-1': -1,
  NaN: Number.NaN,
  1.5: 1.5,
  "'443'": '443',
  "''": '',
  '{}': {},
  '[]': [],
  'a function': () => {},
  'a symbol': Symbol('secret'),
  'a bigint': 1n,
  'a Date': new Date(),
  'a Map': new Map(),
};

export const absent = ['null', 'undefined'];
export const texts = ["'443'"];
export const anyTexts = [...texts, "''"];
export const flags = ['true'];
export const functions = ['a function'];
export const records = ['{}'];
export const spans = ['0', '1.5'];
export const numbers = [...spans, '-1'];

/** The codes of an error for an invalid argument. */
const CODES = [40003, 40005, 40012, 40101, 40106];

/** Expects that the values in `taken` are accepted, and all others refused by the argument's name. */
export async function expectRefusals(
  name: string,
  taken: readonly string[],
  call: (value: unknown) => unknown,
): Promise<void> {
  for (const [shown, value] of Object.entries(values)) {
    const error = await thrownBy(() => call(value));
    if (taken.includes(shown)) {
      expect(error, `${name}: ${shown}`).toBe('nothing');
      continue;
    }
    expect(
      isErrorInfo(error) && CODES.includes(error.code) ? error.message : error,
      `${name}: ${shown}`,
    ).toMatch(new RegExp(`(^|[.\\s])${name}\\b`));
  }
}

/** What a call throws or rejects with. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    const made = (await call()) as { dispose?: () => unknown } | null | undefined;
    await made?.dispose?.();
    return 'nothing';
  } catch (thrown) {
    return thrown;
  }
}
