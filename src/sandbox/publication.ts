import { Fault } from './fault.js';
import type { Message } from './protocol.js';
import { readPublished } from './published.js';
import { isRecord } from './record.js';
import { nameOn, type Speaker } from './speaker.js';

/** A message with the fields that the service adds. */
export type PublishedMessage = Message & { readonly serial: string };

/** Adds the service's fields to a client's messages. @throws {Fault} 40000, 40006, 40009, 40012, 93002 */
export function publishedAs(
  given: readonly Message[],
  from: Speaker,
  serial: string,
  timestamp: number,
): readonly PublishedMessage[] {
  const { connectionId } = from;
  for (const { action, connectionId: own, extras } of given) {
    // 0 creates a message; the others change one (TM5).
    if (action !== undefined && action !== null && action !== 0)
      throw new Fault('the sandbox does not change or annotate messages');
    if (own !== undefined && own !== null && own !== connectionId)
      throw new Fault('invalid connection id', 'connectionId must be that of the publishing connection');
    if (isRecord(extras) && 'push' in extras)
      throw new Fault('the sandbox does not offer this', 'push notifications, in the extras of a message');
  }
  return readPublished(given).map((message, index) => {
    const clientId = nameOn(message, from);
    const own = `${serial}:${index}`;
    return {
      id: own,
      ...message,
      ...(clientId === null ? {} : { clientId }),
      ...(connectionId === null ? {} : { connectionId }),
      timestamp,
      serial: own,
      action: 0,
      version: { serial: own, timestamp },
    };
  });
}

/** The id that a client gave to all messages of one publish; undefined: none. @see RSL1k */
export function idOfAll(given: readonly Message[]): string | undefined {
  const ids = given.map(({ id }) => id);
  return ids.length > 0 && ids.every((id) => typeof id === 'string') ? ids.join(' ') : undefined;
}
