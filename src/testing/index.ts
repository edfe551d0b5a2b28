export * from './connection-contract.js';
export * from './fake-connection.js';
export { settle, VirtualClock } from './virtual-clock.js';
