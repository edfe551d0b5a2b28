import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import type { ContractServer } from '../../src/testing/connection-contract.js';

type Verdict = 'accept' | ErrorInfo;

/** A `ws` server that answers each token by its number. A test decides what it answers. */
export class TokenServer implements ContractServer {
  readonly tokens: string[] = [];
  /** The number of frames in both directions. */
  traffic = 0;
  readonly #server: WebSocketServer;
  #isAway = false;
  #verdict: Verdict | 'hold' = 'accept';
  #unanswered: ((verdict: Verdict) => void)[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.traffic += 1;
      if (this.#isAway) socket.terminate();
      socket.on('close', () => {
        this.traffic += 1;
      });
      socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data))));
    });
  }

  static async listen(): Promise<TokenServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new TokenServer(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
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
    for (const socket of this.#server.clients) socket.terminate();
  }

  leave(): void {
    this.#isAway = true;
    this.drop();
  }

  comeBack(): void {
    this.#isAway = false;
  }

  publish(): void {
    this.#tell({ news: true });
  }

  ask(): void {
    this.#tell({ ask: true });
  }

  expire(): void {
    this.#tell({ error: { code: 40142, statusCode: 401, message: 'the token expired' } });
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #tell(message: object): void {
    for (const socket of this.#server.clients) this.#send(socket, message);
  }

  #send(socket: WebSocket, message: object): void {
    this.traffic += 1;
    socket.send(JSON.stringify(message));
  }

  #receive(socket: WebSocket, { id, token }: { id: number; token: string }): void {
    this.traffic += 1;
    this.tokens.push(token.replace('token of ', ''));
    const answer = (verdict: Verdict) => {
      if (verdict === 'accept') this.#send(socket, { id, clientId: 'ada' });
      else {
        const { code, statusCode, message } = verdict;
        this.#send(socket, { id, error: { code, statusCode, message } });
      }
    };
    if (this.#verdict === 'hold') this.#unanswered.push(answer);
    else answer(this.#verdict);
  }
}
