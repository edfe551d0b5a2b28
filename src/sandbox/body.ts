import { Fault } from './fault.js';

/** More than any request to this API needs. */
const MAX_BYTES = 1024 * 1024;

/** The body's fields, from JSON or a form; none, from an empty body. @throws {Fault} 40001 */
export async function fieldsOf(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get('content-type') ?? '';
  if (/msgpack/i.test(type)) throw new Fault(40001, 'MessagePack is not spoken here, only JSON');
  const text = await textOf(request);
  if (/^application\/x-www-form-urlencoded/i.test(type)) return Object.fromEntries(new URLSearchParams(text));
  if (text === '') return {};
  const fields = parse(text);
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
    return fields as Record<string, unknown>;
  }
  throw new Fault(40001, 'the body is not a JSON object');
}

async function textOf({ body }: Request): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > MAX_BYTES) {
      await reader.cancel();
      throw new Fault(40001, `it is longer than ${MAX_BYTES} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
