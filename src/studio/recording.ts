import { isTooDeep } from '../redaction/received.js';
import { redactedBut } from '../redaction/value.js';
import { clientIdsIn, knownTexts, shownSession } from './known-texts.js';
import type { Entry, Session } from './messages.js';
import { recordingIn } from './schema.js';

/** A session as a file. */
export interface Recording {
  readonly session: Session;
  readonly entries: readonly Entry[];
}

const FORMAT = { format: 'latchkey-recording', version: 1 } as const;

/** The text of a recording's file: JSON without secrets. */
export function recordingText({ session, entries }: Recording): string {
  return JSON.stringify({ ...FORMAT, ...shown({ session, entries }) });
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
  if (read.version !== FORMAT.version)
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
    throw new TypeError('This file is not a recording of the Latchkey studio: it is not JSON.');
  }
}

/**
 * The recording, redacted once more. Each entry is redacted by itself, because of a long list only the
 * beginning would be kept.
 */
function shown({ session, entries }: Recording): Recording {
  const clientIds = clientIdsIn(entries);
  const isKnown = knownTexts(session, () => clientIds);
  return {
    session: shownSession(session),
    entries: entries.map((entry) => redactedBut(isKnown, entry) as Entry),
  };
}
