import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerRequest } from 'srvx';
import { toNodeHandler } from 'srvx/node';
import { invalidOption, port } from '../checks/option-checks.js';
import { REQUEST_LIMIT } from './asked.js';
import { IncomingBody } from './incoming-body.node.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** What `node:http` and Express take. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** What a middleware such as `express.json()` leaves behind. */
type Parsed = IncomingMessage & { body?: unknown; rawBody?: Buffer };

/**
 * A token endpoint for `node:http`, Express and all that take their listeners. A body that a middleware
 * has parsed before is understood too.
 *
 * @throws {ErrorInfo} 40003 for what is no token endpoint; the listener for what `node:http` does not give
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { Auth } from 'latchkey';
 * import { tokenEndpoint } from 'latchkey/server';
 * import { nodeListener } from 'latchkey/server/node';
 *
 * const endpoint = tokenEndpoint({
 *   auth: new Auth('appId.keyId:secret'),
 *   grant: () => ({ capability: { 'news:*': ['subscribe'] } }),
 * });
 * createServer(nodeListener(endpoint)).listen(0).close();
 * ```
 */
export function nodeListener(endpoint: TokenEndpoint): NodeListener {
  if (typeof endpoint !== 'function') throw invalidOption('endpoint', 'what tokenEndpoint() gives', endpoint);
  // Its type asks for what HTTP/1 and HTTP/2 have in common and apart; it takes either.
  const handle = toNodeHandler((request) => answered(endpoint, request)) as NodeListener;
  return (request, response) => {
    port('request', request ?? null, ['on', 'read']);
    port('response', response ?? null, ['setHeader', 'end']);
    keepParsedBody(request);
    handle(request, response);
  };
}

/** The answer, once the request was received in full. */
function answered(endpoint: TokenEndpoint, request: ServerRequest): Promise<Response> {
  const incoming = request.runtime?.node?.req as IncomingMessage | undefined;
  if (incoming === undefined || !IncomingBody.isIn(incoming)) return endpoint(request);
  const body = new IncomingBody(incoming, REQUEST_LIMIT);
  Object.defineProperty(request, 'body', { value: body.stream });
  return endpoint(request).then(async (response) => {
    await body.rest();
    return response;
  });
}

/** It is not UTF-8: the endpoint refuses it as a body that cannot be read. */
const UNREADABLE = Buffer.from([0xff]);

/** A body can be read once: where somebody did, what is understood is written down again. */
function keepParsedBody(request: Parsed): void {
  const { body, headers } = request;
  if (body === undefined || request.rawBody !== undefined || !request.readableEnded) return;
  // The endpoint refuses it by its length.
  if (Number(headers['content-length']) > REQUEST_LIMIT) return;
  try {
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : asSent(body, request);
    request.rawBody = Buffer.from(text as string);
  } catch {
    // It is nested too deeply for JSON.stringify().
    request.rawBody = UNREADABLE;
  }
}

function asSent(body: unknown, { headers }: IncomingMessage): string {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (!isForm || typeof body !== 'object' || body === null) return JSON.stringify(body);
  const fields = Object.entries(body).flatMap(([name, value]) => fieldsOf(name, value));
  return new URLSearchParams(fields).toString();
}

/** What came twice has become a list, and `a[b]=c` an object; the endpoint must see them as they came. */
function fieldsOf(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const sent = value.length === 1 ? `${name}[]` : name;
    return value.flatMap((one) => fieldsOf(sent, one));
  }
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(`${name}[${key}]`, one));
}
