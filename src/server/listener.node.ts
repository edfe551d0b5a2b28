import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerRequest } from 'srvx';
import { FastResponse, NodeRequest } from 'srvx/node';
import { invalidOption, port } from '../checks/option-checks.js';
import { REQUEST_LIMIT } from './asked.js';
import { IncomingBody } from './incoming-body.node.js';
import { RESPONSE } from './response-class.js';
import { giveUp, send } from './sending.node.js';
import type { TokenEndpoint } from './token-endpoint.js';

/** A request listener, as `node:http` and Express accept it. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that a middleware such as `express.json()` has read before. */
type Parsed = IncomingMessage & { body?: unknown; rawBody?: Buffer };

/**
 * A token endpoint as a request listener for `node:http`, Express and other servers that accept such
 * listeners. The body may have been parsed by a middleware before.
 *
 * @throws {ErrorInfo} 40003 if `endpoint` is not a token endpoint; the listener throws it if its arguments are
 * not those of `node:http`
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
  if (typeof endpoint !== 'function')
    throw invalidOption('endpoint', 'the result of tokenEndpoint()', endpoint);
  return (request, response) => {
    port('request', request ?? null, ['on', 'read']);
    port('response', response ?? null, ['setHeader', 'end']);
    keepParsedBody(request);
    // A wrapper around the endpoint may throw or reject.
    answered(endpoint, request, response).then(
      (answer) => send(response, answer),
      () => giveUp(response),
    );
  };
}

/** A request that is answered with the class that srvx sends fastest. */
class ListenerRequest extends NodeRequest {
  readonly [RESPONSE] = FastResponse;
}

/** The answer, after the request was received in full. */
async function answered(
  endpoint: TokenEndpoint,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Response> {
  const request: ServerRequest = new ListenerRequest({ req, res });
  if (!IncomingBody.isIn(req)) return endpoint(request);
  const body = new IncomingBody(req, REQUEST_LIMIT);
  Object.defineProperty(request, 'body', { value: body.stream });
  const response = await endpoint(request);
  await body.rest();
  return response;
}

/** A byte that is not UTF-8: the endpoint refuses it as a body that cannot be read. */
const UNREADABLE = Buffer.from([0xff]);

/** A body can be read only once. If a middleware has read it, the parsed value is written back as text. */
function keepParsedBody(request: Parsed): void {
  const { body, headers } = request;
  if (body === undefined || request.rawBody !== undefined || !request.readableEnded) return;
  // The endpoint refuses the request by its length.
  if (Number(headers['content-length']) > REQUEST_LIMIT) return;
  try {
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : asSent(body, request);
    request.rawBody = Buffer.from(text as string);
  } catch {
    // The value is nested too deeply for JSON.stringify().
    request.rawBody = UNREADABLE;
  }
}

function asSent(body: unknown, { headers }: IncomingMessage): string {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (!isForm || typeof body !== 'object' || body === null) return JSON.stringify(body);
  const fields = Object.entries(body).flatMap(([name, value]) => fieldsOf(name, value));
  return new URLSearchParams(fields).toString();
}

/**
 * The parser made a list of a repeated field, and an object of `a[b]=c`. The endpoint must see the fields as
 * they were sent.
 */
function fieldsOf(name: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    const sent = value.length === 1 ? `${name}[]` : name;
    return value.flatMap((one) => fieldsOf(sent, one));
  }
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(`${name}[${key}]`, one));
}
