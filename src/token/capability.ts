import { invalidArgument } from '../checks/option-checks.js';
import type { ErrorInfo } from '../errors/error-info.js';
import { parseJson } from '../redaction/received.js';

/** Operations by channel name or pattern. @see TK2b */
export type Capability = Readonly<Record<string, readonly string[]>>;

/**
 * The canonical text of a capability: resources and operations sorted, no white space.
 *
 * It is exactly the text that Ably's own SDK signs. JSON puts names that look like array indexes first, in
 * numeric order, and so does this text.
 *
 * @throws {ErrorInfo} 40003 if it is not JSON, or not an object of string arrays
 */
export function canonicalCapability(capability: string | Capability): string {
  const parsed: unknown = typeof capability === 'string' ? parseText(capability) : capability;
  if (
    typeof parsed !== 'object' ||
    parsed === null ||
    Object.prototype.toString.call(parsed) !== '[object Object]'
  ) {
    throw invalid('is not an object of operation lists by channel');
  }
  const sorted = Object.entries(parsed)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, operations]) => [name, sortedOperations(name, operations)]);
  return JSON.stringify(Object.fromEntries(sorted));
}

function sortedOperations(name: string, operations: unknown): readonly string[] {
  if (!Array.isArray(operations)) throw notAList(name);
  for (const one of operations) if (typeof one !== 'string') throw notAList(name);
  return [...operations].sort();
}

function notAList(name: string): ErrorInfo {
  const shown = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  return invalid(`has something other than a list of strings under ${JSON.stringify(shown)}`);
}

/** The longest name in an error message: a received name can have any length. */
const LONGEST_SHOWN = 100;

function parseText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalid('is not JSON');
  }
}

function invalid(what: string): ErrorInfo {
  return invalidArgument(
    `capability ${what}`,
    'Pass an object such as { "chat:*": ["publish", "subscribe"] }, or the same as JSON text.',
  );
}
