/** Shows a client to its inspector. Most clients have no inspector. */
export { inspector } from '../inspection/inspector.js';
