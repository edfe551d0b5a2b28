import { callUser } from '../log/user-callback.js';

/** No answer that matters to auth is longer than this, in bytes. @see RSA4f */
export const BODY_LIMIT = 128 * 1024;

/** The body came, and cannot be what was asked for. The message says what came: `a body …`. */
export class UnusableBody extends Error {
  override readonly name = 'UnfitBody';
  readonly isTooLong: boolean;

  constructor(
    message: string,
    { isTooLong = false, ...options }: ErrorOptions & { isTooLong?: boolean } = {},
  ) {
    super(message, options);
    this.isTooLong = isTooLong;
  }
}

/** A body that comes as a stream, or, from some makers of `fetch`, only as a whole. */
type Readable = Pick<Body, 'body'> & Partial<Pick<Body, 'text' | 'json'>>;

/**
 * The body of a response or a request as text, read no further than the limit. One that is no stream, as on
 * React Native, is read as a whole and measured then.
 * @param signal ends the reading, also where `fetch` did not tie the body to it
 * @param limit in bytes
 * @throws {UnusableBody} longer than the limit, not UTF-8, or nothing that can be read; what the stream or the
 * signal fail with
 */
export async function readBody(from: Readable, signal?: AbortSignal, limit = BODY_LIMIT): Promise<string> {
  const reader = from.body?.getReader?.();
  if (reader === undefined) return await wholeText(from, signal, limit);
  const release = () =>
    callUser(
      () => reader.cancel(signal?.reason),
      () => {},
    );
  if (signal?.aborted) release();
  signal?.addEventListener('abort', release, { once: true });
  try {
    return await textOf(reader, signal, limit);
  } catch (fault) {
    // What is not read to its end holds a connection.
    release();
    throw fault;
  } finally {
    signal?.removeEventListener('abort', release);
  }
}

/** Lets a body go that nobody will read: it would hold a connection. */
export function discardBody({ body }: Pick<Body, 'body'>): void {
  callUser(
    () => body?.cancel?.(),
    () => {},
  );
}

async function wholeText(from: Readable, signal: AbortSignal | undefined, limit: number): Promise<string> {
  const text = await unlessAborted(wholeOf(from), signal);
  if (typeof text !== 'string') throw new UnusableBody('a body that cannot be read');
  const isTooLong = text.length > limit || new TextEncoder().encode(text).byteLength > limit;
  if (isTooLong) throw new UnusableBody(`a body longer than ${limit} bytes`, { isTooLong });
  return text;
}

/** What stands for a Response in a test may have only one of these. */
async function wholeOf(from: Readable): Promise<string | undefined> {
  if (typeof from.text === 'function') return await from.text();
  if (typeof from.json === 'function') return JSON.stringify(await from.json());
  return from.body === null ? '' : undefined;
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}

async function textOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
  limit: number,
): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    // A stream that was given up ends like one that is complete.
    signal?.throwIfAborted();
    if (done) return text + decoded(() => decoder.decode());
    length += value.byteLength;
    if (length > limit) throw new UnusableBody(`a body longer than ${limit} bytes`, { isTooLong: true });
    text += decoded(() => decoder.decode(value, { stream: true }));
  }
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch (cause) {
    throw new UnusableBody('a body that is not UTF-8', { cause });
  }
}
