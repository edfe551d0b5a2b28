/** How many causes of causes are kept. */
export const MOST_CAUSES = 5;

/** The objects that errors and causes were made from. */
const originals = new WeakMap<object, unknown>();

/** The object that an error or a cause was made from. */
export const originalOf = (made: object): unknown => originals.get(made);

/** Notes the object that an error was made from; if that was made from another, the first one. */
export const noteOriginal = (made: object, from: unknown): void =>
  noteThrown(made, (typeof from === 'object' && from !== null ? originals.get(from) : undefined) ?? from);

/** The same for what an application threw, which may have an original of its own. */
export function noteThrown(made: object, thrown: unknown): void {
  originals.set(made, thrown);
}
