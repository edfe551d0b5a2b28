const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const columns = (text: string): string => text.replace(/.{76}(?=.)/gs, '$&\r\n');
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const lower = (text: string): string => text.replace(/%../g, (byte) => byte.toLowerCase());
const jsonOf = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The encodings in which a secret can travel, by name. */
export const encodings: Readonly<Record<string, (secret: string) => string>> = {
  raw: (secret) => secret,
  'JSON-escaped': jsonOf,
  'JSON-escaped twice': (secret) => jsonOf(jsonOf(secret)),
  'JSON-escaped, each letter': (secret) =>
    secret.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'percent, capitals': encodeURIComponent,
  'percent, small letters': (secret) => lower(encodeURIComponent(secret)),
  'percent, twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  form: (secret) => new URLSearchParams({ a: secret }).toString().slice(2),
  Base64: base64,
  Base64url: (secret) => Buffer.from(secret).toString('base64url'),
  'Base64 in JSON, split at 76 columns': (secret) => jsonOf(columns(base64(secret))),
  hex: (secret) => Buffer.from(secret).toString('hex'),
  'hex in capitals': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'UTF-16': (secret) => utf16(secret).toString('latin1'),
  'UTF-16, big-endian': (secret) => utf16(secret).swap16().toString('latin1'),
  'UTF-16 in hex': (secret) => utf16(secret).toString('hex'),
  'UTF-16 in Base64': (secret) => utf16(secret).toString('base64'),
  'split at 76 columns': columns,
  'Base64, split at 76 columns': (secret) => columns(base64(secret)),
  'HTML-escaped': (secret) => secret.replace(/[&<>"']/g, (letter) => HTML[letter] ?? ''),
  'HTML-escaped, by number': (secret) =>
    secret.replace(/[&<>"']/g, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`),
};
