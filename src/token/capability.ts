import { ErrorInfo } from '../errors/error-info.js';
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
  let text = '';
  for (const name of resourceNames(parsed)) {
    const operations = operationsText(name, (parsed as Record<string, unknown>)[name]);
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${operations}`;
  }
  return `{${text}}`;
}

/** Names that look like array indexes come first, in numeric order; all others are sorted. */
function resourceNames(capability: object): readonly string[] {
  const names = Object.keys(capability);
  if (isSorted(names)) return names;
  const indexes = names.filter((name) => ARRAY_INDEX.test(name) && Number(name) < 2 ** 32 - 1);
  return [...indexes, ...names.slice(indexes.length).sort()];
}

const ARRAY_INDEX = /^(0|[1-9]\d{0,9})$/;

function operationsText(name: string, operations: unknown): string {
  if (!Array.isArray(operations)) throw notAList(name);
  for (const one of operations) if (typeof one !== 'string') throw notAList(name);
  if (operations.length === 0) return '[]';
  const sorted: readonly string[] = isSorted(operations) ? operations : [...operations].sort();
  return sorted.every(isPlain) ? `["${sorted.join('","')}"]` : JSON.stringify(sorted);
}

/** Whether the JSON of a text is the same text in quotes. This is true for all real operations. */
function isPlain(operation: string): boolean {
  return operation === '*' || PLAIN.test(operation);
}

const PLAIN = /^[a-z-]+$/;

function isSorted(texts: readonly string[]): boolean {
  for (let index = 1; index < texts.length; index += 1) {
    if ((texts[index - 1] ?? '') > (texts[index] ?? '')) return false;
  }
  return true;
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
  return new ErrorInfo({
    code: 40003,
    message: `capability ${what}`,
    remediation: 'Pass an object such as { "chat:*": ["publish", "subscribe"] }, or the same as JSON text.',
  });
}
