import { Fault, type WireError } from './fault.js';
import { contentTypes, encode, type Format } from './format.js';

/** What a route answers, before it is written in the format that was asked for. */
export interface Answer {
  readonly status?: number;
  /** Absent: there is no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No page may load an answer as something else, such as a script. */
export const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
};

export function responseOf({ status = 200, body, headers }: Answer, format: Format): Response {
  if (body === undefined) return new Response(null, { status: 204, headers: { ...headers, ...always } });
  const init = { status, headers: { ...headers, ...always, 'content-type': contentTypes[format] } };
  return new Response(encode(format, body), init);
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
  'access-control-allow-methods': 'GET, POST, DELETE, OPTIONS',
  'access-control-expose-headers': 'link, x-ably-errorcode, x-ably-errormessage, retry-after',
};

export function withCors(response: Response): Response {
  for (const [name, value] of Object.entries(cors)) response.headers.set(name, value);
  return response;
}

/** `Accept` beats `format`, unless it takes anything. @throws {Fault} 40000 for a format there is not */
export function formatFor(request: Request): Format {
  const accepted = (request.headers.get('accept') ?? '*/*').toLowerCase().split(',');
  for (const type of accepted.map((one) => one.split(';', 1)[0]?.trim() ?? '')) {
    if (type === contentTypes.json) return 'json';
    if (type === contentTypes.msgpack) return 'msgpack';
    if (type === '*/*' || type === 'application/*') return readFormat(new URL(request.url).searchParams);
  }
  throw new Fault('no such format', 'there are JSON and MessagePack');
}

/** @throws {Fault} 40000 for a format there is not */
export function readFormat(query: URLSearchParams): Format {
  const format = query.get('format') ?? 'json';
  if (format === 'json' || format === 'msgpack') return format;
  throw new Fault('no such format', 'there are json and msgpack');
}

/** A header holds printable ASCII only, and not much of it; messages repeat what was sent, which may be anything. */
function headerText(text: string): string {
  return text.slice(0, 256).replace(/[^\x20-\x7e]/g, '?');
}
