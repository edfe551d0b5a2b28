import { textIn } from '../redaction/received.js';
import { redactText } from '../redaction/text.js';

/** The name, message and position of an error, without secrets. */
export function faultText(thrown: unknown): string {
  const message = typeof thrown === 'string' ? thrown : textIn(thrown, 'message');
  const name = textIn(thrown, 'name') ?? typeof thrown;
  const place = PLACE.exec((textIn(thrown, 'stack') ?? '').slice(0, LONGEST_STACK))?.[1];
  return [`${name}: ${message ?? 'without a message'}`, ...(place === undefined ? [] : [`(${place})`])]
    .map((part) => redactText(part))
    .join(' ');
}

const LONGEST_STACK = 4_096;

/** The file, line and column of the first call in a stack. */
const PLACE = /^ +at .*?([^/\\()\s]{1,80}:\d{1,9}:\d{1,9})\)?$/m;
