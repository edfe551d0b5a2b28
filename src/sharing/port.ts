import type { Clock } from '../clock.js';
import type { LogHandler } from '../log/log.js';
import type { TokenDetails } from '../token/token-details.js';

/** What a store holds under a name. */
export interface StoredValue {
  /** A whole number that rises by one with each accepted write. */
  readonly epoch: number;
  readonly value: string;
  /** How long ago the value was written, ms, by a clock that all members share. */
  readonly ageMs: number;
}

/** A write that counts only if nothing was written since a read. */
export interface StoreWrite {
  /** The epoch that was read; 0: there was no value. The new epoch is the next number. */
  readonly after: number;
  readonly value: string;
  /** After this time the store may drop the value, ms. */
  readonly lifeMs: number;
}

/**
 * A place that several clients reach: the tabs of an origin, the processes of a machine, or the servers of a fleet. A
 * name is a text of 64 hexadecimal digits, and a value is a text of at most 256 KiB. Each method may reject: then the
 * client fetches its token without the others.
 */
export interface SharingPort {
  /** The version of this port. */
  readonly port: 1;
  /** The value, and its epoch. null: there is none. */
  read(name: string): Promise<StoredValue | null>;
  /**
   * Writes a value in one step (compare and set).
   * @returns false: another value was written since that epoch, and nothing was changed
   */
  write(name: string, write: StoreWrite): Promise<boolean>;
  /**
   * Calls `listener` soon after a value was written. It may be called for nothing.
   * @returns ends that
   */
  subscribe(name: string, listener: () => void): () => void;
  /**
   * Takes the lease of a name for at most `ms`, if it is free. It ends with its holder.
   * @returns gives it back. null: another member has it
   */
  lease(name: string, ms: number): Promise<(() => void | Promise<void>) | null>;
}

/** A token for all members, and how old it was when it was written. */
export interface SharedToken {
  readonly details: TokenDetails;
  /** ms. Absent: its lifetime is not known. */
  readonly age?: { readonly lifetimeMs: number; readonly ageMs: number; readonly oldestMs: number };
}

/** What a client tells while it gets a token together with others. */
export type SharingStep =
  /** Another member asks the source. */
  | 'waiting for another member'
  /** The token of another member is used. */
  | 'adopted'
  /** Another member wrote a token meanwhile, so the own one stays with this client. */
  | 'lease lost'
  /** No token came from the others in time, or their store does not answer. */
  | 'fetching alone'
  /** The source is asked, for all. */
  | 'asking';

/** A client that shares its tokens. */
export interface SharingMember {
  readonly clientId: string | undefined;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: LogHandler;
}

/** A token that a member needs. */
export interface SharingRequest<Own> {
  /** What the token is for, as text: clients share a token only if it is equal. */
  readonly purpose: string;
  /** The number of this try in a row, from 1. */
  readonly attempt: number;
  /** Whether a caller wants a new token: one that was there before the call does not do. */
  readonly isNewWanted: boolean;
  /** The current token of this member, and how long it lives, ms. */
  readonly held?: { readonly token: string; readonly leftMs: number } | undefined;
  /** The deadline of the member's acquisition, ms. */
  readonly deadlineMs: number;
  /** Asks the source. */
  fetch(signal: AbortSignal): Promise<Own>;
  /** What the others may have of it. */
  share(own: Own): SharedToken;
  /**
   * Takes the token of another member as an answer of the source.
   * @throws {unknown} it cannot be used
   */
  adopt(shared: SharedToken): Own;
  /** Tells what is done. */
  tell(step: SharingStep): void;
}

/** The place of one client among the members. */
export interface SharingMembership {
  /** Gets a token from another member, or asks the source for all. @throws the error of the source */
  acquire<Own>(request: SharingRequest<Own>, signal: AbortSignal): Promise<Own>;
  /** Signs the user out for all members of the session. @throws {ErrorInfo} 80003: the store did not take it */
  signOut(): Promise<void>;
  /** The client is disposed of. */
  leave(): void;
}

/** What the option `sharing` takes. */
export interface TokenSharing {
  /**
   * @param signedOut is called when another member signs the user out for all
   * @throws {ErrorInfo} 40003: nothing says whose token it is
   */
  addMember(member: SharingMember, signedOut: () => void): SharingMembership;
}
