import { Fault, type WireError } from './fault.js';
import { contentTypes, encode, type Format } from './format.js';

/** The answer of a route, before it is encoded in the requested format. */
export interface Answer {
  readonly status?: number;
  /** Absent: the answer has no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers of every answer. A page must not load an answer as another kind of resource, such as a script. */
export const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

export function responseOf({ status = 200, body, headers }: Answer, format: Format): Response {
  if (body === undefined) return new Response(null, { status: 204, headers: { ...headers, ...always } });
  const init = { status, headers: { ...headers, ...always, 'content-type': contentTypes[format] } };
  return new Response(encode(format, body), init);
}

/**
 * The answer to a request with the parameter `envelope`: its status and headers are in the body too.
 * @see Resource.unenvelope() of ably-js
 */
export function enveloped(answer: Answer): Answer {
  const { status: statusCode = 200, body: response, headers = {} } = answer;
  return response === undefined ? answer : { ...answer, body: { statusCode, response, headers } };
}

export function errorAnswer(error: WireError, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: error.statusCode,
    body: { error },
    headers: {
      ...headers,
      'x-ably-errorcode': String(error.code),
      'x-ably-errormessage': headerText(error.message),
    },
  };
}

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*, authorization',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-expose-headers': 'link, x-ably-errorcode, x-ably-errormessage, retry-after',
};

export function withCors(response: Response): Response {
  for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
  return response;
}

/**
 * The format of the answer. The header `accept` wins over the parameter `format`, unless it accepts
 * everything.
 * @throws {Fault} 40000 for an unknown format, or an answer as a script
 */
export function formatFor(request: Request): Format {
  const query = new URL(request.url).searchParams;
  if (query.has('callback'))
    throw new Fault('the sandbox does not offer this', 'the parameter callback, for an answer as a script');
  const accepted = (request.headers.get('accept') ?? '*/*').toLowerCase().split(',');
  for (const type of accepted.map((one) => one.split(';', 1)[0]?.trim() ?? '')) {
    if (type === contentTypes.json) return 'json';
    if (type === contentTypes.msgpack) return 'msgpack';
    if (type === '*/*' || type === 'application/*') return readFormat(query);
  }
  throw new Fault('no such format', 'the format must be JSON or MessagePack');
}

/** Reads the parameter `format`. @throws {Fault} 40000 for an unknown format */
export function readFormat(query: URLSearchParams): Format {
  const format = query.get('format') ?? 'json';
  if (format === 'json' || format === 'msgpack') return format;
  throw new Fault('no such format', 'the format must be json or msgpack');
}

/** A text for a header: printable ASCII, at most 256 characters. Messages repeat what a client sent. */
function headerText(text: string): string {
  return text.slice(0, 256).replace(/[^\x20-\x7e]/g, '?');
}
