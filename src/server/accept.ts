/**
 * Whether an `Accept` header asks for a JWT by its name. A header that names JSON too gets JSON, unless it prefers the
 * JWT: a JWT alone says nothing of its lifetime and rights to a client that cannot read it.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.accept
 */
export function asksForJwt(accept: string | null): boolean {
  if (accept === null || !/\bapplication\/jwt\b/i.test(accept)) return false;
  const weights = new Map<string | undefined, number>();
  for (const range of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    weights.set(type, Math.max(weights.get(type) ?? 0, weightIn(parameters)));
  }
  return (weights.get('application/jwt') ?? 0) > (weights.get('application/json') ?? 0);
}

/** The weight of a range, from 0 to 1. An unreadable one is 0. */
function weightIn(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (weight === undefined) return 1;
  return /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0;
}
