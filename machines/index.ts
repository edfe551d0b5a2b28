/**
 * The statecharts and their pure policies.
 *
 * @module latchkey/machines
 */

export { Secret } from '../src/token/secret.js';
export type {
  AcquisitionEvent,
  AcquisitionInput,
  AcquisitionRequest,
  AcquisitionStep,
  SourceReason,
} from './acquisition.js';
export { authMachine } from './auth.machine.js';
export type {
  AuthContext,
  AuthEmitted,
  AuthEvent,
  AuthInput,
  AuthMachineEvent,
  CurrentToken,
} from './auth-context.js';
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
export { defaultRenewal, type Plan, type RenewalPolicy, type Standing } from './policy.js';
export { planFor, retryCapMs, retryDelayMs } from './policy-arguments.js';
export type { Accepted, MachinePorts, Outcome, Refused, Running, SourceAnswer, StepsMs } from './ports.js';
export type { Setback } from './retry.js';
