/** The form of an API key, `appId.keyId:secret`, also in an address, but not of a host with a port. */
const KEYS = /(?<![\w-])[\w-]{2,40}\.[\w-]{2,40}(?::|%3a)(?!\d{1,5}(?![\w-]))[\w\-+/=]{8,}/gi;

/** The text with `[key]` in place of what looks like an API key. */
export const withoutKeys = (text: string): string => text.replace(KEYS, '[key]');
