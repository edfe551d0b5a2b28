import type { Clock } from '../clock.js';
import { errorCodes } from '../error-codes.js';
import { ErrorInfo } from '../errors.js';
import { maskForeign } from '../foreign-text.js';
import { readBody, UnfitBody } from '../http/body.js';
import { asTold, toldError, toldMessage } from '../http/error-response.js';
import { retryAfterMs } from '../http/retry-after.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import { badAnswer, readAnswer } from './answer.js';
import type { ParsedAuthOptions } from './auth-options.js';
import { cleared } from './cleared-error.js';
import type { Source, SourceServices } from './port.js';

/** Asks the application's own endpoint. @see RSA8c */
export function authUrlSource(
  url: string,
  options: ParsedAuthOptions,
  { fetch, clock }: Pick<SourceServices, 'fetch' | 'clock'>,
): Source {
  return async (params, signal) => {
    const [address, init] = requestFor(url, options, params);
    const response = await ask(fetch, [address, { ...init, signal }], secretsIn(url, options));
    if (response.redirected && new URL(response.url).origin !== new URL(url).origin) {
      await response.body?.cancel().catch(() => {});
      throw badAnswer('redirected to another origin');
    }
    if (!response.ok) {
      // RSA4d: the status counts, however unreadable the rest.
      const content = await readBody(response, signal).catch(() => '');
      throw errorFrom(response, content, clock, secretsIn(url, options));
    }
    const body = await readBody(response, signal).catch((cause: unknown) => {
      throw badAnswer(cause instanceof UnfitBody ? `gave ${cause.message}` : 'broke off', cause);
    });
    return readAnswer(contentOf(response, body, secretsIn(url, options)));
  };
}

async function ask(
  fetch: SourceServices['fetch'],
  [address, init]: readonly [string, RequestInit],
  secrets: readonly string[],
): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch (cause) {
    const what = 'could not be reached, or redirected what must not be sent elsewhere';
    // The words are ours; what is behind them is not.
    throw badAnswer(what, cleared(badAnswer(what, cause), secrets).cause);
  }
}

/** RSA8c1: GET puts all in the query, POST in a form; the address keeps a query of its own. RSA8c2: params win. */
function requestFor(
  url: string,
  options: ParsedAuthOptions,
  params: ParsedTokenParams,
): [string, RequestInit] {
  const fields = new Map(Object.entries(options.authParams.open()));
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) fields.set(name, String(value));
  }
  const headers = new Headers(options.authHeaders.open());
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain, application/jwt');
  if (options.authMethod === 'POST') {
    // The form says of itself what it is, whatever authHeaders say (RSA8c1b).
    headers.delete('content-type');
    return [url, { method: 'POST', headers, body: new URLSearchParams([...fields]), redirect: 'error' }];
  }
  const address = new URL(url);
  address.search = merged(address.search, fields);
  // What the application sends along must not follow a redirect to somebody else.
  const redirect = Object.keys(options.authHeaders.open()).length === 0 ? 'follow' : 'error';
  return [address.href, { method: 'GET', headers, redirect }];
}

/**
 * RSA8c1c: what the address has for a query stays letter for letter, for it may be signed; only names
 * that come again give way.
 */
function merged(query: string, fields: ReadonlyMap<string, string>): string {
  const own = query.replace(/^\?/, '').split('&');
  const kept = own.filter((pair) => {
    const [name] = new URLSearchParams(pair).keys();
    return pair !== '' && !(name !== undefined && fields.has(name));
  });
  return [...kept, ...(fields.size === 0 ? [] : [new URLSearchParams([...fields])])].join('&');
}

function contentOf(response: Response, body: string, secrets: readonly string[]): unknown {
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'text/plain' || type === 'application/jwt') return body.trim();
  if (type !== 'application/json') {
    const what =
      type === undefined || type === ''
        ? 'without a content type'
        : `with the content type ${maskForeign(type, secrets)}`;
    throw badAnswer(`answered ${what}: use application/json, text/plain or application/jwt`);
  }
  const content = parse(body);
  // A token comes as text; JSON stands for an object (RSA8c).
  if (typeof content === 'string') throw badAnswer('answered with a JSON string: send tokens as text/plain');
  return content;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badAnswer('answered with JSON that cannot be read');
  }
}

/**
 * All that an application sends along, for an endpoint may repeat it: the values of headers, params and the
 * query, what stands behind the scheme in one such as "Bearer …", and each of several cookies.
 */
function secretsIn(url: string, { authHeaders, authParams }: ParsedAuthOptions): readonly string[] {
  const headers = Object.values(authHeaders.open());
  const { search, searchParams } = new URL(url);
  const raw = search.slice(1).split('&').map(pairIn);
  const pairs = [...Object.entries(authParams.open()), ...searchParams, ...raw];
  return [
    ...headers.flatMap((value) => [
      value,
      ...value.split(' ').slice(1),
      ...value.split(/[;,]/).map((part) => pairIn(part)[1]),
    ]),
    // Who asks is no secret.
    ...pairs.flatMap(([name, value]) => (name === 'clientId' ? [] : [value])),
  ];
}

function pairIn(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
}

/** RSA4d: 403 is final. RSA4e: an error of Ably's form is passed on; anything else is 40170. */
function errorFrom(response: Response, body: string, clock: Clock, secrets: readonly string[]): ErrorInfo {
  const { status } = response;
  const wait = retryAfterMs(response.headers, clock.now());
  const told = toldError(body);
  if (status === 403) {
    const message = told === undefined ? 'the token source forbids it' : toldMessage(told.message, secrets);
    const { remediation } = errorCodes[40300];
    return new ErrorInfo({ code: told?.code ?? 40300, statusCode: 403, message, remediation });
  }
  if (told !== undefined) return asTold(told, { retryAfterMs: wait, secrets });
  return new ErrorInfo({
    code: 40170,
    statusCode: 401,
    message: `the token source answered ${status}`,
    retryAfterMs: wait,
  });
}
