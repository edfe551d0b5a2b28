import { ErrorInfo, isOwnError } from '../errors/error-info.js';
import { authCallbackSource } from './auth-callback.js';
import type { ParsedAuthOptions } from './auth-options.js';
import { authUrlSource } from './auth-url.js';
import { keySource } from './key.js';
import { expectFailures, failed } from './late-failures.js';
import { literal, literalRequest } from './literal.js';
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
