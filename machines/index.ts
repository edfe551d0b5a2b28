/**
 * The statecharts and their pure policies.
 *
 * @module latchkey/machines
 */

export { Sealed } from '../src/token/sealed.js';
export {
  type AcquisitionContext,
  type AcquisitionInput,
  acquisitionMachine,
  type StageInput,
} from './acquisition.machine.js';
export type { Ask } from './ask.js';
export { authMachine } from './auth.machine.js';
export type { AuthContext, AuthEmitted, AuthEvent, AuthInput, Held } from './auth-context.js';
export {
  type CheckInput,
  connectionMachine,
  type TransportCommand,
  type TransportInput,
} from './connection.machine.js';
export type {
  ConnectionContext,
  ConnectionEmitted,
  ConnectionEvent,
  ConnectionInput,
  ConnectionPorts,
  ConnectionTimes,
} from './connection-context.js';
export {
  defaultRenewal,
  type Plan,
  planFor,
  type RenewalPolicy,
  type Standing,
} from './policy.js';
export type { Accepted, MachinePorts, Outcome, Refused, SourceAnswer } from './ports.js';
export { retryCapMs, retryDelayMs, type Setback } from './retry.js';
