/** No answer that matters to auth is longer than this, in bytes. @see RSA4f */
export const BODY_LIMIT = 128 * 1024;

export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';

  constructor() {
    super(`the body is longer than ${BODY_LIMIT} bytes`);
  }
}

/**
 * The body as text, read no further than the limit.
 * @throws {BodyTooLong}; TypeError for what is not UTF-8
 */
export async function readBody(response: Response): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > BODY_LIMIT) {
      await reader.cancel().catch(() => {});
      throw new BodyTooLong();
    }
    text += decoder.decode(value, { stream: true });
  }
}
