/**
 * Connections of the package `ws` that live as long as their tokens.
 *
 * @module latchkey/server/ws
 */

export { type JwtVerifierOptions, jwtVerifier } from '../jwt-verifier.js';
export type { LiveOptions } from '../live-options.js';
export { Refusal, refuse } from '../refusal.js';
export type { AnswerMessage, MessageId } from '../token-answer.js';
export type { VerifiedToken, VerifyContext, VerifyToken } from '../verified-token.js';
export type { MessageListener, ServerSocket, TokenConnection, UpgradeRequest } from './token-connection.js';
export { type TokenPlace, type TokenSocketsOptions, tokenSockets } from './token-sockets.js';
export type { ServerMessage } from './wire.js';
