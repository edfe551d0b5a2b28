import { loadLateParts } from '../../bench/simulate/late-parts.js';

await loadLateParts();
