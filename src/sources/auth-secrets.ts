import { addressOf } from '../platform/address.js';
import { formPair } from '../platform/text.js';
import type { CheckedFields } from './auth-fields.js';
import type { ParsedAuthOptions } from './auth-options.js';

/** The headers and parameters that the application adds to one request. */
export interface Sent {
  readonly headers: CheckedFields;
  readonly params: CheckedFields;
}

/**
 * The values that an application adds to a request, because an endpoint may repeat them: of headers, parameters and the
 * query; in a value such as "Bearer …" the part after the scheme; of a header with cookies each cookie.
 */
export function secretsIn(url: string, { headers: given, params }: Sent): readonly string[] {
  const headers = Object.values(given);
  const parts = partsOf(url);
  const pairs = [...Object.entries(params), ...parts.map(formPair), ...parts.map(pairIn)];
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

/** The secrets of options. The name of a key is public. */
export function secretsOf(options: ParsedAuthOptions): readonly string[] {
  const { key, tokenDetails, tokenRequest, authUrl, authHeaders, authParams } = options;
  const [secret, token, request] = [key?.expose(), tokenDetails?.expose(), tokenRequest?.expose()];
  const [headers, params] = [authHeaders.expose(), authParams.expose()];
  return [
    ...(secret === undefined ? [] : [secret.secret, `${secret.name}:${secret.secret}`]),
    ...(token === undefined ? [] : [token.token]),
    ...(request === undefined ? [] : [request.mac, request.nonce]),
    ...secretsIn(authUrl?.expose() ?? '', {
      headers: typeof headers === 'function' ? {} : headers,
      params: typeof params === 'function' ? {} : params,
    }),
  ];
}

/** The parts of the query of an address. */
export function partsOf(url: string): string[] {
  return addressOf(url)?.search.slice(1).split('&') ?? [];
}

function pairIn(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
}
