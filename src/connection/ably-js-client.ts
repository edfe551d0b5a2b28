import type { AblyAuthCallback } from './ably-js-tokens.js';
import type { ConnectionState } from './port.js';

/** What is used of the official SDK's `Realtime` client. */
export interface AblyRealtime {
  readonly auth: {
    readonly clientId?: string | null;
    /** The token it connects with. Without one it asks its `authCallback`. */
    tokenDetails?: unknown;
    /** Takes another token in place. */
    authorize(tokenParams: undefined, authOptions: { authCallback: AblyAuthCallback }): Promise<unknown>;
  };
  readonly connection: {
    readonly state: ConnectionState;
    /** Why it is not connected: the `reason` of the last change that had one, told or not. */
    readonly errorReason?: unknown;
    /** Connects, where it is not connected. */
    connect(): void;
    /** Ends the connection. */
    close(): void;
    /** Calls `listener` at each change of state. */
    on(listener: (change: AblyStateChange) => void): void;
    /** Calls `listener` no more. */
    off(listener: (change: AblyStateChange) => void): void;
  };
}

/** What is used of a change the SDK tells. */
export interface AblyStateChange {
  readonly previous: ConnectionState;
  readonly current: ConnectionState;
  readonly reason?: unknown;
}

/** States that a change tells of, with the reason. */
export const isOver = (state: ConnectionState): boolean => ['suspended', 'closed', 'failed'].includes(state);

/** States without a connection that could be closed. */
export const isAtRest = (state: ConnectionState): boolean =>
  ['initialized', 'closed', 'failed'].includes(state);
