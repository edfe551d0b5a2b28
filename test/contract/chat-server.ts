import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ErrorInfo } from '../../src/errors/error-info.js';
import type { ContractServer } from '../../src/testing/connection-contract.js';

/** The server for the minimal adapter of docs/connections.md, controlled by the test. */
export class ChatServer implements ContractServer {
  readonly tokens: string[] = [];
  /** The number of frames in both directions. */
  traffic = 0;
  /** Whether it disconnects a client that sends a token. */
  drops = false;
  readonly #server: WebSocketServer;
  #verdict: 'accept' | 'silence' | ErrorInfo = 'accept';
  #unanswered: WebSocket[] = [];

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.traffic += 1;
      socket.on('close', () => {
        this.traffic += 1;
        this.#unanswered = this.#unanswered.filter((one) => one !== socket);
      });
      socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data)).token));
    });
  }

  static async listen(): Promise<ChatServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new ChatServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Whether a token waits for an answer. */
  get isAsked(): boolean {
    return this.#unanswered.length > 0;
  }

  accept(): void {
    this.#verdict = 'accept';
  }

  refuse(error: ErrorInfo): void {
    this.#verdict = error;
  }

  hold(): void {
    this.#verdict = 'silence';
  }

  answer(verdict: 'accept' | ErrorInfo): void {
    const socket = this.#unanswered.shift();
    if (socket !== undefined) this.#say(socket, verdict);
  }

  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(socket: WebSocket, token: string): void {
    this.traffic += 1;
    this.tokens.push(token.replace('token of ', ''));
    if (this.drops) socket.terminate();
    else if (this.#verdict === 'silence') this.#unanswered.push(socket);
    else this.#say(socket, this.#verdict);
  }

  #say(socket: WebSocket, verdict: 'accept' | ErrorInfo): void {
    this.traffic += 1;
    if (verdict === 'accept') {
      socket.send(JSON.stringify({ clientId: 'ada' }));
      return;
    }
    const { code, statusCode, message } = verdict;
    socket.send(JSON.stringify({ error: { code, statusCode, message } }));
  }
}
