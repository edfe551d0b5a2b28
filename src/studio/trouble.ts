import type { ErrorInfo } from '../index.js';
import { fieldOf, textIn } from '../redaction/received.js';
import type { Trouble } from './messages.js';

/** So many causes are shown. */
const MOST_CAUSES = 4;

/** An error as the studio shows it. @param address where it happened, if that is known */
export function troubleOf(error: ErrorInfo, address: string | null = null): Trouble {
  const { code, message, reason, remediation, href } = error;
  return {
    code,
    message,
    reason,
    causes: causesOf(error),
    address,
    remediation: remediation ?? null,
    href: href ?? null,
  };
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  let cause = fieldOf(error, 'cause');
  while (causes.length < MOST_CAUSES && typeof cause === 'object' && cause !== null) {
    const [name, message, code] = [textIn(cause, 'name'), textIn(cause, 'message'), fieldOf(cause, 'code')];
    const isCoded = typeof code === 'number' || typeof code === 'string';
    causes.push(`${message || name || 'an error without a message'}${isCoded ? ` (${code})` : ''}`);
    cause = fieldOf(cause, 'cause');
  }
  return causes;
}
