/**
 * Whether a value is of a class of Latchkey, be it of another copy of the package: an app may have two, and
 * `instanceof` knows one of them. What came over a wire never is, for JSON holds no symbols.
 *
 * @param brand a `Symbol.for('latchkey.…')`, under which the class has `true`
 */
export function isBranded(value: unknown, brand: symbol): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return (value as Readonly<Record<symbol, unknown>>)[brand] === true;
  } catch {
    // A getter, or a Proxy, may throw.
    return false;
  }
}
