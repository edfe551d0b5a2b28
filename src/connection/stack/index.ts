/**
 * The base of connections on other stacks.
 *
 * @module latchkey/connection/stack
 */

export { StackConnection, type StackOptions } from './stack-connection.js';
