import { textIn } from '../../redaction/received.js';
import type { SecretStore } from '../../redaction/secret-store.js';
import { LONGEST_NAME } from './protocol.js';

/** The option `recover`. */
export interface RecoveryOption {
  /** Absent: nothing is to be recovered. */
  readonly recover?: string | null | undefined;
  /** The key of the connection in it. Absent: there is none, or it is unusable. */
  readonly connectionKey?: string;
}

/**
 * What the first transport needs of the option. The rest is read when the code for it is loaded.
 *
 * @param secrets gets the key
 * @see RTN16f1, RTN16k
 */
export function recoveryIn(recover: string | null | undefined, secrets: SecretStore): RecoveryOption {
  try {
    const connectionKey = textIn(JSON.parse(String(recover)), 'connectionKey');
    if (connectionKey && connectionKey.length <= LONGEST_NAME) {
      secrets.note('request', connectionKey);
      return { recover, connectionKey };
    }
  } catch {}
  return { recover };
}
