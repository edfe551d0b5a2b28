import { Fault } from './fault.js';
import { allowsMode, modesOf } from './modes.js';
import { Presence, type Present, presenceAction } from './presence.js';
import { action, flag, type ProtocolMessage } from './protocol.js';
import type { Speaker } from './speaker.js';

/** Who may be attached to a channel: a connection. */
export interface Member extends Speaker {
  readonly connectionId: string;
  /** Whether it wants to hear what it publishes itself. */
  readonly echo: boolean;
  send(message: ProtocolMessage): void;
  /** Answers to what was published under that serial. */
  reply(msgSerial: number, answer: ProtocolMessage): void;
}

/** One channel: who is attached, with the modes each asked for, and who is present. */
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

  /** @param asked the modes it wants, as far as its grant allows them at any time */
  attach(member: Member, asked: number, serial: string): void {
    // Who is still a member has missed nothing: its connection was resumed (RTL4j, TR3).
    const resumed = this.has(member) ? flag.resumed : 0;
    this.#members.set(member, asked);
    const modes = modesOf(member.grant, this.name, asked);
    const tellsPresence = (modes & flag.presenceSubscribe) !== 0 && this.presence.size > 0;
    member.send({
      action: action.attached,
      channel: this.name,
      channelSerial: serial,
      flags: modes | resumed | (tellsPresence ? flag.hasPresence : 0),
    });
    if (tellsPresence) this.sync(member, serial);
  }

  remove(member: Member): void {
    this.#members.delete(member);
  }

  /** Whether somebody may do what a mode stands for, as far as it also asked for it when it attached. */
  allows(speaker: Speaker, mode: number): boolean {
    const asked = this.#members.get(speaker as Member) ?? mode;
    return (asked & mode) !== 0 && allowsMode(speaker.grant, this.name, mode);
  }

  /** Tells everybody who may hear it. */
  tell(message: ProtocolMessage, mode: number, from: Speaker | null): void {
    for (const member of this.#members.keys()) {
      if (member === from && !member.echo) continue;
      if (this.allows(member, mode)) member.send({ ...message, channel: this.name });
    }
  }

  /** Whoever was present over a connection is so no more. */
  clear(connectionId: string, serial: string, timestamp: number): void {
    const gone = this.presence.over(connectionId);
    for (const { clientId } of gone) this.presence.remove(connectionId, clientId);
    // The service says so, not the client: ids that do not begin with the connection's (RTP2b1).
    const left = gone.map((one, index) => ({ ...one, timestamp, id: `service:${serial}:${index}` }));
    if (left.length > 0) this.tellPresence(left, presenceAction.leave, serial, timestamp);
  }

  tellPresence(members: readonly Present[], what: number, serial: string, timestamp: number): void {
    const presence = members.map((member) => ({ ...member, action: what }));
    this.tell({ action: action.presence, id: serial, timestamp, presence }, flag.presenceSubscribe, null);
  }

  /** Tells who is present, all at once: nothing behind the colon says that no more of it follows (RTP18). */
  sync(member: Member, serial: string): void {
    if (!this.allows(member, flag.presenceSubscribe)) return;
    const presence = this.presence.all;
    member.send({ action: action.sync, channel: this.name, channelSerial: `${serial}:`, presence });
  }
}

/** @throws {Fault} 40010 for what cannot name a channel */
export function checkChannelName(name: string): void {
  if (name === '' || name.length > 2_048) throw new Fault('invalid channel name', 'it is empty, or too long');
  if (name.startsWith(':')) throw new Fault('invalid channel name', 'it begins with a colon');
  if (name.startsWith('[') && !/^\[[^\]]+\]./s.test(name)) {
    throw new Fault('invalid channel name', 'its qualifier does not end');
  }
}
