import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import type { ApiKey } from '../token/api-key.js';
import { Secret } from '../token/secret.js';
import type { TokenDetails } from '../token/token-details.js';
import type { TokenRequest } from '../token/token-request.js';
import { authCallbackSource } from './auth-callback.js';
import type { ParsedAuthOptions } from './auth-options.js';
import { authUrlSource } from './auth-url.js';
import { expectFailures, failed } from './late-failures.js';
import type { Source, SourceServices } from './port.js';

/**
 * The source of the options: the literal token or TokenRequest, otherwise the first of `authCallback`, `authUrl`
 * and `key`.
 * @throws {ErrorInfo} 40106: there is none
 * @see RSA4g, RSA10e
 */
export function sourceFor(options: ParsedAuthOptions, services: SourceServices): Source {
  const { tokenDetails, tokenRequest, authCallback, authUrl, key, queryTime } = options;
  if (tokenDetails !== undefined) return literal(tokenDetails);
  if (tokenRequest !== undefined) return literalRequest(tokenRequest);
  if (authCallback !== undefined) return ofTheApplication(authCallbackSource(authCallback), services);
  if (authUrl !== undefined)
    return ofTheApplication(authUrlSource(authUrl.expose(), options, services), services);
  if (key !== undefined) return keySource(key, queryTime, services);
  throw new ErrorInfo({
    code: 40106,
    message: 'the options must have a key, a token, an authUrl or an authCallback',
  });
}

/** An error of such a source is passed on without secrets. It does not count as Latchkey's own error. */
function ofTheApplication(source: Source, { secrets }: SourceServices): Source {
  return async (params, signal, call) => {
    try {
      const answer = source(params, signal, call);
      expectFailures();
      return await answer;
    } catch (thrown) {
      if (!isOwnError(thrown) || thrown === signal.reason) throw thrown;
      throw await failed(
        thrown,
        ({ asForeign, redactedError }) => asForeign(redactedError(thrown, secrets?.all())),
        'source',
      );
    }
  };
}

/** The source that signs a TokenRequest with the key. @see RSA9, RSA10k */
function keySource(key: Secret<ApiKey>, queryTime: boolean, services: SourceServices): Source {
  return async (params, signal) => {
    // With a given timestamp (RSA9d) the server's time is not needed.
    const query = queryTime && params.timestamp === undefined;
    const [sign, { serverTime }] = await Promise.all([services.signer(key), services.rest()]);
    const request = sign(params, await serverTime.now(query, signal));
    const sealed = new Secret(request, 'TokenRequest');
    return { kind: 'request', request: sealed, clientId: request.clientId ?? null };
  };
}

/** The source that returns the `token` of the options. @see RSA10e */
function literal(token: Secret<TokenDetails>): Source {
  const { clientId } = token.expose();
  return async () => (clientId === undefined ? { kind: 'token', token } : { kind: 'token', token, clientId });
}

/** The source that returns the TokenRequest of the options, which is exchanged once. @see TO3j2 */
function literalRequest(request: Secret<TokenRequest>): Source {
  const { clientId = null } = request.expose();
  return async () => ({ kind: 'request', request, clientId });
}
