import { inspect } from 'node:util';
import { Auth, type ClientOptions, ErrorInfo } from '../../src/index.js';
import { redacted } from '../../src/inspect.js';
import { readRecording } from '../../src/studio/recording.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

export const SECRET = 'kept-secret-of-the-key';
export const TOKEN = 'kept-token-4MhB9xTqPzR7vWcL';
/** A secret that does not look like one. */
export const WORDS = 'open sesame now';
export const NOW = 1_764_000_000_000;

/** @throws {Error} with the reason, if `isRight` is false */
export function must(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what);
}

/** No text that an error or a state is printed as shows a secret. */
export function mustBeClear(what: unknown): void {
  const texts = [JSON.stringify(redacted(what)), inspect(what, { depth: 6 })];
  if (what instanceof ErrorInfo) texts.push(JSON.stringify(what), String(what), String(what.stack));
  for (const text of texts)
    for (const secret of [SECRET, TOKEN, WORDS])
      must(!text?.includes(secret), `${secret} is in ${text.slice(0, 200)}`);
}

/** The outcome of a call: a value, or an ErrorInfo that shows no secret. */
export async function outcomeOf<T>(call: () => Promise<T> | T): Promise<T | ErrorInfo> {
  try {
    return await call();
  } catch (error) {
    must(error instanceof ErrorInfo, `it failed with ${inspect(error, { depth: 0 }).slice(0, 300)}`);
    mustBeClear(error);
    return error as ErrorInfo;
  }
}

/** The turns of the event loop in which a part of the client is loaded, or fails to load. */
const TURNS = 5_000;

/**
 * A call that must end. Its two minutes are virtual; then it has turns of the event loop, in which code is loaded, and
 * what a late load starts gets its virtual time too.
 * @throws {Error} if the call does not end
 */
export async function mustSettle(what: string, call: Promise<void>, clock: VirtualClock): Promise<void> {
  let isOver = false;
  const watched = call.finally(() => {
    isOver = true;
  });
  // If the call fails before it is awaited below, that is no unhandled rejection.
  watched.catch(() => {});
  await clock.advance(0);
  if (!isOver) await clock.advance(120_000);
  for (let turn = 0; turn < TURNS && !isOver; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(0);
  }
  must(isOver, `${what} does not end`);
  await watched;
}

/** A client whose authorize() must end within an hour, and which must go on waiting no longer than an hour. */
export async function mustEnd(options: ClientOptions): Promise<void> {
  const clock = new VirtualClock(NOW);
  const auth = new Auth({ clock, logLevel: 'none', ...options });
  try {
    const call = outcomeOf(() => auth.authorize()).then(() => {});
    await mustSettle('authorize()', call, clock);
    const explained = auth.explain();
    mustBeClear({ state: auth.state, explained });
    const { next } = auth.state;
    if (next?.step === 'retry')
      must(next.at - clock.now() <= 3_600_000, `the next try is in ${next.at - clock.now()} ms`);
  } finally {
    auth.dispose();
    must(clock.pending === 0, `${clock.pending} timers are left`);
  }
}

/** A text is read as a recording, or refused as one. */
export function mustReadRecording(text: string): void {
  try {
    readRecording(text);
  } catch (error) {
    must(
      error instanceof TypeError && /recording/.test(error.message),
      `it failed with ${String(error).slice(0, 200)}`,
    );
  }
}
