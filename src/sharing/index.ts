/**
 * One token for many clients: a store of your own that they share.
 *
 * @module latchkey/sharing
 */

export type {
  SharedToken,
  SharingMember,
  SharingMembership,
  SharingPort,
  SharingRequest,
  SharingStep,
  StoredValue,
  StoreWrite,
  TokenSharing,
} from './port.js';
export { type SharingOptions, shareTokens } from './token-sharing.js';
