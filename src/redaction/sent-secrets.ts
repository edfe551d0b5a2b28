import { formPair, partsOf } from './form.js';

interface Box<T> {
  expose(): T;
}

/** The AuthOptions that hold secrets. */
interface Secretive {
  readonly key?: Box<{ readonly name: string; readonly secret: string }>;
  readonly tokenDetails?: Box<{ readonly token: string }>;
  readonly tokenRequest?: Box<{ readonly mac: string; readonly nonce: string }>;
  readonly authUrl?: Box<string>;
  readonly authHeaders: Box<object>;
  readonly authParams: Box<object>;
}

/**
 * The values that an application adds to a request, because an endpoint may repeat them: of headers, parameters and the
 * query; in a value such as "Bearer …" the part after the scheme; of a header with cookies each cookie.
 * @param given functions that return them have none of their own
 */
export function secretsIn(url: string, given: { headers: object; params: object }): readonly string[] {
  const valuesIn = (fields: object) => (typeof fields === 'function' ? [] : Object.entries(fields));
  const parts = partsOf(url);
  const pairs = [...valuesIn(given.params), ...parts.map(formPair), ...parts.map(pairIn)];
  return [
    ...valuesIn(given.headers).flatMap(([, value]) => [
      value,
      ...value.split(' ').slice(1),
      ...value.split(/[;,]/).map((part: string) => pairIn(part)[1]),
    ]),
    // Who asks is no secret.
    ...pairs.flatMap(([name, value]) => (name === 'clientId' ? [] : [value])),
  ];
}

/** The secrets of options. The name of a key is public. */
export function secretsOf(options: Secretive): readonly string[] {
  const { key, tokenDetails, tokenRequest, authUrl, authHeaders, authParams } = options;
  const [secret, token, request] = [key?.expose(), tokenDetails?.expose(), tokenRequest?.expose()];
  return [
    ...(secret === undefined ? [] : [secret.secret, `${secret.name}:${secret.secret}`]),
    ...(token === undefined ? [] : [token.token]),
    ...(request === undefined ? [] : [request.mac, request.nonce]),
    ...secretsIn(authUrl?.expose() ?? '', { headers: authHeaders.expose(), params: authParams.expose() }),
  ];
}

function pairIn(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, Math.max(0, at)).trim(), text.slice(at + 1).trim()];
}
