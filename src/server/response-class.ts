/** Where a listener puts the class of the answer to a request. Files in CommonJS have the same symbol. */
export const RESPONSE: unique symbol = Symbol.for('latchkey.response') as never;

/**
 * The class of the answer: that of the listener which made the request, otherwise the platform's. The servers of
 * Bun and Deno accept only their own Response.
 */
export function responseClass(request: Request): typeof Response {
  return (request as { [RESPONSE]?: typeof Response })[RESPONSE] ?? globalThis.Response;
}
