import { isTooDeep } from '../redaction/received.js';
import { redactedBut } from '../redaction/value.js';
import { MOST_FRAMES } from './frames.js';
import { knownTexts, namesInEntries, shownSession } from './known-texts.js';
import type { Entry, Frame, Session } from './messages.js';
import { recordingIn } from './schema.js';

/** A session as a file. */
export interface Recording {
  readonly session: Session;
  readonly entries: readonly Entry[];
  /** The last protocol messages. Absent in recordings of version 1. */
  readonly frames?: readonly Frame[];
}

const FORMAT = { format: 'latchkey-recording', version: 2 } as const;

/** The versions that can be read. */
const READABLE: readonly unknown[] = [1, FORMAT.version];

/** The longest file that is read, in bytes. A recording is shorter. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * Checks the size of a file before it is read.
 *
 * @throws {TypeError} with a text for the user
 */
export function checkFileSize(bytes: number): void {
  const megabytes = Math.ceil(bytes / 1024 / 1024);
  if (bytes > LARGEST_FILE)
    throw new TypeError(
      `This file has ${megabytes} MB; a recording has at most ${LARGEST_FILE / 1024 / 1024} MB.`,
    );
}

/** The text of a recording's file: JSON without secrets. */
export function recordingText(recording: Recording): string {
  return JSON.stringify({ ...FORMAT, ...shown(recording) });
}

/**
 * Reads a recording's file.
 *
 * @throws {TypeError} with a text for the user, if the file is not a recording or has another version
 */
export function readRecording(text: string): Recording {
  const read = parse(text);
  if (read.format !== FORMAT.format)
    throw new TypeError('This file is not a recording of the Latchkey studio.');
  if (!READABLE.includes(read.version))
    throw new TypeError('This recording was made by another version of Latchkey: open it with that version.');
  const found = recordingIn(read);
  if (typeof found === 'string')
    throw new TypeError(`This recording is damaged (${found}): export it again.`);
  return shown(found);
}

function parse(text: string): { readonly format?: unknown; readonly version?: unknown } {
  if (isTooDeep(text)) throw new TypeError('This recording is damaged (nested too deep): export it again.');
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    const isCut = text.startsWith(`{"format":"${FORMAT.format}"`);
    throw new TypeError(
      isCut
        ? 'This recording is damaged (its end is missing): export it again.'
        : 'This file is not a recording of the Latchkey studio: it is not JSON.',
    );
  }
}

/**
 * The recording, redacted once more. Each entry is redacted by itself, because of a long list only the
 * beginning would be kept.
 */
function shown({ session, entries, frames }: Recording): Recording {
  const names = namesInEntries(entries);
  const isKnown = knownTexts(session, () => names);
  const plain = frames
    ?.slice(-MOST_FRAMES)
    .map(({ at, after, isSent, action, size }) => ({ at, after, isSent, action, size }));
  return {
    session: shownSession(session),
    entries: entries.map((entry) => redactedBut(isKnown, entry) as Entry),
    ...(plain === undefined ? {} : { frames: plain }),
  };
}
