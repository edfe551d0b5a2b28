import { escapedBytes, isLonger } from '../text.js';
import { reasonOf, throwIfAborted, unlessAborted } from './signals.js';

/** No answer that matters to auth is longer than this, in bytes. @see RSA4f */
export const BODY_LIMIT = 128 * 1024;

/** In bytes, as sent. */
const SHORT = 8 * 1024;

/** A received body that cannot be used. The message says what was received: `a body …`. */
export class UnusableBody extends Error {
  override readonly name = 'UnusableBody';
  readonly isTooLong: boolean;

  constructor(
    message: string,
    { isTooLong = false, ...options }: ErrorOptions & { isTooLong?: boolean } = {},
  ) {
    super(message, options);
    this.isTooLong = isTooLong;
  }
}

/** A body: a stream, or with some implementations of `fetch` only the whole content. */
type Readable = Pick<Body, 'body'> & Partial<Pick<Response, 'text' | 'json' | 'headers' | 'status'>>;

/** The part of a stream's reader that is used. */
interface Reader {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  cancel(reason: unknown): unknown;
}

/**
 * The body of a response or a request as text. A stream is read up to the limit. A body without a stream, as on
 * React Native, is read as a whole, and measured afterwards.
 * @param signal ends the reading, also where `fetch` did not tie the body to it
 * @param limit in bytes
 * @throws {UnusableBody} longer than the limit, not UTF-8, or nothing that can be read; what the stream or the
 * signal fail with
 */
export async function readBody(from: Readable, signal?: AbortSignal, limit = BODY_LIMIT): Promise<string> {
  const reader = isShort(from) ? undefined : readerOf(from);
  if (reader === undefined) return await wholeText(from, signal, limit);
  const release = () => quietly(() => reader.cancel(signal && reasonOf(signal)));
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

/**
 * Whether the headers of an answer say that it is short. A short answer is read as a whole: Chromium may show a request
 * as canceled if its answer was read as a stream. The limit is low, because the answer may be compressed.
 */
function isShort({ status, headers, text }: Readable): boolean {
  const length = headers?.get('content-length') ?? Number.NaN;
  return status !== undefined && text !== undefined && Number(length) <= SHORT;
}

/** Cancels a body that is not read: otherwise it would block a connection. */
export function discardBody({ body }: Pick<Body, 'body'>): void {
  quietly(() => (body?.cancel ? body.cancel() : asNodeStream(body)?.destroy?.()));
}

/** The stream of node-fetch. */
type NodeStream = AsyncIterable<unknown> & { destroy?(): void };

function asNodeStream(body: unknown): NodeStream | undefined {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
    ? (body as NodeStream)
    : undefined;
}

function readerOf({ body }: Readable): Reader | undefined {
  const reader = body?.getReader?.();
  const stream = asNodeStream(body);
  if (reader !== undefined || stream === undefined) return reader;
  const iterator = stream[Symbol.asyncIterator]();
  return { read: () => iterator.next(), cancel: () => stream.destroy?.() };
}

/** The result of the cancellation does not matter. */
function quietly(end: () => unknown): void {
  try {
    Promise.resolve(end()).catch(() => {});
  } catch {}
}

async function wholeText(from: Readable, signal: AbortSignal | undefined, limit: number): Promise<string> {
  if (Number(from.headers?.get('content-length')) > limit) throw tooLong(limit);
  const text = await unlessAborted(wholeOf(from), signal);
  if (typeof text !== 'string') throw new UnusableBody('a body that cannot be read');
  if (isLonger(text, limit)) throw tooLong(limit);
  return text;
}

const tooLong = (limit: number): UnusableBody =>
  new UnusableBody(`a body longer than ${limit} bytes`, { isTooLong: true });

/** The stand-in for a Response in a test may have only one of these. */
async function wholeOf(from: Readable): Promise<string | undefined> {
  if (typeof from.text === 'function') return await from.text();
  if (typeof from.json === 'function') return JSON.stringify(await from.json());
  return from.body === null ? '' : undefined;
}

async function textOf(reader: Reader, signal: AbortSignal | undefined, limit: number): Promise<string> {
  let escaped = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    // A stream that was given up ends like one that is complete.
    throwIfAborted(signal);
    if (done) break;
    const part = value as Uint8Array | string;
    length += part.length;
    if (length > limit) throw tooLong(limit);
    escaped += typeof part === 'string' ? encodeURIComponent(part) : escapedBytes(part);
  }
  try {
    return decodeURIComponent(escaped).replace(/^\ufeff/, '');
  } catch (cause) {
    throw new UnusableBody('a body that is not UTF-8', { cause });
  }
}
