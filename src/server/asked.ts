import { ErrorInfo } from '../errors/error-info.js';
import { BODY_LIMIT, readBody, UnusableBody } from '../platform/body.js';
import { parseJson } from '../redaction/received.js';
import { type Capability, canonicalCapability } from '../token/capability.js';
import { checkTokenParamName, tokenParamNames } from '../token/token-params.js';
import { ASKED_LIMITS, excessOf } from './capability-limits.js';

/**
 * What a client requests: its TokenParams, checked, and all other parameters. The client chose everything in
 * here. Nothing in here is verified.
 */
export interface Asked {
  /** The requested lifetime of the token, ms. */
  readonly ttl?: number;
  readonly capability?: Capability;
  readonly clientId?: string;
  /** All parameters as they were sent, `authParams` too: from the query and from the body. The body wins. */
  readonly params: ReadonlyMap<string, unknown>;
}

type Params = Asked['params'];

/** The longest request that a token endpoint reads, in bytes. */
export const REQUEST_LIMIT = BODY_LIMIT / 2;

/** The highest number of parameters: more than TokenParams and `authParams` need. */
const MOST_PARAMS = 256;

const LONGEST_CLIENT_ID = 1_024;

/** How many characters of a text from the request an error message repeats. */
const LONGEST_NAME = 40;

/**
 * Reads a request in the way `authUrl` sends it: GET with a query, or POST with a form or JSON.
 *
 * @returns at once if there is no body; otherwise a promise
 * @throws {ErrorInfo} whose status code is that of the answer: 400, 405, 413 or 415
 * @see RSA8c1
 */
export function readAsked(request: Request, signal: () => AbortSignal): Asked | Promise<Asked> {
  const { method } = request;
  const query = queryOf(request.url);
  if (method === 'GET') return asked(query);
  if (method === 'POST') {
    return readBodyOf(request, signal()).then((body) => asked(new Map([...query, ...body])));
  }
  throw new ErrorInfo({
    code: 40500,
    statusCode: 405,
    message: `the method must be GET or POST; got ${shown(method)}`,
    remediation: 'Ask with GET or POST.',
  });
}

function queryOf(url: string): Params {
  const start = url.indexOf('?');
  if (start < 0) return new Map();
  const query = url.slice(start + 1);
  if (query.length > REQUEST_LIMIT) throw tooLong('query');
  return fieldsOf(new URLSearchParams(query));
}

async function readBodyOf(request: Request, signal: AbortSignal): Promise<Params> {
  if (Number(request.headers.get('content-length')) > REQUEST_LIMIT) throw tooLong('body');
  const text = await readBody(request, signal, REQUEST_LIMIT).catch((fault: unknown) => {
    if (fault instanceof UnusableBody && fault.isTooLong) throw tooLong('body');
    throw signal.aborted ? signal.reason : unreadable('its body cannot be read', fault);
  });
  if (text === '') return new Map();
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return fieldsOf(new URLSearchParams(text));
  if (type === 'application/json') return jsonFields(text);
  throw new ErrorInfo({
    code: 40001,
    statusCode: 415,
    message: 'the body is neither a form nor JSON',
    remediation: 'Send application/x-www-form-urlencoded or application/json.',
  });
}

function fieldsOf(search: URLSearchParams): Params {
  const fields = new Map<string, unknown>();
  for (const [name, value] of search) {
    if (fields.has(name)) throw unreadable(`it has ${shown(name)} twice`);
    fields.set(name, value);
  }
  return fields;
}

function jsonFields(text: string): Params {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch (cause) {
    throw unreadable('its body is not JSON, or nested too deep', cause);
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return new Map(Object.entries(parsed));
  }
  throw unreadable('its body is JSON, but not an object');
}

function asked(params: Params): Asked {
  if (params.size > MOST_PARAMS) throw unreadable(`it has more than ${MOST_PARAMS} parameters`);
  for (const name of params.keys()) if (!tokenParamNames.includes(name)) checkTokenParamName(name);
  const all: { -readonly [K in keyof Asked]: Asked[K] } = { params };
  const ttl = params.get('ttl');
  const capability = params.get('capability');
  const clientId = params.get('clientId');
  if (isGiven(ttl)) all.ttl = askedTtl(ttl);
  if (isGiven(capability)) all.capability = askedCapability(capability);
  if (isGiven(clientId)) all.clientId = askedClientId(clientId);
  return all;
}

/** Whether a parameter has a value. In a query, an empty text means that it is absent. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function askedTtl(ttl: unknown): number {
  const ms = typeof ttl === 'string' && /^\d{1,16}$/.test(ttl) ? Number(ttl) : ttl;
  if (Number.isSafeInteger(ms) && Number(ms) > 0) return Number(ms);
  throw new ErrorInfo({ code: 40003, message: 'ttl must be a whole number of ms above zero' });
}

function askedClientId(clientId: unknown): string {
  if (typeof clientId !== 'string' || CONTROL.test(clientId)) {
    throw new ErrorInfo({ code: 40012, message: 'clientId must be a string of one line' });
  }
  if (clientId.length <= LONGEST_CLIENT_ID) return clientId;
  throw new ErrorInfo({
    code: 40012,
    message: `clientId must have at most ${LONGEST_CLIENT_ID} characters; got ${clientId.length}`,
  });
}

/** Line breaks, other control characters and lone surrogates. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

function askedCapability(given: unknown): Capability {
  // Only the check counts here, not its text: it throws for a value that is not an object of lists of
  // strings.
  const text = canonicalCapability(given as string | Capability);
  const capability = JSON.parse(text) as Capability;
  const excess = excessOf(capability, ASKED_LIMITS);
  if (excess !== undefined) {
    throw new ErrorInfo({
      code: 40003,
      message: `capability ${excess}`,
      remediation: 'Ask for less, or leave capability out to get everything that is granted.',
    });
  }
  if (Object.keys(capability).some((name) => name.startsWith('[]'))) {
    throw new ErrorInfo({
      code: 40003,
      message: 'capability names a channel with an empty qualifier, []',
      remediation: 'Leave [] out for plain channels; [*] means every kind.',
    });
  }
  return capability;
}

function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}...` : text);
}

function tooLong(what: string): ErrorInfo {
  return new ErrorInfo({
    code: 40001,
    statusCode: 413,
    message: `the ${what} is longer than ${REQUEST_LIMIT} bytes`,
    remediation: 'Send TokenParams and a few parameters of your own.',
  });
}

function unreadable(why: string, cause?: unknown): ErrorInfo {
  return new ErrorInfo({
    code: 40001,
    message: `the request cannot be understood: ${why}`,
    remediation: 'Send each parameter once, as a query, a form or one JSON object.',
    cause,
  });
}
