/**
 * Tools for tests of an application or a connection adapter: a virtual clock, scripted token sources, and
 * fake connections.
 *
 * @module latchkey/testing
 */

export * from './connection-contract.js';
export * from './fake-connection.js';
export { Scenario } from './scenario.js';
export {
  type ScriptedSource,
  type ScriptedSourceOptions,
  type SourceStep,
  scriptedSource,
} from './scripted-source.js';
export * from './sharing-contract.js';
export * from './source-contract.js';
export { settle, VirtualClock } from './virtual-clock.js';
