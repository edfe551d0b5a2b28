import type { Feed } from '../studio/feed.js';
import type { Action } from '../studio/messages.js';
import type { Words } from '../studio/words.js';
import type { Demo } from './demo.js';

/** The demo's controls, each told in the timeline before what follows from it. */
export function toldControls(
  { controls, tokenEndpoint }: Demo,
  feed: Feed,
  print: (words: Words) => void,
): Readonly<Record<Action, () => Promise<void>>> {
  const told = (action: Action, title: () => string, detail: string) => async () => {
    const words: Words = { about: 'hand', tone: 'calm', title: title(), detail };
    print(words);
    feed.note(words);
    await controls[action]();
    feed.refresh();
  };
  return {
    authorize: told('authorize', () => 'Authorize', 'authorize() is called'),
    expire: told('expire', () => 'Expire now', 'the service lets every token expire'),
    revoke: told('revoke', () => 'Revoke', 'the service revokes every token'),
    cut: told('cut', () => 'Cut the connection', 'the transport breaks without a word'),
    source: told(
      'source',
      () => (tokenEndpoint.isUp ? 'Source down' : 'Source up'),
      'the token endpoint is switched',
    ),
    clock: told('clock', () => 'Clock +1 h', 'an hour passes at once, for client and service'),
  };
}
