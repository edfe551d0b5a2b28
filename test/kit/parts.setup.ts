import { parts } from '../../src/client/parts.js';
import { connectionParts } from '../../src/connection/realtime/parts.js';

// In virtual time nothing may wait for the disk, so the parts that are loaded on first use are loaded here.
await Promise.all([...Object.values(connectionParts), ...Object.values(parts)].map((part) => part.load()));
