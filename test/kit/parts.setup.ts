import { parts } from '../../src/client/parts.js';
import { connectionParts } from '../../src/connection/realtime/parts.js';
import { sharedTokens } from '../../src/sharing/token-sharing.js';

// In virtual time nothing may wait for the disk, so the parts that are loaded on first use are loaded here.
const all = [...Object.values(connectionParts), ...Object.values(parts), sharedTokens];
await Promise.all(all.map((part) => part.load()));
