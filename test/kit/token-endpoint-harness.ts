import { Auth, type ErrorInfo } from '../../src/index.js';
import type { Grant, TokenEndpointOptions } from '../../src/server/index.js';
import { tokenEndpoint } from '../../src/server/index.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

export const KEY = 'appId.keyId:a-secret-that-no-answer-may-hold';
export const SECRET = 'a-secret-that-no-answer-may-hold';
export const NOW = 1_764_000_000_000;

export const ADA: Grant = {
  clientId: 'ada',
  capability: { 'chat:*': ['publish', 'subscribe'], news: ['subscribe'] },
  ttl: 600_000,
};

/** The answer of an endpoint. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Record<string, unknown> & {
    readonly error?: { code: number; statusCode: number; message: string };
  };
}

/** An endpoint on a virtual clock, which keeps the errors that `onError` received. */
export class EndpointUnderTest {
  readonly clock = new VirtualClock(NOW);
  readonly heard: ErrorInfo[] = [];
  readonly endpoint: (request: Request) => Promise<Response>;

  constructor(options: Partial<TokenEndpointOptions> = {}) {
    this.endpoint = tokenEndpoint({
      auth: new Auth({ key: KEY, clock: this.clock }),
      grant: () => ADA,
      format: 'token-request',
      checkClock: false,
      onError: (error) => this.heard.push(error),
      ...options,
    });
  }

  get(query: Record<string, string> | string = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const search = typeof query === 'string' ? query : new URLSearchParams(query).toString();
    return this.send(new Request(`https://example.com/token?${search}`, { headers }));
  }

  post(body: BodyInit, type: string | null = 'application/json'): Promise<Answer> {
    const headers = type === null ? {} : { 'content-type': type };
    return this.send(new Request('https://example.com/token', { method: 'POST', body, headers }));
  }

  async send(request: Request): Promise<Answer> {
    const response = await this.endpoint(request);
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
  }
}
