/**
 * Whether a value is an instance of a class of Latchkey, of this copy of the package or of another copy. An app
 * may contain two copies, and `instanceof` knows only one of them. A value that came over a wire is never an
 * instance: JSON contains no symbols.
 *
 * @param brand a `Symbol.for('latchkey.…')`, under which the class has `true`
 */
export function isBranded(value: unknown, brand: symbol): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return (value as Readonly<Record<symbol, unknown>>)[brand] === true;
  } catch {
    // A getter or a Proxy may throw.
    return false;
  }
}
