import { toBase64, utf8 } from './encoding.js';

/** Shorter secrets would remove words from ordinary texts. */
const SHORTEST = 4;

/** A shorter secret is searched as a whole word: it could be part of other words by chance. */
const SHORT = 12;

/**
 * A long secret is found by its beginning, so that the cost does not depend on the length that its issuer
 * chose.
 */
const LONGEST_SOUGHT = 512;

/** An encoding makes a text at most this many times longer: `\u0041` for a letter. */
const MOST_GROWTH = 6;

/** An escape that begins before a secret takes at most so many of its letters. */
const MOST_TAKEN = 4;

/** Escapes that are not decoded, and the colours of a terminal. A secret after one is a word of its own. */
const OTHER_ESCAPE =
  /(?:\\(?:[abefv]|[0-7]{1,3}|x[\da-f]{2})|=[\da-f]{2}|%u[\da-f]{4}|(?:[^ -~]|\\(?:e|x1b|033))\[[\d;]*m)$/i;

/** The longest of these, such as `\x1b[38;2;255;100;100m`. */
const LONGEST_ESCAPE = 24;

/** How often a text is decoded: it may be JSON in a query. */
const MOST_ROUNDS = 4;

/** What encodings add: escapes, line breaks, the zeros of UTF-16. A plus is a space in a form. */
const ADDED =
  /(?:\\[nrt]|[\s\0+])+|%([\da-f]{2})|((?:\\u[\da-f]{4})+)|&#(x?)([\da-f]{1,6});|&(amp|lt|gt|quot|apos);|\\(["\\/])/gi;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Replaces known secrets, in each encoding in which they travel: as they are, in JSON, an address, a form or
 * HTML, as Base64, hexadecimal digits or UTF-16, and broken into lines.
 *
 * @param end where the text is cut, after it was searched
 */
export function hideKnown(text: string, known: readonly string[], end = text.length): string {
  const secrets = known.filter(({ length }) => length >= SHORTEST && length <= text.length * MOST_GROWTH);
  if (secrets.length === 0) return text.slice(0, end);
  const bytes = /[^\0-\x7f]/.test(text) ? utf8(text) : text;
  const stages = stagesOf(bytes).map((stage) => [stage, stage.toLowerCase()] as const);
  const forms = secrets.flatMap((secret) =>
    FORMS.flatMap(({ of, isHex }, at): Form[] => {
      const isThere = (form: string) => stages.some((both) => both[isHex ? 1 : 0].includes(beginning(form)));
      // The form of the beginning is the beginning of the form, and is made faster.
      const start = of(secret.slice(0, 6)).slice(0, 6);
      if (at > 0 && !isThere(start) && !isThere(start.replace(/\+/g, ''))) return [];
      const form = of(secret);
      // What stands before a secret can look like the beginning of an escape: `%` before `ab`. So each stage counts, and
      // a long secret is found without its first letters.
      const cut = at === 0 && form.length >= SHORT + MOST_TAKEN ? [1, 2, 3, 4].map((n) => form.slice(n)) : [];
      return [...new Set([form, ...[form, ...cut].map(decode)])]
        .filter((one) => one.length >= SHORTEST && isThere(one))
        .map((one) => ({ form: one, isHex }));
    }),
  );
  if (forms.length === 0) return text.slice(0, end);
  // Most texts have no secret in them, so only now it is worth to know where each letter came from.
  const ranges: (readonly [number, number])[] = [];
  let view = viewOf(text);
  for (const _stage of stages) {
    const lower = { ...view, bytes: view.bytes.toLowerCase() };
    ranges.push(...forms.flatMap(({ form, isHex }) => find(isHex ? lower : view, form)));
    view = decodeOnce(view);
  }
  return without(text, ranges, end);
}

const beginning = (form: string): string => form.slice(0, LONGEST_SOUGHT);

/** A secret as it may be in a decoded text. */
interface Form {
  readonly form: string;
  readonly isHex: boolean;
}

const base64Of = (bytes: string): string => toBase64(bytes).replace(/=/g, '');
const forAddresses = (bytes: string): string => base64Of(bytes).replace(/\+/g, '-').replace(/\//g, '_');

const FORMS: readonly { readonly of: (secret: string) => string; readonly isHex: boolean }[] = [
  { of: (secret) => utf8(secret), isHex: false },
  ...[(secret: string) => utf8(secret), (secret: string) => utf16(secret)].flatMap((bytes) => [
    { of: (secret: string) => base64Of(bytes(secret)), isHex: false },
    { of: (secret: string) => forAddresses(bytes(secret)), isHex: false },
    { of: (secret: string) => hexOf(bytes(secret)), isHex: true },
  ]),
];

/** The UTF-16 form of a text, a letter for each byte. */
const utf16 = (text: string): string =>
  text.replace(/[\s\S]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) & 255, unit.charCodeAt(0) >> 8));

/** Hexadecimal digits. For UTF-16 the last zeros are left out: in the other byte order they come first. */
const hexOf = (bytes: string): string =>
  bytes.replace(/\0$/, '').replace(/[\s\S]/g, (byte) => (byte.charCodeAt(0) + 256).toString(16).slice(1));

function without(text: string, ranges: readonly (readonly [number, number])[], end: number): string {
  let [rest, at] = ['', 0];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    if (from >= end) break;
    if (from >= at) rest += `${text.slice(at, from)}[…]`;
    at = Math.max(at, to);
  }
  return rest + text.slice(at, end);
}

/** Where a text is in a view, as positions in the text before it was decoded. */
function find({ bytes, from, to }: View, form: string): (readonly [number, number])[] {
  const sought = beginning(form);
  const found: (readonly [number, number])[] = [];
  const isWord = (at: number): boolean => /[A-Za-z0-9]/.test(bytes.charAt(at));
  const areJoined = (at: number): boolean =>
    from[at] === to[at - 1] &&
    isWord(at - 1) &&
    isWord(at) &&
    !OTHER_ESCAPE.test(bytes.slice(Math.max(0, at - LONGEST_ESCAPE), at));
  for (let at = bytes.indexOf(sought); at !== -1; ) {
    let end = at + sought.length;
    while (end - at < form.length && bytes[end] === form[end - at]) end += 1;
    if (sought.length >= SHORT || !(areJoined(at) || areJoined(end)))
      found.push([from[at] ?? 0, to[end - 1] ?? 0]);
    at = bytes.indexOf(sought, end);
  }
  return found;
}

/** Decodes until nothing changes. Each stage has a letter for each byte. */
function stagesOf(first: string): string[] {
  let bytes = first;
  const stages = [bytes];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = bytes.replace(ADDED, (...parts) => unescaped(parts as never));
    if (next === bytes) break;
    stages.push(next);
    bytes = next;
  }
  return stages;
}

/** The last stage. */
const decode = (bytes: string): string => stagesOf(bytes).pop() ?? '';

/** A decoded text, and where each letter was in the text. */
interface View {
  readonly bytes: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The first stage, with the positions. */
function viewOf(text: string): View {
  const first = new Builder();
  let at = 0;
  for (const letter of text) {
    first.add(letter < '\x80' ? letter : utf8(letter), at, at + letter.length);
    at += letter.length;
  }
  return first;
}

class Builder implements View {
  bytes = '';
  readonly from: number[] = [];
  readonly to: number[] = [];

  add(letters: string, from: number, to: number): void {
    this.bytes += letters;
    for (let count = letters.length; count > 0; count -= 1) {
      this.from.push(from);
      this.to.push(to);
    }
  }
}

function decodeOnce({ bytes, from, to }: View): View {
  const next = new Builder();
  let done = 0;
  const addPlain = (end: number) => {
    for (; done < end; done += 1) next.add(bytes.charAt(done), from[done] ?? 0, to[done] ?? 0);
  };
  for (const match of bytes.matchAll(ADDED)) {
    addPlain(match.index);
    done += match[0].length;
    next.add(unescaped(match), from[match.index] ?? 0, to[done - 1] ?? 0);
  }
  addPlain(bytes.length);
  return next;
}

/** What an escape stands for, a letter for each byte. */
function unescaped([, byte, units, hex, code, entity, escaped]: readonly (string | undefined)[]): string {
  if (byte !== undefined) return letterOf(byte, 16);
  if (units !== undefined)
    return utf8(units.replace(/\\u(....)/gi, (_all, unit: string) => letterOf(unit, 16)));
  if (code !== undefined) return utf8(letterOf(code, hex === '' ? 10 : 16));
  return escaped ?? ENTITIES[entity?.toLowerCase() ?? ''] ?? '';
}

function letterOf(digits: string, base: number): string {
  const code = Number.parseInt(digits, base);
  return code > 0xffff ? '\ufffd' : String.fromCharCode(code);
}
