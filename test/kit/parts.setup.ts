import { parts } from '../../src/client/parts.js';
import { inspectorPart } from '../../src/inspection/late-inspector.js';

// In virtual time nothing may wait for the disk, so the parts that are loaded on first use are loaded here.
await Promise.all([inspectorPart, ...Object.values(parts)].map((part) => part.load()));
