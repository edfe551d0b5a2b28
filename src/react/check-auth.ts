import type { Auth } from '../auth.js';
import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import { fieldOf } from '../redaction/received.js';

/**
 * A client, of this copy of the package or of another.
 * @throws {ErrorInfo} 40003 for anything else
 */
export function checkAuth(name: string, given: unknown): Auth {
  const isClient = ['getToken', 'on', 'dispose'].every(
    (method) => typeof fieldOf(given, method) === 'function',
  );
  if (isClient) return given as Auth;
  throw invalidOption(name, 'an Auth', given);
}

/** Checks that there is one of the two. @throws {ErrorInfo} 40106 without both, 40003 for any other mistake */
export function checkProps({ auth, create }: { readonly auth?: unknown; readonly create?: unknown }): void {
  if (auth === undefined && create === undefined) {
    throw new ErrorInfo({
      code: 40106,
      message: 'this AuthProvider has neither auth nor create',
      remediation: 'Pass it a client as auth, or a function that makes one as create.',
    });
  }
  if (auth !== undefined && create !== undefined) {
    throw new ErrorInfo({
      code: 40003,
      message: 'this AuthProvider has both auth and create',
      remediation: 'Pass it a client as auth, or a function that makes one as create, but not both.',
    });
  }
  if (create === undefined) checkAuth('auth', auth);
  else if (typeof create !== 'function')
    throw invalidOption('create', 'a function that makes an Auth', create);
}
