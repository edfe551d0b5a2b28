/**
 * The auth client, its types and its errors.
 *
 * @module latchkey
 */

export type { RenewalPolicy } from '../machines/policy.js';
export type { StepsMs } from '../machines/ports.js';
export type { StandardCallback } from './async/callback.js';
export { Auth } from './auth.js';
export type { AuthActor } from './client/auth-actor.js';
export type { AuthState } from './client/auth-state.js';
export type { Decision } from './client/decision.js';
export type { Acquired, AuthEventName, AuthEvents, Failure } from './client/events.js';
export type { Clock, TimerHandle } from './clock.js';
export type {
  AttachedClient,
  ConnectionAdapter,
  ConnectionReport,
  ConnectionState,
  ConnectionUpgradeEvent,
  ReportedError,
} from './connection/port.js';
export type { Environment, EnvironmentEvent } from './environment.js';
export { errorCodes } from './errors/error-codes.js';
export {
  ErrorInfo,
  type ErrorInfoInit,
  type ErrorOrigin,
  isErrorInfo,
  isTokenError,
} from './errors/error-info.js';
export type { Reason } from './errors/reason.js';
export { reasons } from './errors/reasons.js';
export type { ErrorCode } from './errors/remedies.js';
export type { HostOptions } from './http/hosts.js';
export type {
  BatchResult,
  TokenRevocationFailureResult,
  TokenRevocationOptions,
  TokenRevocationResult,
  TokenRevocationSuccessResult,
  TokenRevocationTargetSpecifier,
} from './http/revocation.js';
export type { HttpOptions } from './http/send.js';
export type { InspectionTarget } from './inspect.js';
export type { LogHandler, LogLevel, LogOptions, LogRecord } from './log/log.js';
export type { ClientOptions } from './options/client-options.js';
export type { RenewalOptions } from './options/renewal-options.js';
export type { FetchFunction } from './platform/fetch.js';
export type { RandomBytes } from './platform/random-bytes.js';
export type { AuthFields, AuthFieldsFunction } from './sources/auth-fields.js';
export type {
  AuthCallback,
  AuthCallbackAnswer,
  AuthOptions,
  CallbackResult,
} from './sources/auth-options.js';
export { StopRenewing } from './sources/stop-renewing.js';
export type { Capability } from './token/capability.js';
export type { ClientType } from './token/client-type.js';
export type { TokenDetails, TokenMetadata } from './token/token-details.js';
export type { RequestedTokenParams, TokenParams } from './token/token-params.js';
export type { TokenRequest } from './token/token-request.js';
