import type { Channels } from './channels.js';
import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import { isListOfRecords } from './record.js';
import { nameOn, type Speaker } from './speaker.js';
import type { Grant } from './tokens.js';

export interface PublishServices {
  readonly channels: Channels;
  /** The connection with this key. */
  connectionOf(connectionKey: string): Speaker | undefined;
}

/**
 * Publishes by REST, on behalf of a connection if the messages or the request have its key.
 *
 * @param ownKey the key in the request: `X-Ably-ConnectionKey` or `connectionKey`
 * @throws {Fault} 40000, 40006, 40009, 40010, 40012, 40160, 93002
 * @see docs/pub-sub/advanced, "publish-on-behalf"
 */
export function publishByRest(
  { channels, connectionOf }: PublishServices,
  grant: Grant,
  ownKey: string | undefined,
  channel: string,
  messages: readonly Message[],
): object {
  const rest: Speaker = { grant, clientId: grant.clientId, connectionId: null };
  const keys = new Set(messages.map(({ connectionKey }) => connectionKey ?? ownKey));
  const [key] = keys;
  if (keys.size > 1) throw new Fault('invalid connection id', 'the messages must have one connectionKey');
  let speaker = rest;
  if (key !== undefined) {
    const connection = typeof key === 'string' ? connectionOf(key) : undefined;
    if (connection === undefined || connection.grant.appId !== grant.appId)
      throw new Fault('invalid connection id', 'connectionKey must be that of a connection of the app');
    const { clientId, connectionId } = connection;
    if (clientId !== null && clientId !== '*' && messages.some((one) => nameOn(one, rest) !== clientId))
      throw new Fault('invalid connection id', 'the messages must be from the client of the connection');
    speaker = { ...rest, connectionId };
  }
  let published: object = {};
  channels.publishAs(speaker, channel, messages, (all) => {
    published = all;
  });
  return published;
}

/** The connection key in a request: undefined if there is none. */
export function connectionKeyIn({ headers, url }: Request): string | undefined {
  return headers.get('x-ably-connectionkey') ?? new URL(url).searchParams.get('connectionKey') ?? undefined;
}

/** One message, or a list of messages. @throws {Fault} 40001 */
export function messagesIn(body: unknown): readonly Message[] {
  const messages: unknown = Array.isArray(body) ? body : [body];
  if (isListOfRecords(messages) && messages.length > 0) return messages;
  throw new Fault('invalid request body', 'it must be a message or a list of messages');
}
