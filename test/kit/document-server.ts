import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { type Configuration, type Document, Server } from '@hocuspocus/server';
import { WebSocket } from 'ws';

/** A real Hocuspocus server on a free port, and its clients. */
export class DocumentServer {
  readonly server: Server;
  readonly #clients: { destroy(): void }[] = [];

  private constructor(server: Server) {
    this.server = server;
  }

  static async listen(hooks: Partial<Configuration>): Promise<DocumentServer> {
    const server = new Server({
      ...hooks,
      ...{ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false },
    });
    await server.listen();
    return new DocumentServer(server);
  }

  /** A websocket for several documents. It connects when the first one is attached. */
  socket(): HocuspocusProviderWebsocket {
    const url = `ws://127.0.0.1:${this.server.address.port}`;
    const quick = { delay: 10, minDelay: 10, maxDelay: 10 };
    const socket = new HocuspocusProviderWebsocket({
      url,
      autoConnect: false,
      WebSocketPolyfill: WebSocket,
      ...quick,
    });
    this.#clients.push(socket);
    return socket;
  }

  /** A document on a websocket. */
  document(name: string, websocketProvider = this.socket()): HocuspocusProvider {
    const provider = new HocuspocusProvider({ name, websocketProvider });
    this.#clients.unshift(provider);
    return provider;
  }

  /** The server's copy of a document. */
  copyOf(name: string): Document | undefined {
    return this.server.hocuspocus.documents.get(name);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.server.destroy();
  }
}
