import { EventSource } from 'eventsource';
import type { Auth } from 'latchkey';

/** Server-sent events of your own server. Each connect carries the current token. */
export const eventsOf = (auth: Auth, address: string): EventSource =>
  new EventSource(address, { fetch: (url, init) => auth.fetch(url, init) });
