import type { ConnectionAdapter } from '../connection/port.js';
import { fieldOf } from '../redaction/received.js';

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
 * @example
 * ```ts
 * import { fakeConnection, missingMembers } from 'latchkey/testing';
 *
 * for (const { member, loss } of missingMembers(fakeConnection())) console.log(member, loss);
 * ```
 */
export const missingMembers = (adapter: ConnectionAdapter): readonly MissingMember[] =>
  (Object.keys(optionalMembers) as OptionalMember[])
    .filter((member) => fieldOf(adapter, member) === undefined)
    .map((member) => ({ member, loss: optionalMembers[member] }));
