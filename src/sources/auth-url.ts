import type { Clock } from '../clock.js';
import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { reasonOfStatus } from '../errors/reason.js';
import { redaction } from '../errors/redaction.js';
import { isFromElsewhere, isRedirect } from '../http/redirects.js';
import { retryAfterMs, sentAt } from '../http/retry-after.js';
import { uniqueText } from '../http/unique-text.js';
import { addressOf, isOwnOrigin } from '../platform/address.js';
import { discardBody, readBody } from '../platform/body.js';
import { noStore } from '../platform/fetch.js';
import { throwIfAborted } from '../platform/signals.js';
import { formPair, partsOf } from '../redaction/form.js';
import { parseJson } from '../redaction/received.js';
import { formOf } from '../text.js';
import type { ParsedTokenParams } from '../token/token-params.js';
import { badAnswer, readAnswer } from './answer.js';
import { type AuthFieldsFunction, type CheckedFields, checkFields } from './auth-fields.js';
import type { ParsedAuthOptions } from './auth-options.js';
import { failed, loadedSoon } from './late-failures.js';
import type { Source, SourceServices } from './port.js';

/** What the application sends along with one request. */
interface Sent {
  readonly headers: CheckedFields;
  readonly params: CheckedFields;
}

/** @see AuthOptions.authCacheParam */
const CACHE_PARAM = '_';

/** Asks the application's own endpoint. @see RSA8c */
export function authUrlSource(
  url: string,
  options: ParsedAuthOptions,
  { fetch, clock, random, secrets: store }: Pick<SourceServices, 'fetch' | 'clock' | 'random' | 'secrets'>,
): Source {
  return async (params, signal, call) => {
    const given = async (fields: AuthFieldsFunction | CheckedFields, name: 'authHeaders' | 'authParams') => {
      if (typeof fields !== 'function') return fields;
      call.awaited = name;
      const checked = await fieldsFrom(fields, name);
      call.awaited = undefined;
      return checked;
    };
    const [headers, fields] = [options.authHeaders.expose(), options.authParams.expose()];
    const sent: Sent = {
      headers: await given(headers, 'authHeaders'),
      params: await given(fields, 'authParams'),
    };
    throwIfAborted(signal);
    const own = () => redaction()?.secretsIn(url, sent) ?? [];
    if (typeof headers === 'function' || typeof fields === 'function') store?.noteSent(own);
    const secrets = () => [...own(), ...(store?.all() ?? [])];
    const [address, init] = requestFor(url, options, sent, params, () => uniqueText(clock.now(), random));
    try {
      const isBare = Object.keys(sent.headers).length === 0;
      const response = await answerTo(address, { ...init, ...noStore(), signal }, { fetch, isBare });
      const sentMs = sentAt(response.headers);
      const aheadMs = sentMs === undefined ? undefined : sentMs - clock.now();
      return { ...readAnswer(await contentIn(response, url, { signal, clock, secrets })), aheadMs };
    } catch (thrown) {
      if (isOwnError(thrown) || thrown === signal.reason) throw thrown;
      throw await failed(thrown, ({ unanswered }) => unanswered(thrown, secrets()));
    }
  };
}

/** The fields that a function of the application returns for one request. */
async function fieldsFrom(
  read: AuthFieldsFunction,
  name: 'authHeaders' | 'authParams',
): Promise<CheckedFields> {
  let given: unknown;
  try {
    given = await read();
  } catch (thrown) {
    const what = `was not asked: the function ${name} failed`;
    throw await failed(thrown, ({ sourceError }) => sourceError(thrown, what));
  }
  try {
    return checkFields(name, given ?? {});
  } catch (fault) {
    throw await failed(undefined, ({ unsendable }) => unsendable(name, fault));
  }
}

/** For the page's own origin a mode is used in which the browser follows no redirect to another. */
async function answerTo(
  address: string,
  given: RequestInit,
  { fetch, isBare }: Pick<SourceServices, 'fetch'> & { readonly isBare: boolean },
): Promise<Response> {
  if (given.method === 'GET' && isOwnOrigin(addressOf(address)?.origin ?? ''))
    return await fetch(address, { ...given, redirect: 'follow', mode: 'same-origin' });
  const response = await fetch(address, given);
  if (!isRedirect(response)) return response;
  discardBody(response);
  const code = await loadedSoon();
  if (code !== undefined) return await code.followRedirects(response, address, given, { fetch, isBare });
  throw badAnswer(
    'redirects, and the code to follow it could not be loaded',
    undefined,
    undefined,
    'unreachable',
  );
}

interface Reading {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly secrets: () => readonly string[];
}

async function contentIn(
  response: Response,
  url: string,
  { signal, clock, secrets }: Reading,
): Promise<unknown> {
  if (isFromElsewhere(response, url)) {
    discardBody(response);
    throw await failed(undefined, ({ redirectedAway }) => redirectedAway());
  }
  if (!response.ok) {
    // RSA4d: the status counts, even if the body cannot be read.
    const content = await readBody(response, signal).catch(() => '');
    const { status, headers } = response;
    const wait = retryAfterMs(headers, clock.now());
    const error = errorOfStatus(status, wait);
    throw await failed(
      error,
      ({ errorIn }) => errorIn(content, status, { retryAfterMs: wait, secrets: secrets() }) ?? error,
    );
  }
  const body = await readBody(response, signal).catch(async (cause: unknown) => {
    throw await failed(cause, ({ brokenOff }) => brokenOff(cause));
  });
  const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === 'text/plain' || type === 'application/jwt') return body.trim();
  const content = type === 'application/json' ? parsed(body) : undefined;
  // A token is sent as text, and JSON is for objects (RSA8c).
  if (content !== undefined && typeof content !== 'string') return content;
  throw await failed(undefined, ({ unreadable }) => unreadable(type, content, secrets()));
}

/**
 * RSA8c1: a GET has all fields in the query, a POST has them in a form. The query of the address is kept. RSA8c2:
 * params replace fields of the same name.
 */
function requestFor(
  url: string,
  options: ParsedAuthOptions,
  sent: Sent,
  params: ParsedTokenParams,
  mark: () => string,
): [string, RequestInit] {
  const fields = new Map(Object.entries(sent.params));
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null) fields.set(name, String(value));
  }
  const { authMethod: method, authCredentials: credentials, authCacheParam = CACHE_PARAM } = options;
  const headers = {
    accept: 'application/json, text/plain, application/jwt',
    ...sent.headers,
  };
  const init: RequestInit = { method, headers, redirect: 'manual', ...(credentials && { credentials }) };
  if (method === 'POST') {
    // The form has its own content type, whatever authHeaders contain (RSA8c1b).
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return [url, { ...init, headers: { ...headers, 'content-type': type }, body: formOf(fields) }];
  }
  const own = partsOf(url).filter((part) => part !== '');
  const names = own.map((part) => formPair(part)[0]);
  if (authCacheParam !== false && !fields.has(authCacheParam) && !names.includes(authCacheParam)) {
    fields.set(authCacheParam, mark());
  }
  // RSA8c1c: the query of the address is kept character for character, because it may be signed. Only names that
  // occur again are replaced.
  const kept = own.filter((_part, index) => !fields.has(names[index] ?? ''));
  const query = [...kept, ...(fields.size === 0 ? [] : [formOf(fields)])].join('&');
  return [url.split(/[?#]/)[0] + (query === '' ? '' : `?${query}`), init];
}

/** undefined: it is not JSON. */
function parsed(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

/** RSA4d: 403 is final. Anything else without an error in Ably's form is 40170. */
function errorOfStatus(status: number, retryAfterMs: number | undefined): ErrorInfo {
  if (status === 403) return new ErrorInfo({ code: 40300, message: 'the token source forbids it' });
  const message = `the token source answered ${status}`;
  const cause = status === 401 ? new ErrorInfo({ code: 40100, message }) : undefined;
  const reason = reasonOfStatus(status, true);
  return new ErrorInfo({ code: 40170, message, reason, retryAfterMs, cause });
}
