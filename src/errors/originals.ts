/** How many causes of causes are kept. */
export const MOST_CAUSES = 5;

/** The original object of each error and cause. */
const originals = new WeakMap<object, unknown>();

/** The original object of an error or a cause. */
export const originalOf = (made: object): unknown => originals.get(made);

/** Notes the original object of an error. If that object has an original itself, notes the latter. */
export const noteOriginal = (made: object, from: unknown): void =>
  noteThrown(made, (typeof from === 'object' && from !== null ? originals.get(from) : undefined) ?? from);

/** The same for what an application threw, which may have an original of its own. */
export function noteThrown(made: object, thrown: unknown): void {
  originals.set(made, thrown);
}
