import { allows, allowsAnything } from './capability.js';
import { Fault } from './fault.js';
import { action, type ProtocolMessage } from './protocol.js';
import type { Grant } from './tokens.js';

/** Who is attached to a channel. */
export interface Member {
  readonly grant: Grant;
  readonly connectionId: string;
  readonly clientId: string | null;
  send(message: ProtocolMessage): void;
}

/** The channels of one sandbox: enough to see what a token allows. */
export class Channels {
  readonly #members = new Map<string, Set<Member>>();
  readonly #history = new Map<string, unknown[]>();
  #serial = 0;

  attach(name: string, member: Member): void {
    if (!allowsAnything(member.grant.capabilities, name)) {
      member.send({ action: action.error, channel: name, error: new Fault(40160).toWire() });
      return;
    }
    this.#of(member.grant.appId, name).add(member);
    member.send({ action: action.attached, channel: name, channelSerial: String(this.#serial), flags: 0 });
  }

  detach(name: string, member: Member): void {
    this.#of(member.grant.appId, name).delete(member);
    member.send({ action: action.detached, channel: name });
  }

  publish(message: ProtocolMessage, from: Member): void {
    const { channel = '', msgSerial = 0, messages = [] } = message;
    const error = refusalOf(channel, messages, from);
    if (error !== undefined) {
      from.send({ action: action.nack, msgSerial, count: 1, error: error.toWire() });
      return;
    }
    this.#serial += 1;
    const serial = String(this.#serial);
    const { clientId, connectionId } = from;
    const full = messages.map((one, index) => ({
      id: `${serial}:${index}`,
      ...(clientId === null || clientId === '*' ? {} : { clientId }),
      connectionId,
      ...one,
    }));
    from.send({ action: action.ack, msgSerial, count: 1, res: [{ serials: full.map((one) => one.id) }] });
    this.#historyOf(from.grant.appId, channel).push(...full);
    for (const member of this.#of(from.grant.appId, channel)) {
      if (!allows(member.grant.capabilities, channel, 'subscribe')) continue;
      member.send({
        action: action.message,
        channel,
        id: serial,
        connectionId,
        messages: full,
        channelSerial: serial,
      });
    }
  }

  /** After a change of rights: channels wholly lost are told so. @see RTC8a1 */
  review(member: Member): void {
    for (const [id, members] of this.#members) {
      const name = id.slice(id.indexOf('/') + 1);
      if (!members.has(member) || allowsAnything(member.grant.capabilities, name)) continue;
      members.delete(member);
      member.send({ action: action.error, channel: name, error: new Fault(40160).toWire() });
    }
  }

  leave(member: Member): void {
    for (const members of this.#members.values()) members.delete(member);
  }

  history(grant: Grant, name: string): readonly unknown[] {
    if (!allows(grant.capabilities, name, 'history')) throw new Fault(40160);
    return [...this.#historyOf(grant.appId, name)].reverse();
  }

  #of(appId: string, name: string): Set<Member> {
    const id = `${appId}/${name}`;
    const members = this.#members.get(id) ?? new Set<Member>();
    this.#members.set(id, members);
    return members;
  }

  #historyOf(appId: string, name: string): unknown[] {
    const id = `${appId}/${name}`;
    const all = this.#history.get(id) ?? [];
    this.#history.set(id, all);
    return all;
  }
}

function refusalOf(
  channel: string,
  messages: ProtocolMessage['messages'] & object,
  from: Member,
): Fault | undefined {
  if (!allows(from.grant.capabilities, channel, 'publish')) return new Fault(40160);
  for (const { clientId } of messages) {
    if (clientId === undefined || clientId === null || from.clientId === '*' || clientId === from.clientId)
      continue;
    return new Fault(40012, 'the message is from somebody else');
  }
  return undefined;
}
