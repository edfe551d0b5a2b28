/**
 * What a test of an app or of a connection needs: time that moves when told to, sources and connections that do as told.
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
export { settle, VirtualClock } from './virtual-clock.js';
