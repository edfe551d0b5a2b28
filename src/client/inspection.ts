/** What shows a client to its inspector. Most clients have none. */
export { inspector } from '../inspection/inspector.js';
