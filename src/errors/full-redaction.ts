import { secretsIn, secretsOf } from '../redaction/sent-secrets.js';
import { redactKnown, redactText } from '../redaction/text.js';
import { safeCause } from './cause.js';
import { causeInWords, copyOf, copyOfAny, inspected } from './copies.js';
import { faultText } from './fault-text.js';
import { errorOfServer } from './received-error.js';

const makeAll = () => ({
  redactKnown,
  redactText,
  safeCause,
  causeInWords,
  copyOf,
  copyOfAny,
  errorOfServer,
  inspected,
  faultText,
  secretsIn,
  secretsOf,
});

export type FullRedaction = ReturnType<typeof makeAll>;

let all: FullRedaction | undefined;

/** All that shows what others wrote. A function, because modules that import one another load in any order. */
export function fullRedaction(): FullRedaction {
  all ??= makeAll();
  return all;
}
