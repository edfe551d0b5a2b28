import { parts } from '../../src/client/parts.js';
import { connectionParts } from '../../src/connection/realtime/parts.js';

// In virtual time nothing may wait for the disk: what is loaded on first use is there from the beginning.
await Promise.all([...Object.values(connectionParts), ...Object.values(parts)].map((part) => part.load()));
