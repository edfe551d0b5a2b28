import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A source of tokens for processes. It counts its calls. */
export class TokenSource {
  readonly #server: Server;
  readonly #held: (() => void)[] = [];
  calls = 0;
  /** How long its tokens live. */
  lifeMs: number;
  /** How long an answer takes, ms; Infinity: it waits for {@link answerAll}. */
  delayMs = 0;
  /** Is called with the process id of each caller. */
  onCall: (pid: number) => void = () => {};

  private constructor(lifeMs: number) {
    this.lifeMs = lifeMs;
    this.#server = createServer(({ url }, response) => {
      this.calls += 1;
      const answer = this.#answerFor(response, this.calls);
      if (this.delayMs === Number.POSITIVE_INFINITY) this.#held.push(answer);
      else setTimeout(answer, this.delayMs);
      this.onCall(Number(new URL(url ?? '', 'http://localhost').searchParams.get('pid')));
    });
  }

  /** @param lifeMs how long its tokens live */
  static async listen(lifeMs: number): Promise<TokenSource> {
    const source = new TokenSource(lifeMs);
    source.#server.listen(0, '127.0.0.1');
    await once(source.#server, 'listening');
    return source;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** The process id of the next caller. */
  nextCaller(): Promise<number> {
    return new Promise((resolve) => {
      this.onCall = (pid) => {
        this.onCall = () => {};
        resolve(pid);
      };
    });
  }

  answerAll(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  dispose(): void {
    this.#server.close().closeAllConnections();
  }

  #answerFor(response: ServerResponse, call: number): () => void {
    return () => {
      const issued = Date.now();
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ token: `token ${call}`, issued, expires: issued + this.lifeMs }));
    };
  }
}
