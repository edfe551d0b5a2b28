import { parts } from '../../src/client/parts.js';
import { inspectorPart } from '../../src/inspection/late-inspector.js';

// In virtual time nothing may wait for the disk: what is loaded on first use is there from the beginning.
await Promise.all([inspectorPart, ...Object.values(parts)].map((part) => part.load()));
