export type { AppInfo, AppInit, KeyInfo } from './apps.js';
export type { WireError } from './fault.js';
export type { FaultAnswer, FaultPlan } from './faults.js';
export type { Listening } from './listen.js';
export type { Happening, RequestFacts } from './log.js';
export type { MemorySocketClass, MemorySocketEvent, MemorySocketInstance } from './memory-socket.js';
export type { ConnectionFacts } from './realtime.js';
export { createSandbox, type Sandbox } from './sandbox.js';
