import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How long the source takes to answer, ms. */
const ANSWER_MS = 50;

/** A server that gives tokens with a rising number, and counts. */
export class CountingSource {
  readonly url: string;
  calls = 0;
  /** Called with the member that asks, before it is answered. false: it is not answered. */
  onCall: ((member: string) => boolean) | undefined;
  readonly #close: () => void;

  private constructor(url: string, close: () => void) {
    this.url = url;
    this.#close = close;
  }

  static async start(lifeMs: number): Promise<CountingSource> {
    const server = createServer((request, response) => {
      const member = String(request.headers['x-member']);
      source.calls += 1;
      const token = `token ${source.calls}`;
      if (source.onCall?.(member) === false) return;
      setTimeout(() => answer(response, token, lifeMs), ANSWER_MS);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const source = new CountingSource(`http://127.0.0.1:${port}/token`, () => {
      server.close();
      server.closeAllConnections();
    });
    return source;
  }

  close(): void {
    this.#close();
  }
}

function answer(response: ServerResponse, token: string, lifeMs: number): void {
  const issued = Date.now();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ token, issued, expires: issued + lifeMs }));
}

/** The number of a token: a later one has a higher number. */
export const numberOf = (token: string): number => Number(token.replace('token ', ''));
