import { allows, allowsAnything } from './capability-patterns.js';
import { Fault } from './fault.js';
import { action, flag, type Message, type ProtocolMessage } from './protocol.js';
import type { Grant } from './tokens.js';

/** Who is attached to a channel. */
export interface Member {
  readonly grant: Grant;
  readonly connectionId: string;
  readonly clientId: string | null;
  /** Whether it wants to hear what it publishes itself. */
  readonly echo: boolean;
  send(message: ProtocolMessage): void;
  /** Answers to what was published under that serial. */
  reply(msgSerial: number, answer: ProtocolMessage): void;
}

/** How much a channel remembers. */
const KEPT = 1_000;

/** The channels of one sandbox: enough to see what a token allows. */
export class Channels {
  readonly #now: () => number;
  readonly #members = new Map<string, Set<Member>>();
  readonly #history = new Map<string, Message[]>();
  #serial = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  attach({ channel = '', flags = 0 }: ProtocolMessage, member: Member): void {
    if (!isName(channel) || !allowsAnything(member.grant.capabilities, channel)) {
      const error = isName(channel) ? new Fault(40160) : new Fault(40000, 'the channel has no name');
      member.send({ action: action.error, channel, error: error.toWire() });
      return;
    }
    const id = idOf(member.grant.appId, channel);
    const members = this.#members.get(id) ?? new Set();
    // Who is still a member has missed nothing: its connection was resumed (RTL4j, TR3).
    const resumed = members.has(member) ? flag.resumed : 0;
    this.#members.set(id, members.add(member));
    member.send({
      action: action.attached,
      channel,
      channelSerial: String(this.#serial),
      flags: modesOf(member.grant, channel, flags) | resumed,
    });
  }

  detach({ channel = '' }: ProtocolMessage, member: Member): void {
    this.#remove(idOf(member.grant.appId, channel), member);
    member.send({ action: action.detached, channel });
  }

  publish(message: ProtocolMessage, from: Member): void {
    const { channel = '', msgSerial = 0, messages = [] } = message;
    const error = refusalOf(channel, messages, from);
    if (error !== undefined) {
      from.reply(msgSerial, { action: action.nack, msgSerial, count: 1, error: error.toWire() });
      return;
    }
    this.#serial += 1;
    const serial = String(this.#serial);
    const { clientId, connectionId } = from;
    const timestamp = this.#now();
    const full = messages.map((one, index) => ({
      id: `${serial}:${index}`,
      timestamp,
      ...(clientId === null || clientId === '*' ? {} : { clientId }),
      ...one,
      connectionId,
    }));
    const serials = full.map((_one, index) => `${serial}:${index}`);
    from.reply(msgSerial, { action: action.ack, msgSerial, count: 1, res: [{ serials }] });
    const id = idOf(from.grant.appId, channel);
    this.#history.set(id, [...(this.#history.get(id) ?? []), ...full].slice(-KEPT));
    const told = { id: serial, channel, connectionId, timestamp, messages: full, channelSerial: serial };
    for (const member of this.#members.get(id) ?? []) {
      if (member === from && !from.echo) continue;
      if (!allows(member.grant.capabilities, channel, 'subscribe')) continue;
      member.send({ action: action.message, ...told });
    }
  }

  /** After a change of rights: channels wholly lost are told so. @see RTC8a1 */
  review(member: Member): void {
    for (const [id, members] of this.#members) {
      const channel = id.slice(id.indexOf('/') + 1);
      if (!members.has(member) || allowsAnything(member.grant.capabilities, channel)) continue;
      this.#remove(id, member);
      member.send({ action: action.error, channel, error: new Fault(40160).toWire() });
    }
  }

  leave(member: Member): void {
    for (const id of [...this.#members.keys()]) this.#remove(id, member);
  }

  history(grant: Grant, name: string): readonly Message[] {
    if (!allows(grant.capabilities, name, 'history')) throw new Fault(40160);
    return [...(this.#history.get(idOf(grant.appId, name)) ?? [])].reverse();
  }

  #remove(id: string, member: Member): void {
    const members = this.#members.get(id);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(id);
  }
}

const idOf = (appId: string, channel: string): string => `${appId}/${channel}`;
const isName = (channel: string): boolean => channel !== '';

/** What a client asked to do on a channel, all if it asked for nothing, as far as it may. */
function modesOf({ capabilities }: Grant, channel: string, asked: number): number {
  const operations = [
    ['presence', flag.presence],
    ['publish', flag.publish],
    ['subscribe', flag.subscribe],
    ['presence-subscribe', flag.presenceSubscribe],
  ] as const;
  const all = operations.reduce((sum, [, bit]) => sum | bit, 0);
  const wanted = (asked & all) === 0 ? all : asked & all;
  return operations
    .filter(([operation, bit]) => (wanted & bit) !== 0 && allows(capabilities, channel, operation))
    .reduce((sum, [, bit]) => sum | bit, 0);
}

function refusalOf(channel: string, messages: readonly Message[], from: Member): Fault | undefined {
  if (!isName(channel)) return new Fault(40000, 'the channel has no name');
  if (!allows(from.grant.capabilities, channel, 'publish')) return new Fault(40160);
  for (const { clientId } of messages) {
    if (clientId === undefined || clientId === null) continue;
    if (typeof clientId !== 'string' || clientId === '') return new Fault(40012, 'it is not a name');
    if (from.clientId === '*' || clientId === from.clientId) continue;
    return new Fault(40012, 'the message is from somebody else');
  }
  return undefined;
}
