/**
 * Connections of `graphql-ws` that live as long as their tokens.
 *
 * @module latchkey/server/graphql-ws
 */

export { type JwtVerifierOptions, jwtVerifier } from '../jwt-verifier.js';
export type { LiveOptions } from '../live-options.js';
export { Refusal, refuse } from '../refusal.js';
export type { VerifiedToken, VerifyContext, VerifyToken } from '../verified-token.js';
export {
  type GraphqlContext,
  type GraphqlSocket,
  type GraphqlTokenHooks,
  type GraphqlTokens,
  graphqlTokens,
} from './graphql-tokens.js';
