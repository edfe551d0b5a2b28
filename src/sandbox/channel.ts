import { Fault } from './fault.js';
import { allowsMode, modesOf } from './modes.js';
import { Presence, type Present, presenceAction } from './presence.js';
import { action, flag, type ProtocolMessage } from './protocol.js';
import type { Speaker } from './speaker.js';

/** A connection that can attach to channels. */
export interface Member extends Speaker {
  readonly connectionId: string;
  /** Whether the connection receives its own messages. */
  readonly echo: boolean;
  send(message: ProtocolMessage): void;
  /** Sends the answer to the message that the client published with this serial. */
  reply(msgSerial: number, answer: ProtocolMessage): void;
  /** The connection is no longer attached to a channel. */
  left(channel: string): void;
}

/** One channel: the attached connections, with the modes that each requested, and the presence members. */
export class Channel {
  readonly name: string;
  readonly presence = new Presence();
  readonly #members = new Map<Member, number>();

  constructor(name: string) {
    this.name = name;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.presence.size === 0;
  }

  has(member: Member): boolean {
    return this.#members.has(member);
  }

  /**
   * @param asked the requested modes; the grant decides at each moment which of them are allowed
   * @param isWhole whether the connection has received all that was sent to it
   */
  attach(
    member: Member,
    asked: number,
    serial: string,
    isWhole: boolean,
    params: ProtocolMessage['params'],
  ): void {
    // A connection that is still attached and has missed nothing was resumed (RTL4j, TR3).
    const resumed = isWhole && this.has(member) ? flag.resumed : 0;
    this.#members.set(member, asked);
    const modes = modesOf(member.grant, this.name, asked);
    const hasPresence = (modes & flag.presenceSubscribe) !== 0 && this.presence.size > 0;
    member.send({
      action: action.attached,
      channel: this.name,
      channelSerial: serial,
      flags: modes | resumed | (hasPresence ? flag.hasPresence : 0),
      ...(params === undefined ? {} : { params }),
    });
    if (hasPresence) this.sync(member, serial);
  }

  remove(member: Member): void {
    this.#members.delete(member);
  }

  /** Whether a speaker requested the mode, or is not attached. */
  requested(speaker: Speaker, mode: number): boolean {
    return ((this.#members.get(speaker as Member) ?? mode) & mode) !== 0;
  }

  /** Whether a speaker may do what a mode stands for, and requested it. */
  allows(speaker: Speaker, mode: number): boolean {
    return this.requested(speaker, mode) && allowsMode(speaker.grant, this.name, mode);
  }

  /** How many connections use the channel, and for what. @see CHM2 */
  get metrics(): Readonly<Record<string, number>> {
    const members = [...this.#members.keys()];
    const count = (mode: number) => members.filter((member) => this.allows(member, mode)).length;
    return {
      connections: members.length,
      presenceConnections: count(flag.presence),
      presenceMembers: this.presence.size,
      presenceSubscribers: count(flag.presenceSubscribe),
      publishers: count(flag.publish),
      subscribers: count(flag.subscribe),
    };
  }

  /** Sends a message to all attached connections that may receive it. */
  send(message: ProtocolMessage, mode: number, from: Speaker | null): void {
    for (const member of this.#members.keys()) {
      if (member === from && !member.echo) continue;
      if (this.allows(member, mode)) member.send({ ...message, channel: this.name });
    }
  }

  /** Removes the members that were present over a connection. */
  clear(connectionId: string, serial: string, timestamp: number): void {
    const gone = this.presence.over(connectionId);
    for (const { clientId } of gone) this.presence.remove(connectionId, clientId);
    // The service sends these messages, not the client, so their ids do not begin with the connection's
    // (RTP2b1).
    const left = gone.map((one, index) => ({ ...one, timestamp, id: `service:${serial}:${index}` }));
    if (left.length > 0) this.sendPresence(left, presenceAction.leave, serial, timestamp);
  }

  sendPresence(members: readonly Present[], what: number, serial: string, timestamp: number): void {
    const presence = members.map((member) => ({ ...member, action: what }));
    this.send({ action: action.presence, id: serial, timestamp, presence }, flag.presenceSubscribe, null);
  }

  /**
   * Sends all presence members at once. The empty cursor after the colon means that the list is complete
   * (RTP18).
   */
  sync(member: Member, serial: string): void {
    if (!this.allows(member, flag.presenceSubscribe)) return;
    const presence = this.presence.all;
    member.send({ action: action.sync, channel: this.name, channelSerial: `${serial}:`, presence });
  }
}

/** Checks the name of a channel. @throws {Fault} 40010 if it is invalid, 40000 if it asks for more than a channel */
export function checkChannelName(name: string): void {
  if (name === '' || name.length > 2_048)
    throw new Fault('invalid channel name', 'it must have 1 to 2,048 characters');
  if (name.startsWith(':')) throw new Fault('invalid channel name', 'it must not begin with a colon');
  if (name.startsWith('[') && !/^\[[^\]]+\]./s.test(name)) {
    throw new Fault('invalid channel name', 'its qualifier has no closing bracket');
  }
  if (/^\[[^\]]*(?:filter=|\?)/.test(name))
    throw new Fault('the sandbox does not offer this', 'filters and parameters in the name of a channel');
  // Attached here, they would stay silent. @see docs/metadata-stats/metadata/subscribe
  if (name.startsWith('[meta]')) throw new Fault('the sandbox does not offer this', 'metachannels');
}
