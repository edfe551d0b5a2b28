'use client';

/**
 * Hooks for React 18 and newer.
 *
 * @module latchkey/react
 */

export { AuthProvider, type AuthProviderProps } from './auth-provider.js';
export { useAuth } from './use-auth.js';
export { useAuthState } from './use-auth-state.js';
export { useClientId } from './use-client-id.js';
export { useConnection } from './use-connection.js';
export { useConnectionState } from './use-connection-state.js';
export { useToken } from './use-token.js';
