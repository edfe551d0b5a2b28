import { invalidArgument, invalidOption, record } from '../checks/option-checks.js';
import { isHeader } from '../platform/fetch.js';

/** Header fields or parameters by name. Numbers and booleans are sent as text. */
export type AuthFields = Readonly<Record<string, string | number | boolean>>;

/** Gives the headers or parameters of one request to `authUrl`. Null or undefined: none. */
export type AuthFieldsFunction = () => AuthFields | null | undefined | Promise<AuthFields | null | undefined>;

/** Headers or parameters that can be sent. */
export type CheckedFields = Readonly<Record<string, string>>;

/** @throws {ErrorInfo} 40003: a field cannot be sent; the message names it */
export function checkFields(name: 'authHeaders' | 'authParams', given: unknown): CheckedFields {
  const fields = parseFields(name, given as AuthFields);
  return Object.freeze(Object.fromEntries(name === 'authHeaders' ? sendable(fields) : fields));
}

function parseFields(name: string, given: AuthFields): (readonly [string, string])[] {
  // Headers, URLSearchParams and Map have no own properties, so they would count as empty objects.
  if (Symbol.iterator in record(name, given)) throw invalidOption(name, 'a plain object', given);
  return Object.entries(given).map(([key, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw invalidOption(`${name}.${key}`, 'a string', value);
    return [key, String(value)] as const;
  });
}

/** Checks the headers here, where the error can name the header: the error of fetch() would not. */
function sendable(fields: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of fields) {
    if (!isHeader(name, value)) {
      throw invalidArgument(
        `authHeaders has ${JSON.stringify(name)}, which is not a header that can be sent`,
        'Names are tokens such as "x-user"; values are of one line, and of Latin-1 characters: encode others.',
      );
    }
    const known = name.toLowerCase();
    const before = headers.get(known);
    headers.set(known, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return headers;
}
