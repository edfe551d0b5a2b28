import { port } from '../checks/option-checks.js';
import type { ConnectionAdapter } from '../connection/port.js';
import { fieldOf } from '../redaction/received.js';
import { required } from './argument-checks.js';

/** The members that an adapter may lack. */
export type OptionalMember =
  | 'halt'
  | 'hurry'
  | 'useNext'
  | 'forget'
  | 'catchUp'
  | 'fallbackHost'
  | 'address'
  | 'port';

/** What users lose where an adapter lacks a member. */
export const optionalMembers: Readonly<Record<OptionalMember, string>> = {
  halt: 'an attempt to connect with an older token continues until the push',
  hurry: 'the wait for the answer of a server continues while the current token expires',
  useNext: 'a connection that comes back by itself tries an older token first, and has it refused',
  forget: 'after a sign-out the connection is failed with 80017',
  catchUp: 'a close that is reported late counts as a later close',
  fallbackHost: 'requests go to the primary host first',
  address: 'the log has no address',
  port: 'an adapter for another version of the port is not recognised',
};

/** An optional member that an adapter lacks. */
export interface MissingMember {
  readonly member: OptionalMember;
  /** What its users lose. */
  readonly loss: string;
}

/**
 * The optional members of the port that an adapter lacks, and what its users lose.
 *
 * @throws {ErrorInfo} 40003 if `adapter` is not a connection adapter
 *
 * @example
 * ```ts
 * import { fakeConnection, missingMembers } from 'latchkey/testing';
 *
 * for (const { member, loss } of missingMembers(fakeConnection())) console.log(member, loss);
 * ```
 */
export function missingMembers(adapter: ConnectionAdapter): readonly MissingMember[] {
  port('adapter', required('adapter', 'a connection adapter', adapter), ['push', 'attach']);
  return (Object.keys(optionalMembers) as OptionalMember[])
    .filter((member) => fieldOf(adapter, member) === undefined)
    .map((member) => ({ member, loss: optionalMembers[member] }));
}
