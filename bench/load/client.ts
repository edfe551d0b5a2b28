import { Agent, request } from 'node:http';
import WebSocket from 'ws';

const CONNECTED = 4;
const AUTH = 17;

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** The address of the sandbox, and the key that issues tokens there. */
export interface Place {
  readonly port: number;
  readonly keyName: string;
  readonly keyStr: string;
}

/** A connection that requests a new token whenever the server asks for one, as an SDK does. */
export class LoadClient {
  readonly #place: Place;
  readonly #clientId: string;
  #socket: WebSocket | undefined;
  #heard: () => void = () => {};

  constructor(place: Place, clientId: string) {
    this.#place = place;
    this.#clientId = clientId;
  }

  /** Resolves when the connection is connected. */
  async connect(): Promise<void> {
    const connected = this.nextConnected();
    const query = new URLSearchParams({ accessToken: await this.#token(), heartbeats: 'false', v: '6' });
    const socket = new WebSocket(`ws://127.0.0.1:${this.#place.port}/?${query}`);
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString())));
    socket.on('error', (error) => {
      throw error;
    });
    await connected;
  }

  /** Resolves at the next CONNECTED, which answers a new token. */
  nextConnected(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
    });
  }

  close(): void {
    this.#socket?.terminate();
  }

  #receive({ action }: { readonly action: number }): void {
    if (action === CONNECTED) this.#heard();
    if (action === AUTH) {
      this.#token().then((accessToken) =>
        this.#socket?.send(JSON.stringify({ action: AUTH, auth: { accessToken } })),
      );
    }
  }

  #token(): Promise<string> {
    const { port, keyName, keyStr } = this.#place;
    const body = JSON.stringify({ keyName, timestamp: Date.now(), clientId: this.#clientId });
    return new Promise((resolve, reject) => {
      const path = `/keys/${keyName}/requestToken`;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      request({ host: '127.0.0.1', port, path, method: 'POST', headers, auth: keyStr, agent }, (response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          if (response.statusCode === 201) resolve(JSON.parse(text).token);
          else reject(new Error(`no token: ${response.statusCode} ${text}`));
        });
      })
        .on('error', reject)
        .end(body);
    });
  }
}
