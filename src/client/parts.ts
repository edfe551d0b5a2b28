import { part } from '../async/part.js';

/**
 * The parts of a client that are loaded on first use. The token sources are not among them: loading a source would
 * delay the first token by a round trip.
 */
export const parts = {
  link: part(() => import('../connection/link/connection-link.js')),
  oneOffOperations: part(() => import('./one-off-operations.js')),
  requirements: part(() => import('./requirements.js')),
  rest: part(() => import('./service.js')),
  inspection: part(() => import('./inspection.js')),
  decisionLog: part(() => import('./decision-log.js')),
  troubles: part(() => import('./troubles.js')),
  signing: part(() => import('./key-signer.js')),
};
