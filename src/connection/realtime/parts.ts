import { failures } from '#websocket';
import { part } from '../../async/part.js';

/** The parts of a connection that are loaded on first use. */
export const connectionParts = {
  inspection: part(() => import('../../inspection/inspector.js')),
  failures: part(() => import('./failures.js'), failures),
  pings: part(() => import('./pings.js')),
  trouble: part(() => import('../connection-trouble.js')),
};
