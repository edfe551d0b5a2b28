import { inspect } from 'node:util';
import { ErrorInfo } from '../../src/index.js';
import { redacted } from '../../src/inspect.js';
import { readRecording } from '../../src/studio/recording.js';

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
