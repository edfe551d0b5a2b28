import { isTooDeep } from '../../redaction/received.js';
import type { Received } from './exchange.js';
import { withoutKeys } from './key-form.js';
import { finding, ok, skipped, type Verdict } from './verdict.js';

/**
 * Looks for an API key in an answer.
 * @param keyName the name of the key that signed the token, if known: a short secret after it is found too
 */
export function keyStaysHome({ text, headers }: Received, keyName: string | undefined): Verdict {
  const shown = [...headers].map(([, value]) => value).join('\n');
  const all = `${shown}\n${text === undefined ? '' : withoutNames(text)}`;
  const isNamed =
    keyName !== undefined &&
    all
      .split(`${keyName}:`)
      .slice(1)
      .some((rest) => /^[^\s"',]/.test(rest));
  if (!isNamed && withoutKeys(all) === all) {
    return text === undefined
      ? skipped('key', 'the answer could not be read')
      : ok('key', 'the answer contains no key');
  }
  return finding(
    'key',
    'problem',
    'the answer contains a text that looks like an API key',
    'Remove the key from the answer and revoke it: a key has no expiry, and everyone who has it has all of its rights.',
  );
}

/** The text without the names of channels and clients, which may have the form of a key. */
function withoutNames(text: string): string {
  try {
    if (isTooDeep(text)) return text;
    const rest: unknown = JSON.parse(text, (name, value) =>
      NAMES.has(name) && typeof value === 'string' ? null : value,
    );
    return JSON.stringify(rest);
  } catch {
    return text;
  }
}

const NAMES = new Set(['capability', 'clientId']);
