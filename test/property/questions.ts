import type { AuthCallback, TokenDetails } from '../../src/index.js';
import { MARK } from './secret-search.js';

/** A request to a source, or a request for a token to Ably. */
export interface Question {
  readonly signal: AbortSignal;
  /** Whether requestToken() made it, which is not an acquisition. */
  readonly isOwn: boolean;
  /** Whether it belongs to a call of authorize(); undefined if that is unknown. */
  readonly isCalledFor: boolean | undefined;
  /** The source, and the number of the arguments. */
  readonly terms: string;
  isOver: boolean;
  answer(value: unknown): void;
  fail(failure: SourceFailure): void;
}

export interface SourceFailure {
  readonly code: number;
  readonly status: number;
  readonly retryAfterMs?: number;
}

/** Receives the requests, and what they are about. */
export interface QuestionListener {
  asked(question: Question): void;
  secret(text: string): void;
  isCallingAuthorize(): boolean;
  /** A request that is not for a token: `respond` ends it. */
  requested(respond: (response: Response) => void): void;
}

/** An application's callbacks and Ably's REST API, answered by the test. */
export class Questions {
  readonly all: Question[] = [];
  readonly #listener: QuestionListener;
  readonly #serverNow: () => number;
  #nonces = 0;

  constructor(listener: QuestionListener, serverNow: () => number) {
    this.#listener = listener;
    this.#serverNow = serverNow;
  }

  /** The requests that a caller waits for. */
  get live(): Question[] {
    return this.all.filter(({ isOver, signal }) => !isOver && !signal.aborted);
  }

  /** The oldest unanswered request that no caller waits for any more. */
  get stale(): Question | undefined {
    return this.all.find(({ isOver, signal }) => !isOver && signal.aborted);
  }

  callback(means: string, gives: 'tokens' | 'requests'): AuthCallback {
    return (params, { signal }) => {
      const capability = String(params.capability ?? '');
      // An application may change what it receives, without an effect on the client.
      Object.assign(params, { capability: 'changed by the callback', clientId: 'changed by the callback' });
      if (gives === 'requests') return this.#request(capability);
      return new Promise<TokenDetails>((resolve, reject) => {
        this.#ask(means, capability, signal, {
          answer: (value) => resolve(value as TokenDetails),
          fail: ({ code, status, retryAfterMs }) =>
            reject({ code, statusCode: status, message: SECRET_MESSAGE, retryAfterMs }),
        });
      });
    };
  }

  readonly fetch: typeof fetch = (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const url = new URL(request?.url ?? String(input));
    if (url.href.includes(MARK)) throw new Error('a secret in an address');
    if (url.pathname === '/time') return Promise.resolve(Response.json([this.#serverNow()]));
    return new Promise((resolve, reject) => {
      const signal = (init?.signal ?? request?.signal) as AbortSignal;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (url.pathname.endsWith('/requestToken')) this.#exchange(String(init?.body), signal, resolve);
      else this.#listener.requested(resolve);
    });
  };

  #exchange(body: string, signal: AbortSignal, resolve: (response: Response) => void): void {
    const { nonce, mac, capability } = JSON.parse(body) as Record<string, string>;
    this.#listener.secret(String(nonce));
    this.#listener.secret(String(mac));
    this.#ask('key', String(capability ?? ''), signal, {
      answer: (value) => resolve(Response.json(value)),
      fail: (failure) => resolve(errorResponse(failure)),
    });
  }

  #ask(
    means: string,
    capability: string,
    signal: AbortSignal,
    ends: Pick<Question, 'answer' | 'fail'>,
  ): void {
    const question: Question = {
      signal,
      isOwn: capability.includes('own'),
      isCalledFor: means === 'key' ? undefined : this.#listener.isCallingAuthorize(),
      terms: `${means} ${/terms-(\d)/.exec(capability)?.[1] ?? 0}`,
      isOver: false,
      answer: (value) => {
        question.isOver = true;
        ends.answer(value);
      },
      fail: (failure) => {
        question.isOver = true;
        ends.fail(failure);
      },
    };
    this.all.push(question);
    this.#listener.asked(question);
  }

  /** Signed as by a backend. The client cannot check the signature. */
  #request(capability: string) {
    this.#nonces += 1;
    return {
      keyName: 'app.key',
      timestamp: this.#serverNow(),
      nonce: `${MARK}-nonce-${this.#nonces}-0123456789`,
      mac: `${MARK}-mac-${this.#nonces}-0123456789`,
      ...(capability === '' ? {} : { capability }),
    };
  }
}

/** Servers send such messages. */
const SECRET_MESSAGE = `no such token: ${MARK}-0123456789-abcdefghij`;

export function errorResponse({ code, status, retryAfterMs }: SourceFailure): Response {
  const body = { error: { code, statusCode: status, message: SECRET_MESSAGE } };
  const headers: HeadersInit =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
  return Response.json(body, { status, headers });
}
