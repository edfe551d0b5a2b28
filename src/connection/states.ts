import type { ConnectionState } from './port.js';

/** All states. */
export const CONNECTION_STATES = Object.keys({
  initialized: true,
  connecting: true,
  connected: true,
  disconnected: true,
  suspended: true,
  closing: true,
  closed: true,
  failed: true,
} satisfies Record<ConnectionState, true>) as ConnectionState[];
