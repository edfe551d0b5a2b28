export { fullRedaction } from './full-redaction.js';
