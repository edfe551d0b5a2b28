/**
 * Whether an `Accept` header prefers a JWT alone to JSON. Only a range with the name `application/jwt` asks for a JWT.
 * JSON has the weight of the most specific range that includes it: its name, `application/*`, or the range of all types.
 * At equal weights the type that is named wins, and JSON if both are: a JWT alone says nothing of its lifetime and
 * rights to a client that cannot read it. A range that cannot be read asks for nothing.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.accept
 */
export function prefersJwt(accept: string | null): boolean {
  if (accept === null || !/application\/jwt/i.test(accept)) return false;
  const weights = new Map<string, number>();
  for (const [range] of accept.toLowerCase().matchAll(RANGES)) {
    const [type = '', ...parameters] = (range.match(PARTS) ?? []).map((part) => part.trim());
    const weight = weightIn(parameters);
    if (weight !== undefined) weights.set(type, Math.max(weights.get(type) ?? 0, weight));
  }
  const jwt = weights.get('application/jwt') ?? 0;
  const named = weights.get('application/json');
  if (named !== undefined) return jwt > named;
  return jwt > 0 && jwt >= (weights.get('application/*') ?? weights.get('*/*') ?? 0);
}

/** The parts between commas, and between semicolons: those in a quoted text do not count. An open quote has no end. */
const RANGES = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g;
const PARTS = /(?:[^;"]|"(?:\\.|[^"\\])*"?)+/g;

/** The weight of a range, from 0 to 1; undefined if it cannot be read. */
function weightIn(parameters: readonly string[]): number | undefined {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (weight === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : undefined;
}
