import { type Part, part } from '../async/part.js';
import { failures } from '../sources/late-failures.js';

/** A part that shows the words of others; it works without the code for them. */
const withFailures = <T>(importIt: () => Promise<T>): Part<T> =>
  part(async () => (await Promise.all([importIt(), failures.load().catch(() => {})]))[0]);

/**
 * The parts of a client that are loaded on first use. The token sources are not among them: loading a source would
 * delay the first token by a round trip.
 */
export const parts = {
  failures,
  link: withFailures(() => import('../connection/link/connection-link.js')),
  oneOffOperations: withFailures(() => import('./one-off-operations.js')),
  sharing: withFailures(() => import('./shared-source.js')),
  requirements: withFailures(() => import('./requirements.js')),
  rest: withFailures(() => import('./service.js')),
  inspection: part(() => import('./inspection.js')),
  decisionLog: part(() => import('./decision-log.js')),
  troubles: part(() => import('./troubles.js')),
  signing: withFailures(() => import('./key-signer.js')),
};
