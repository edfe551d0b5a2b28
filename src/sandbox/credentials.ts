import { fromBase64, textOf } from '#sandbox-bytes';
import type { Apps, Key } from './apps.js';
import { decodeClientId, identityOf } from './client-id.js';
import { clientTypeOf, declaredType } from './client-type.js';
import { Fault } from './fault.js';
import type { Grant, Tokens } from './tokens.js';

/** Reads the credentials of requests and connections. */
export class Credentials {
  readonly #apps: Apps;
  readonly #tokens: Tokens;
  readonly #basicNeedsTls: boolean;
  readonly #isMau: boolean;

  /**
   * @param basicNeedsTls whether keys are refused over `http:` and `ws:`, as Ably does (RSA1)
   * @param isMau whether requests must say what their client is
   */
  constructor(apps: Apps, tokens: Tokens, basicNeedsTls: boolean, isMau: boolean) {
    this.#apps = apps;
    this.#tokens = tokens;
    this.#basicNeedsTls = basicNeedsTls;
    this.#isMau = isMau;
  }

  /** The key in `Authorization: Basic`; undefined without that header. @throws {Fault} if it is invalid */
  basicKey({ headers, url }: Request): Key | undefined {
    const [scheme, value] = split(headers.get('authorization'));
    if (scheme !== 'basic') return undefined;
    return this.#key(textOf(fromBase64(value)), new URL(url));
  }

  /** The grant of a REST request, whose client has said what it is. @throws {Fault} */
  ofRequest(request: Request): Grant {
    const grant = this.grantOf(request);
    this.checkType(request, grant);
    return grant;
  }

  /** The grant of a REST request, whatever its client is. @throws {Fault} if the credentials are not accepted */
  grantOf(request: Request): Grant {
    const grant = this.#credentialsOf(request);
    const clientId = identityOf(grant, decodeClientId(request.headers.get('x-ably-clientid')));
    return { ...grant, clientId };
  }

  /** Checks what the client of a request is, after its credentials. @throws {Fault} 40167, 40168 */
  checkType({ url, headers }: Request, grant: Grant): void {
    if (!this.#isMau) return;
    const query = new URL(url).searchParams;
    clientTypeOf(grant, declaredType(query.get('clientType'), headers.get('ably-agent')));
  }

  /** The grant of a connection, from `accessToken`, the SDK's `access_token`, or `key`. @throws {Fault} */
  ofConnection(address: URL): Grant {
    try {
      return this.#ofQuery(address);
    } catch (thrown) {
      // For an unknown key, REST answers 404 or 401 with 40400; a connection gets 40101 (RTN14a).
      if (address.searchParams.has('key') && thrown instanceof Fault && thrown.code === 40400) {
        throw new Fault('invalid credentials');
      }
      throw thrown;
    }
  }

  /** The grant of a token. @throws {Fault} 40005 if it is neither an Ably Token nor a JWT, 40141–40144, 40400 */
  ofToken(token: string): Grant {
    if (token === '') throw new Fault('invalid accessToken in request', 'it is empty');
    return this.#tokens.recognise(token);
  }

  #credentialsOf(request: Request): Grant {
    const [scheme, value] = split(request.headers.get('authorization'));
    if (scheme === 'bearer') return this.ofToken(decodeBearer(value));
    const key = this.basicKey(request);
    return key === undefined ? this.#ofQuery(new URL(request.url)) : keyGrant(key);
  }

  #ofQuery(address: URL): Grant {
    const query = address.searchParams;
    const token = query.get('accessToken') ?? query.get('access_token');
    if (token !== null) return this.ofToken(token);
    const key = query.get('key');
    if (key !== null) return keyGrant(this.#key(key, address));
    throw new Fault('no credentials');
  }

  #key(text: string, { protocol }: URL): Key {
    if (this.#basicNeedsTls && (protocol === 'http:' || protocol === 'ws:')) {
      throw new Fault('invalid use of Basic authentication over non-TLS transport');
    }
    const colon = text.indexOf(':');
    if (colon < 0) throw new Fault('invalid key in request', 'it has no secret');
    const key = this.#known(text.slice(0, colon));
    if (key.secret !== text.slice(colon + 1)) throw new Fault('invalid credentials');
    return key;
  }

  /** A key of an unknown app is as wrong as a wrong secret: 40101, by REST as on connections. */
  #known(name: string): Key {
    try {
      return this.#apps.key(name);
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.refusal === 'no such app') throw new Fault('invalid credentials');
      throw thrown;
    }
  }
}

/** A key is valid for any client. */
function keyGrant({ appId, name: keyName, capabilities }: Key): Grant {
  return { appId, keyName, capabilities, clientId: '*', expires: Number.POSITIVE_INFINITY };
}

function split(header: string | null): [string, string] {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/, 2);
  return [scheme.toLowerCase(), value];
}

/** A raw token contains a dot, Base64 does not. */
function decodeBearer(value: string): string {
  return value.includes('.') ? value : textOf(fromBase64(value));
}
