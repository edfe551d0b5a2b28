import type { Auth, AuthEventName } from '../index.js';
import { type Payload, toldEvents, type Words, wordsFor } from '../studio/words.js';

/** One readable line: the time, what happened, the details. */
export function lineFor(at: number, { title, detail }: Words): string {
  const time = new Date(at).toLocaleTimeString('en-GB');
  return detail === '' ? `${time}  ${title}` : `${time}  ${title}: ${detail}`;
}

/** Prints a line for each event of a client, until the returned function is called. */
export function printEvents(auth: Auth, now: () => number, print: (line: string) => void): () => void {
  const undo = toldEvents.map((name) => printEvent(name, auth, now, print));
  return () => {
    for (const stop of undo) stop();
  };
}

function printEvent<Name extends AuthEventName>(
  name: Name,
  auth: Auth,
  now: () => number,
  print: (line: string) => void,
): () => void {
  const listener = (payload: Payload<Name>) => {
    const words = wordsFor(name, payload);
    if (words !== null) print(lineFor(now(), words));
  };
  return auth.on(name, listener as never);
}
