/**
 * An embedded, Ably-compatible auth and realtime service. Node only.
 *
 * @module latchkey/sandbox
 */

export type { AppInfo, AppInit, KeyInfo } from './apps.js';
export type { SandboxSizes } from './controls.js';
export type { WireError } from './fault.js';
export type {
  AuthAnswer,
  AuthFault,
  FaultAnswer,
  FaultPlan,
  FaultRoute,
  RequestFault,
  Sometimes,
} from './fault-plan.js';
export type { Listening } from './listen.js';
export type { Happening, RequestFacts } from './log.js';
export type { MemorySocketClass, MemorySocketEvent, MemorySocketInstance } from './memory-socket.js';
export type { ConnectionFacts } from './realtime.js';
export { type Refusal, refusals } from './refusals.js';
export { createSandbox, type Sandbox, type SandboxOptions } from './sandbox.js';
