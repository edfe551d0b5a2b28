/**
 * An embedded, Ably-compatible auth and realtime service. It runs in Node, and in a page, where it cannot listen on a
 * port: clients reach it by `sandbox.fetch` and `sandbox.WebSocket`.
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
export type { Listening, ListenOptions } from './listening.js';
export type { Happening, RequestFacts } from './log.js';
export type { MemorySocketClass, MemorySocketEvent, MemorySocketInstance } from './memory-socket.js';
export type { SandboxOptions } from './options.js';
export type { ConnectionFacts } from './realtime.js';
export { type Refusal, refusals } from './refusals.js';
export { createSandbox, type Sandbox } from './sandbox.js';
