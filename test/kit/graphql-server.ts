import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import type { ContractServer } from '../../src/testing/connection-contract.js';

// Vite would load another copy than `graphql-ws` does.
const { buildSchema }: typeof import('graphql') = createRequire(import.meta.url)('graphql');

type Verdict = 'accept' | ErrorInfo;

/** The real server of `graphql-ws`. A test decides what it answers to tokens. */
export class GraphqlServer implements ContractServer {
  readonly tokens: string[] = [];
  /** What happened so far. */
  traffic = 0;
  /** The clientId that it acknowledges. */
  clientId = 'ada';
  /** With which code it closes a connection whose token it refuses as expired. */
  refusalCode = 4403;
  readonly #sockets: WebSocketServer;
  readonly #dispose: () => Promise<void> | void;
  readonly #listeners: ((news: number) => void)[] = [];
  #isAway = false;
  #verdict: Verdict | 'hold' = 'accept';
  #unanswered: ((verdict: Verdict) => void)[] = [];

  private constructor(sockets: WebSocketServer) {
    this.#sockets = sockets;
    const schema = buildSchema('type Query { a: Int } type Subscription { news: Int }');
    const rootValue = {
      news: async function* (this: void) {
        for (;;) yield { news: await new Promise<number>((resolve) => listeners.push(resolve)) };
      },
    };
    const listeners = this.#listeners;
    sockets.on('connection', (socket) => {
      this.traffic += 1;
      if (this.#isAway) socket.terminate();
      socket.on('close', () => {
        this.traffic += 1;
      });
    });
    const { dispose } = useServer<{ token?: string }, { socket: WebSocket }>(
      {
        schema,
        roots: { subscription: rootValue },
        onConnect: ({ connectionParams, extra }) =>
          this.#receive(String(connectionParams?.token), extra.socket),
        onSubscribe: () => {
          this.traffic += 1;
        },
      },
      sockets,
    );
    this.#dispose = dispose;
  }

  static async listen(): Promise<GraphqlServer> {
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => sockets.once('listening', resolve));
    return new GraphqlServer(sockets);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}`;
  }

  /** How many clients are connected. */
  get clients(): number {
    return this.#sockets.clients.size;
  }

  accept(): void {
    this.#verdict = 'accept';
  }

  refuse(error: ErrorInfo): void {
    this.#verdict = error;
  }

  hold(): void {
    this.#verdict = 'hold';
  }

  answer(verdict: Verdict): void {
    this.#unanswered.shift()?.(verdict);
  }

  drop(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  leave(): void {
    this.#isAway = true;
    this.drop();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  publish(): void {
    this.traffic += 1;
    for (const tell of this.#listeners.splice(0)) tell(1);
  }

  expire(): void {
    this.end(this.refusalCode, '40142 the token expired');
  }

  /** Closes every connection. */
  end(code: number, reason: string): void {
    for (const socket of this.#sockets.clients) socket.close(code, reason);
  }

  async close(): Promise<void> {
    this.drop();
    await this.#dispose();
    await new Promise((resolve) => this.#sockets.close(resolve));
  }

  #receive(token: string, socket: WebSocket): Promise<boolean | Record<string, unknown>> {
    this.traffic += 1;
    this.tokens.push(token.replace('token of ', ''));
    return new Promise((resolve) => {
      const answer = (verdict: Verdict) => {
        this.traffic += 1;
        if (verdict === 'accept') resolve({ clientId: this.clientId });
        else {
          socket.close(this.refusalCode, `${verdict.code} ${verdict.message}`);
          resolve(true);
        }
      };
      if (this.#verdict === 'hold') this.#unanswered.push(answer);
      else answer(this.#verdict);
    });
  }
}
