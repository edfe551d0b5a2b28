export * from './connection-contract.js';
export * from './fake-connection.js';
export { Scenario } from './scenario.js';
export { type ScriptedSource, type SourceStep, scriptedSource } from './scripted-source.js';
export { settle, VirtualClock } from './virtual-clock.js';
