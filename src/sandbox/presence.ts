import type { Message } from './protocol.js';
import { bytesOf } from './published.js';

/** The actions of presence messages. @see TP2 */
export const presenceAction = { absent: 0, present: 1, enter: 2, leave: 3, update: 4 } as const;

/** A presence member. */
export interface Present {
  readonly id: string;
  readonly clientId: string;
  readonly connectionId: string;
  readonly timestamp: number;
  readonly data?: unknown;
  readonly encoding?: unknown;
  readonly extras?: unknown;
}

/** The presence members of one channel. A client can be present over several connections. */
export class Presence {
  readonly #members = new Map<string, Present>();
  #bytes = 0;

  get size(): number {
    return this.#members.size;
  }

  /** The size of all members together, with their data. */
  get bytes(): number {
    return this.#bytes;
  }

  has(connectionId: string, clientId: string): boolean {
    return this.#members.has(keyOf(connectionId, clientId));
  }

  put(member: Present): void {
    this.remove(member.connectionId, member.clientId);
    this.#members.set(keyOf(member.connectionId, member.clientId), member);
    this.#bytes += weightOf(member);
  }

  remove(connectionId: string, clientId: string): Present | undefined {
    const key = keyOf(connectionId, clientId);
    const member = this.#members.get(key);
    if (member === undefined) return undefined;
    this.#members.delete(key);
    this.#bytes -= weightOf(member);
    return member;
  }

  /** The members that are present over a connection. */
  over(connectionId: string): readonly Present[] {
    return [...this.#members.values()].filter((member) => member.connectionId === connectionId);
  }

  /** The members in the form of SYNC and REST. */
  get all(): readonly Message[] {
    return [...this.#members.values()].map((member) => ({ ...member, action: presenceAction.present }));
  }
}

/** The size of a member without data. */
const WEIGHT_OF_ONE = 300;

const weightOf = (member: Present): number => WEIGHT_OF_ONE + bytesOf({ ...member });

const keyOf = (connectionId: string, clientId: string): string => `${connectionId} ${clientId}`;
