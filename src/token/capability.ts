import { ErrorInfo } from '../errors.js';

/** Operations by channel name or pattern. @see TK2b */
export type Capability = Readonly<Record<string, readonly string[]>>;

/**
 * Canonical text of a capability: resources and operations sorted, no white space.
 *
 * It is exactly what Ably's own SDK signs. In particular JSON puts names that look like array
 * indexes first, in numeric order, whatever the sort said.
 *
 * @throws {ErrorInfo} 40003 when it is not JSON, or not an object of string arrays.
 */
export function canonicalCapability(capability: string | Capability): string {
  const parsed = typeof capability === 'string' ? parseText(capability) : capability;
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid('is not an object of operation lists by channel');
  }
  const canonical: Record<string, string[]> = Object.create(null);
  for (const name of Object.keys(parsed).sort()) {
    const operations: unknown = (parsed as Record<string, unknown>)[name];
    if (!Array.isArray(operations) || !operations.every((one) => typeof one === 'string')) {
      throw invalid(`has something other than a list of strings under ${JSON.stringify(name)}`);
    }
    canonical[name] = [...operations].sort();
  }
  return JSON.stringify(canonical);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('is not JSON');
  }
}

function invalid(what: string): ErrorInfo {
  return new ErrorInfo({
    code: 40003,
    message: `capability ${what}`,
    remediation: 'Give an object such as { "chat:*": ["publish", "subscribe"] }, or the same as JSON text.',
  });
}
