import { checkFloor } from '../stack/floor.js';

/** The parts of a `HocuspocusProviderWebsocket` that are used. */
export interface HocuspocusWebsocket {
  readonly status: string;
  /** Whether the websocket connects again by itself. */
  readonly shouldConnect: boolean;
  readonly configuration: {
    readonly delay?: number;
    /** The documents that are attached. */
    readonly providerMap: { delete(name: string): unknown };
  };
  /** Opens the websocket. */
  connect(): unknown;
  /** Closes the websocket. */
  disconnect(): unknown;
  /** Listens to an event. */
  on(event: string, listener: (given: unknown) => void): unknown;
  /** Removes a listener. */
  off(event: string, listener: (given: unknown) => void): unknown;
}

/** The parts of a `HocuspocusProvider` that are used: it is one document on a websocket. */
export interface HocuspocusDocument {
  readonly configuration: {
    readonly name: string;
    token: unknown;
    readonly websocketProvider: HocuspocusWebsocket;
  };
  /** The name of the document on its websocket. Releases before 4 have none: there it is the name of the document. */
  readonly effectiveName?: string;
  readonly isAuthenticated: boolean;
  readonly isAttached: boolean;
  /** Whether the provider made its websocket, and ends it. */
  readonly manageSocket: boolean;
  /** Opens the document on its websocket. */
  attach(): void;
  /** Closes the document; the websocket stays. */
  detach(): void;
  /** Sends the token of the configuration. */
  sendToken(): Promise<unknown>;
  /** Synchronizes the document. */
  startSync(): void;
  /** Listens to an event. */
  on(event: string, listener: (given: unknown) => void): unknown;
  /** Removes a listener. */
  off(event: string, listener: (given: unknown) => void): unknown;
}

/** @throws {ErrorInfo} 40003: not a provider of @hocuspocus/provider, or of a release that is too old */
export const checkProvider = <Provider extends HocuspocusDocument>(provider: Provider): Provider =>
  checkFloor(provider, {
    name: 'provider',
    wanted: 'a HocuspocusProvider of @hocuspocus/provider 3.3.1 or newer',
    isOfLibrary: ({ configuration, on }) => typeof configuration === 'object' && typeof on === 'function',
    // The first release with them is 3.3.1.
    members: [
      ['sendToken', 'function'],
      ['startSync', 'function'],
      ['attach', 'function'],
      ['detach', 'function'],
      ['isAttached', 'boolean'],
      ['configuration.websocketProvider.connect', 'function'],
      ['configuration.websocketProvider.disconnect', 'function'],
    ],
  });
