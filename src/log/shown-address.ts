import { addressOf } from '../platform/address.js';
import { redactText } from '../redaction/text.js';

/** An address that is safe to show: without query and user, and with secret-like parts of the path redacted. */
export function shownAddress(address: string): string {
  const read = addressOf(address);
  if (read === undefined) return redactText(address);
  const { protocol, host, pathname } = read;
  return `${protocol}//${host}${pathname.replace(/[^/]+/g, (part) => redactText(part)).replace(/\/$/, '')}`;
}
