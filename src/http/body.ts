/** No answer that matters to auth is longer than this, in bytes. @see RSA4f */
export const BODY_LIMIT = 128 * 1024;

/** The body came, and cannot be what was asked for. The message says what came: `a body …`. */
export class UnfitBody extends Error {
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

/**
 * The body of a response or a request as text, read no further than the limit.
 * @param signal ends the reading, also where `fetch` did not tie the body to it
 * @param limit in bytes
 * @throws {UnfitBody} longer than the limit, or not UTF-8; what the stream or the signal fail with
 */
export async function readBody(
  { body }: Pick<Body, 'body'>,
  signal?: AbortSignal,
  limit = BODY_LIMIT,
): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const release = () => void reader.cancel(signal?.reason).catch(() => {});
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
    if (length > limit) throw new UnfitBody(`a body longer than ${limit} bytes`, { isTooLong: true });
    text += decoded(() => decoder.decode(value, { stream: true }));
  }
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch (cause) {
    throw new UnfitBody('a body that is not UTF-8', { cause });
  }
}
