import { Fault } from './fault.js';
import { type Presence, type Present, presenceAction } from './presence.js';
import type { Message } from './protocol.js';
import { readPublished } from './published.js';
import { nameOn, type Speaker } from './speaker.js';

/** The highest number of presence members of a channel. */
const MOST_MEMBERS = 250;

/** A member that enters, updates its data, or leaves. */
export interface PresenceRequest {
  readonly what: number;
  readonly member: Present;
}

const asked: readonly unknown[] = [
  presenceAction.present,
  presenceAction.enter,
  presenceAction.leave,
  presenceAction.update,
];

/** Reads a PRESENCE message. @throws {Fault} 40000, 40009, 40012, 91000, 91003 */
export function readPresence(
  given: readonly Message[],
  from: Speaker,
  presence: Presence,
  msgSerial: number,
  timestamp: number,
): readonly PresenceRequest[] {
  const { connectionId } = from;
  if (connectionId === null) throw new Fault('malformed request', 'it has no connection');
  let count = presence.size;
  return readPublished(given).map((message, index) => {
    const what = given[index]?.action ?? presenceAction.enter;
    if (!asked.includes(what)) throw new Fault('malformed request', 'unknown presence action');
    const clientId = nameOn(message, from);
    if (clientId === null || clientId === '*')
      throw new Fault('unable to enter presence channel (no clientId)');
    if (what !== presenceAction.leave && !presence.has(connectionId, clientId)) count += 1;
    if (count > MOST_MEMBERS) throw new Fault('too many presence members', `at most ${MOST_MEMBERS}`);
    const { data, encoding, extras } = message;
    const member: Present = {
      id: `${connectionId}:${msgSerial}:${index}`,
      clientId,
      connectionId,
      timestamp,
      ...(data === undefined ? {} : { data }),
      ...(encoding === undefined ? {} : { encoding }),
      ...(extras === undefined ? {} : { extras }),
    };
    return { what: Number(what), member };
  });
}
