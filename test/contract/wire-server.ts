import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WireError } from '../kit/connection-server.js';

type Verdict = 'accept' | 'silence' | WireError;

/** A server of Ably's protocol on a real socket, as far as tokens need it, controlled by the test. */
export class WireServer {
  readonly tokens: string[] = [];
  verdict: Verdict = 'accept';
  /** The number of frames in both directions. */
  traffic = 0;
  readonly #server: WebSocketServer;
  #unanswered: WebSocket[] = [];
  #last: WebSocket | undefined;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket, { url = '' }) => {
      this.#last = socket;
      socket.on('message', (data) => this.#receive(socket, JSON.parse(String(data))));
      socket.on('close', () => {
        this.traffic += 1;
        this.#unanswered = this.#unanswered.filter((one) => one !== socket);
      });
      this.#judge(socket, new URL(url, 'ws://server').searchParams.get('access_token') ?? '');
    });
  }

  static async listen(): Promise<WireServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new WireServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers the oldest token without an answer. */
  answer(verdict: 'accept' | WireError): void {
    const socket = this.#unanswered.shift();
    if (socket !== undefined) this.#say(socket, verdict);
  }

  send(message: object): void {
    this.#send(this.#last, message);
  }

  /** Disconnects the client, as a service does when its token expired. */
  disconnect(error: WireError): void {
    this.send({ action: 6, error });
    this.#last?.close();
  }

  drop(): void {
    this.#last?.terminate();
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(socket: WebSocket, message: { action: number; auth?: { accessToken: string } }): void {
    this.traffic += 1;
    if (message.action === 17) this.#judge(socket, message.auth?.accessToken ?? '');
    if (message.action === 7) {
      this.#send(socket, { action: 8 });
      socket.close();
    }
  }

  #judge(socket: WebSocket, token: string): void {
    this.traffic += 1;
    this.tokens.push(token);
    if (this.verdict === 'silence') this.#unanswered.push(socket);
    else this.#say(socket, this.verdict);
  }

  #say(socket: WebSocket, verdict: 'accept' | WireError): void {
    if (verdict !== 'accept') {
      this.#send(socket, { action: 9, error: verdict });
      socket.close();
      return;
    }
    const connectionDetails = { clientId: 'ada', connectionKey: 'connection-1!key', maxIdleInterval: 15_000 };
    this.#send(socket, { action: 4, connectionId: 'connection-1', connectionDetails });
  }

  #send(socket: WebSocket | undefined, message: object): void {
    this.traffic += 1;
    socket?.send(JSON.stringify(message));
  }
}
