import { tokenAnswer } from '../cli/token-answer.js';
import type { TokenEndpoint } from '../cli/token-endpoint.js';
import type { Clock } from '../clock.js';
import { Auth } from '../index.js';

/** The address of the auth server. The domain is reserved, so that it is no host of anyone. */
const ADDRESS = 'https://auth.example/token';

/** An auth server in the page, with the key. It answers without a network. */
export interface MemoryEndpoint extends TokenEndpoint {
  /** Whether a request is for this server. */
  isFor(request: Request): boolean;
  answer(request: Request): Promise<Response>;
}

/** Makes an auth server. @param latencyMs how long an answer takes, ms of `clock` */
export function memoryEndpoint(key: string, clock: Clock, latencyMs: number): MemoryEndpoint {
  // It would warn of a key in a page: this one is made at random, and of no use elsewhere.
  const issuer = new Auth({ key, clock, logLevel: 'none' });
  const endpoint: MemoryEndpoint = {
    url: ADDRESS,
    isUp: true,
    isFor: ({ url }) => url.startsWith(ADDRESS),
    async answer({ url, signal }) {
      await delay(clock, latencyMs, signal);
      const { status, headers, body } = await tokenAnswer(issuer, endpoint.isUp, new URL(url).searchParams);
      signal.throwIfAborted();
      return new Response(body, { status, headers });
    },
    async close() {
      issuer.dispose();
    },
  };
  return endpoint;
}

/** Waits. Rejects as `fetch` does if the request is aborted meanwhile. */
function delay(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clock.clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
