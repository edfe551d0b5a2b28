import { parseJson, textIn } from '../../redaction/received.js';
import { secretsIn } from '../../redaction/sent-secrets.js';
import { redactText } from '../../redaction/text.js';
import type { Question, Received } from './exchange.js';
import { withoutKeys } from './key-form.js';

/** What an endpoint says in an answer without a token, on one line and redacted; undefined: nothing. */
export function wordsIn({ text = '' }: Received, { url, headers, params }: Question): string | undefined {
  const line = (messageIn(text) ?? text.replace(TAG, ' ')).trim().replace(/\s+/g, ' ');
  return line === '' ? undefined : redactText(withoutKeys(line), secretsIn(url, { headers, params }));
}

/** A page is shown without its tags. */
const TAG = /<[^<>]*>/g;

/** The message in JSON, in the form of Ably and in other usual forms. */
function messageIn(text: string): string | undefined {
  try {
    const body: unknown = parseJson(text);
    const { error = body } = Object(body) as { error?: unknown };
    if (typeof error === 'string') return error;
    for (const name of ['message', 'detail', 'title', 'error_description'])
      if (textIn(error, name)) return textIn(error, name);
  } catch {}
  return undefined;
}
