/** One request that reached the mock, with its body. */
export interface SeenRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

type Answer = Response | Error | 'hang';
type Handler = (request: SeenRequest, index: number) => Answer | Promise<Answer>;

/** The network of a test: pass its `fetch` to a client. A request without an answer is refused. */
export class MockHttp {
  readonly requests: SeenRequest[] = [];
  readonly #handle: Handler;

  constructor(handle: Handler) {
    this.#handle = handle;
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const seen = {
      method: request.method,
      url: new URL(request.url),
      headers: request.headers,
      body: await request.clone().text(),
    };
    this.requests.push(seen);
    const answer = await this.#handle(seen, this.requests.length - 1);
    if (answer === 'hang') {
      return await new Promise((_resolve, reject) => {
        const stop = () => reject(request.signal.reason);
        if (request.signal.aborted) stop();
        request.signal.addEventListener('abort', stop, { once: true });
      });
    }
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function text(
  body: string,
  type = 'text/plain',
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, { status, headers: { 'content-type': type, ...headers } });
}

/** An error answer in Ably's form. */
export function ablyError(code: number, statusCode: number, message = 'by the test'): Response {
  return json({ error: { code, statusCode, message, href: '' } }, statusCode, {
    'x-ably-errorcode': String(code),
  });
}
