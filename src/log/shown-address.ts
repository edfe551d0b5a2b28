import { redactText } from '../redaction/text.js';

/** An address fit to be shown: no query, no user, nothing in its path that looks like a secret. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return redactText(address);
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname.replace(/[^/]+/g, (part) => redactText(part)).replace(/\/$/, '')}`;
}
