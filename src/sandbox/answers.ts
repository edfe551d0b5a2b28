import { Fault, type WireError } from './fault.js';

/** The content type must be exactly this: Ably's own SDK compares the whole of it. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

export function errorResponse(error: WireError, retryAfter?: number): Response {
  const response = json({ error }, error.statusCode);
  response.headers.set('x-ably-errorcode', String(error.code));
  response.headers.set('x-ably-errormessage', headerText(error.message));
  if (retryAfter !== undefined) response.headers.set('retry-after', String(retryAfter));
  return response;
}

export function withCors(response: Response): Response {
  response.headers.set('access-control-allow-origin', '*');
  response.headers.set('access-control-allow-headers', '*, authorization');
  response.headers.set('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
  response.headers.set(
    'access-control-expose-headers',
    'link, x-ably-errorcode, x-ably-errormessage, retry-after',
  );
  return response;
}

/** `Accept` beats `format`. @throws {Fault} 40000 when the answer is wanted in another format than JSON */
export function checkFormat(request: Request): void {
  const accept = request.headers.get('accept');
  const isJson =
    accept === null
      ? (new URL(request.url).searchParams.get('format') ?? 'json') === 'json'
      : /json|\*\/\*|application\/\*/i.test(accept);
  if (!isJson) throw new Fault(40000, 'no format is spoken here but JSON (useBinaryProtocol: false)');
}

/** A header holds printable ASCII only; messages name what was sent, which may be anything. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
