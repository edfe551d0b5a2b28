import { BoundedMap } from './bounded-map.js';
import { allows } from './capability-patterns.js';
import { Channel, checkChannelName, type Member } from './channel.js';
import { digestOf } from './digest.js';
import { errorOf, Fault } from './fault.js';
import { History, type HistoryPage, type HistoryQuery } from './history.js';
import { allowsMode, askedModes, reaches } from './modes.js';
import { Presence, presenceAction } from './presence.js';
import { readPresence } from './presence-request.js';
import { action, flag, type Message, type ProtocolMessage } from './protocol.js';
import { idOfAll, publishedAs } from './publication.js';
import { isEphemeral } from './published.js';
import type { Speaker } from './speaker.js';
import type { Grant } from './tokens.js';

/** The highest number of channels that a connection may be attached to. */
const MOST_OF_ONE = 200;
/** The highest size of all presence data together, bytes. */
const MOST_PRESENCE_BYTES = 32 * 1024 * 1024;
/**
 * How many messages with an id of the client are remembered. A message with a remembered id is not published
 * again.
 */
const MOST_NAMED = 50_000;

/** A published message, in the form that REST and ACK need. */
export interface Published {
  readonly channel: string;
  readonly messageId: string;
  readonly serials: readonly string[];
}

/** The channels of one sandbox: enough to see what a token allows. */
export class Channels {
  readonly #now: () => number;
  readonly #channels = new Map<string, Channel>();
  readonly #attached = new Map<Member, Set<string>>();
  readonly #history = new History();
  readonly #named = new BoundedMap<string, Published>(MOST_NAMED, ({ serials }) => serials.length);
  #serial = 0;
  #presenceBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** How many messages the history has. */
  get remembered(): number {
    return this.#history.size;
  }

  /** @param isWhole whether the connection has received all that was sent to it on this channel */
  attach({ channel: name = '', flags = 0, params }: ProtocolMessage, member: Member, isWhole: boolean): void {
    const ids = this.#attached.get(member) ?? new Set();
    const id = idOf(member.grant.appId, name);
    let asked = 0;
    const error = errorOf(() => {
      checkChannelName(name);
      if (!reaches(member.grant, name)) throw new Fault('operation not permitted with provided capability');
      if (ids.size >= MOST_OF_ONE && !ids.has(id))
        throw new Fault('too many channels', `at most ${MOST_OF_ONE}`);
      asked = askedModes(flags, params ?? {});
    });
    if (error !== undefined) {
      member.send({ action: action.error, channel: name, error });
      return;
    }
    this.#attached.set(member, ids.add(id));
    this.#channel(id, name).attach(member, asked, String(this.#serial), isWhole, params);
  }

  detach({ channel: name = '' }: ProtocolMessage, member: Member): void {
    this.#remove(idOf(member.grant.appId, name), member);
    member.send({ action: action.detached, channel: name });
  }

  /** A message over a connection, answered with ACK or NACK. */
  receive(message: ProtocolMessage, from: Member): void {
    if (message.action === action.message) this.#publish(message, from);
    else if (message.action === action.presence) this.#presence(message, from);
    else
      answering(from, message.msgSerial ?? 0, () => {
        if (message.action === action.annotation)
          throw new Fault('the sandbox does not change or annotate messages');
        throw new Fault('the sandbox does not offer this', 'objects');
      });
  }

  #publish({ channel = '', msgSerial = 0, messages = [] }: ProtocolMessage, from: Member): void {
    answering(from, msgSerial, (acknowledge) => {
      if (messages.some(({ connectionKey }) => connectionKey !== undefined && connectionKey !== null))
        throw new Fault('the sandbox does not offer this', 'connectionKey in a message over a connection');
      this.publishAs(from, channel, messages, ({ serials }) => acknowledge({ res: [{ serials }] }));
    });
  }

  /**
   * @param acknowledge called before the message is sent to any connection
   * @throws {Fault} 40000, 40006, 40009, 40010, 40012, 40160, 40165, 93002
   */
  publishAs(
    from: Speaker,
    name: string,
    given: readonly Message[],
    acknowledge: (published: Published) => void,
  ): void {
    checkChannelName(name);
    const id = idOf(from.grant.appId, name);
    const channel = this.#channels.get(id);
    checkMay(from, name, flag.publish, channel);
    const own = idOfAll(given);
    const named = own === undefined ? undefined : digestOf(`${id} ${own}`);
    // A message with an id of its client is published once, however often it is sent (RSL1k5).
    const known = named === undefined ? undefined : this.#named.get(named);
    if (known !== undefined) {
      acknowledge(known);
      return;
    }
    const timestamp = this.#now();
    const serial = this.#nextSerial();
    const messages = publishedAs(given, from, serial, timestamp);
    this.#history.add(
      id,
      timestamp,
      messages.filter((one) => !isEphemeral(one)),
    );
    const published = { channel: name, messageId: serial, serials: messages.map((one) => one.serial) };
    if (named !== undefined) this.#named.set(named, published);
    acknowledge(published);
    const sender = from.connectionId === null ? {} : { connectionId: from.connectionId };
    const content = { id: serial, timestamp, messages, channelSerial: serial, ...sender };
    channel?.send({ action: action.message, ...content }, flag.subscribe, from);
  }

  #presence({ channel: name = '', msgSerial = 0, presence = [] }: ProtocolMessage, from: Member): void {
    answering(from, msgSerial, (acknowledge) => {
      const channel = this.#channels.get(idOf(from.grant.appId, name));
      if (channel === undefined || !channel.has(from)) throw new Fault('channel not attached');
      checkMay(from, name, flag.presence, channel);
      const requests = readPresence(presence, from, channel.presence, msgSerial, this.#now());
      const before = channel.presence.bytes;
      if (requests.some(({ what }) => what !== presenceAction.leave)) this.#checkPresenceBytes();
      for (const { what, member } of requests) {
        if (what === presenceAction.leave) channel.presence.remove(member.connectionId, member.clientId);
        else channel.presence.put(member);
      }
      this.#presenceBytes += channel.presence.bytes - before;
      acknowledge({});
      const serial = this.#nextSerial();
      for (const { what, member } of requests) channel.sendPresence([member], what, serial, member.timestamp);
    });
  }

  /** SYNC: the client requests the presence members once more. @see RTP19 */
  sync({ channel: name = '' }: ProtocolMessage, member: Member): void {
    const channel = this.#channels.get(idOf(member.grant.appId, name));
    if (channel?.has(member)) channel.sync(member, String(this.#serial));
  }

  /** The names of the channels that a connection is attached to. */
  attachedBy(member: Member): readonly string[] {
    return [...(this.#attached.get(member) ?? [])].map(nameIn);
  }

  /**
   * After a change of rights: detaches the connection from channels that it may no longer use, with an error.
   * @see RTC8a1
   */
  review(member: Member): void {
    for (const id of [...(this.#attached.get(member) ?? [])]) {
      const name = nameIn(id);
      if (reaches(member.grant, name)) continue;
      this.#remove(id, member);
      const error = new Fault('operation not permitted with provided capability').toWire();
      member.send({ action: action.error, channel: name, error });
    }
  }

  /** The presence members of a connection leave all channels. */
  absent(member: Member): void {
    for (const id of this.#attached.get(member) ?? []) this.#clearPresence(id, member);
  }

  /** Removes a connection from all channels. */
  leave(member: Member): void {
    for (const id of [...(this.#attached.get(member) ?? [])]) this.#remove(id, member);
  }

  /** @throws {Fault} 40010, 40160 */
  history(grant: Grant, name: string, query: HistoryQuery): HistoryPage {
    checkChannelName(name);
    if (!allows(grant.capabilities, name, 'history')) {
      throw new Fault('operation not permitted with provided capability');
    }
    return this.#history.page(idOf(grant.appId, name), query);
  }

  /** The state of a channel. @throws {Fault} 40010, 40160. @see CHD2 */
  details(grant: Grant, name: string): object {
    checkChannelName(name);
    if (!allows(grant.capabilities, name, 'channel-metadata')) {
      throw new Fault('operation not permitted with provided capability');
    }
    const channel = this.#channels.get(idOf(grant.appId, name));
    const { metrics } = channel ?? new Channel(name);
    return { channelId: name, name, status: { isActive: channel !== undefined, occupancy: { metrics } } };
  }

  /** The presence members of a channel. @throws {Fault} 40010, 40160 */
  present(grant: Grant, name: string): readonly Message[] {
    checkChannelName(name);
    if (!allowsMode(grant, name, flag.presenceSubscribe)) {
      throw new Fault('operation not permitted with provided capability');
    }
    return this.#channels.get(idOf(grant.appId, name))?.presence.all ?? [];
  }

  /**
   * Adds presence members without a connection: an app's fixtures.
   * @throws {Fault} 40000, 40009, 40010, 40012, 42910, 91003
   */
  provide(grant: Grant, name: string, given: readonly Message[]): void {
    checkChannelName(name);
    this.#checkPresenceBytes();
    const id = idOf(grant.appId, name);
    const presence = this.#channels.get(id)?.presence ?? new Presence();
    const members = given.map((one) => ({ ...one, action: presenceAction.enter }));
    const speaker = { grant, clientId: '*', connectionId: 'fixture' };
    const requests = readPresence(members, speaker, presence, 0, this.#now());
    // A channel without members is not kept.
    if (requests.length === 0) return;
    const channel = this.#channel(id, name);
    const before = channel.presence.bytes;
    for (const { member } of requests) channel.presence.put(member);
    this.#presenceBytes += channel.presence.bytes - before;
  }

  /** Removes the channels of a deleted app. */
  forget(appId: string): void {
    for (const [id, channel] of this.#channels) {
      if (!id.startsWith(`${appId}/`)) continue;
      this.#presenceBytes -= channel.presence.bytes;
      this.#channels.delete(id);
    }
  }

  #checkPresenceBytes(): void {
    if (this.#presenceBytes > MOST_PRESENCE_BYTES) throw new Fault('too much at once', 'presence data');
  }

  #channel(id: string, name: string): Channel {
    const channel = this.#channels.get(id) ?? new Channel(name);
    this.#channels.set(id, channel);
    return channel;
  }

  #remove(id: string, member: Member): void {
    member.left(nameIn(id));
    const ids = this.#attached.get(member);
    ids?.delete(id);
    if (ids?.size === 0) this.#attached.delete(member);
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    channel.remove(member);
    this.#clearPresence(id, member);
    if (channel.isEmpty) this.#channels.delete(id);
  }

  #clearPresence(id: string, { connectionId }: Member): void {
    const channel = this.#channels.get(id);
    if (channel === undefined) return;
    const before = channel.presence.bytes;
    channel.clear(connectionId, this.#nextSerial(), this.#now());
    this.#presenceBytes += channel.presence.bytes - before;
  }

  #nextSerial(): string {
    this.#serial += 1;
    return String(this.#serial);
  }
}

/** Runs `act`, which sends ACK; on an error, sends NACK with the error. */
function answering(to: Member, msgSerial: number, act: (acknowledge: (more: object) => void) => void): void {
  const acknowledge = (more: object) =>
    to.reply(msgSerial, { action: action.ack, msgSerial, count: 1, ...more });
  const error = errorOf(() => act(acknowledge));
  if (error !== undefined) to.reply(msgSerial, { action: action.nack, msgSerial, count: 1, error });
}

/**
 * Checks that a speaker may do what a mode stands for. An attached connection must also have requested the mode.
 * @throws {Fault} 40160, 40165
 */
function checkMay(speaker: Speaker, name: string, mode: number, channel: Channel | undefined): void {
  if (!allowsMode(speaker.grant, name, mode))
    throw new Fault('operation not permitted with provided capability');
  if (channel?.requested(speaker, mode) === false)
    throw new Fault('channel mode not requested', 'when attaching');
}

const idOf = (appId: string, channel: string): string => `${appId}/${channel}`;
const nameIn = (id: string): string => id.slice(id.indexOf('/') + 1);
