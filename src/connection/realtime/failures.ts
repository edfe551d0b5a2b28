import { fullRedaction } from '../../errors/full-redaction.js';
import { useRedaction } from '../../errors/redaction.js';

export { isReachable } from './connectivity.js';
export { Recovery } from './recovery.js';

useRedaction(fullRedaction());
